"""The gates a message may have to pass before anything follows from it. Pure checks, named by routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub.canonical import Order, OrderLine, Purpose
from hub.contracts.partner import Partner
from hub.errors import Held
from hub.orders.derive import Known

__all__ = ["GATES"]


def known_ship_to(known: Known) -> Held | None:
    """The order goes to a place in the partner's profile, found by the code the buyer assigned; never by name."""
    order = known.message
    if not isinstance(order, Order):
        return None
    code = order.ship_to.buyer_assigned_id if order.ship_to else None
    if code and code in known.partner.ship_to:
        return None
    near = ", ".join(sorted(known.partner.ship_to)[:10]) or "none"
    return Held(
        f"Ship-to {code or '(none)'} of order {order.id} is not known for {known.partner.name}; known: {near}.",
        fix=f'Add [ship_to."{code}"] to partners/{known.partner.id}.toml or correct the order, then replay it.',
        gate="known_ship_to",
    )


def price_within_tolerance(known: Known) -> Held | None:
    """Every line's price equals the partner's price list within the tolerance of the profile."""
    order = known.message
    if not isinstance(order, Order) or not known.partner.prices:
        return None
    faults = [fault for line in order.lines if (fault := _price_fault(line, known.partner))]
    if not faults:
        return None
    return Held(
        f"Order {order.id}: " + "; ".join(faults),
        fix=f"Agree on the price with {known.partner.name}; correct the price list or the order, then replay it.",
        gate="price_within_tolerance",
    )


def original_order(known: Known) -> Held | None:
    """The order is a new one; changes and cancellations are for a person."""
    order = known.message
    if not isinstance(order, Order) or order.purpose in {Purpose.ORIGINAL, Purpose.CONFIRMATION}:
        return None
    return Held(
        f"Order {order.id} says {order.purpose}, and this route takes new orders only.",
        fix="Change the order in the ERP by hand, then close this message with the reason.",
        gate="original_order",
    )


def nothing_negative(known: Known) -> Held | None:
    """Quantities and prices are not below zero: what comes back is no purchase order."""
    order = known.message
    if not isinstance(order, Order):
        return None
    faults = [
        f"line {line.line_id} orders {line.quantity.value} {line.quantity.uom}"
        + (f" at {line.price.amount}" if line.price else "")
        for line in order.lines
        if line.quantity.value < 0 or (line.price and line.price.amount < 0)
    ]
    if not faults:
        return None
    return Held(
        f"Order {order.id}: " + "; ".join(faults) + ".",
        fix=f"Ask {known.partner.name} what is meant; correct the order and replay it, or close it.",
        gate="nothing_negative",
    )


def _price_fault(line: OrderLine, partner: Partner) -> str:
    sku = line.item.seller_item_id
    listed = partner.prices.get(sku or "")
    if listed is None:
        return f"line {line.line_id} orders {sku or 'an item without our number'}, which has no price in the list"
    if line.price is None:
        return f"line {line.line_id} ({sku}) has no price; the list says {listed}"
    apart = abs(line.price.amount - listed)
    if not apart or apart <= listed * partner.price_tolerance_percent / 100:
        return ""
    return f"line {line.line_id} ({sku}) is ordered at {line.price.amount}, the list says {listed}"


GATES: Mapping[str, Callable[[Known], Held | None]] = {
    "known_ship_to": known_ship_to,
    "nothing_negative": nothing_negative,
    "original_order": original_order,
    "price_within_tolerance": price_within_tolerance,
}
"""What `hub.contracts.route.Gate.check` may name."""
