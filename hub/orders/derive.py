"""Messages that follow from others: the answer to an order, the ship notice of a shipment, its invoice.

Pure: everything that is needed comes in `Known`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple, TypeVar

from hub.canonical import (
    AllowanceCharge,
    Canonical,
    Invoice,
    InvoiceLine,
    LineStatus,
    Money,
    Order,
    OrderRelease,
    OrderReleaseLine,
    OrderResponse,
    OrderResponseLine,
    Party,
    Quantity,
    ResponseStatus,
    ShipmentConfirmation,
    ShipNotice,
    ShipNoticeLine,
    ShipNoticePackage,
    TaxQuote,
)
from hub.contracts.partner import Entity, Partner
from hub.errors import Broken, Held
from hub.orders.state import OrderState

__all__ = ["MAKERS", "Known", "cents", "draft_invoice", "release_id", "ship_to", "taxed"]

M = TypeVar("M", bound=Canonical)

FREIGHT = "D240"
"""X12 element 1300: Freight."""


class Known(NamedTuple):
    """What a maker may use: the message that started the route, the order after it, who we and the partner are."""

    message: Canonical
    state: OrderState
    partner: Partner
    entity: Entity
    now: datetime


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to two places, as invoices are."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def order_response(known: Known) -> OrderResponse:
    """Every line as ordered: what the gates let through is accepted."""
    order = _as(Order, known.message)
    return OrderResponse(
        order_id=order.id,
        order_date=order.issue_date,
        issue_date=known.now.date(),
        currency=order.currency,
        status=ResponseStatus.ACCEPTED,
        seller_order_id=release_id(known.partner.id, order.id),
        ship_to=order.ship_to,
        lines=tuple(
            OrderResponseLine(
                line_id=line.line_id,
                item=line.item,
                quantity=line.quantity,
                price=line.price,
                status=LineStatus.ACCEPTED,
                confirmed_quantity=line.quantity,
                scheduled_ship_date=order.requested_ship_date or order.requested_delivery_date,
            )
            for line in order.lines
        ),
    )


def order_release(known: Known) -> OrderRelease:
    """What the site is told to pick."""
    order = _as(Order, known.message)
    return OrderRelease(
        id=release_id(known.partner.id, order.id),
        order_id=order.id,
        site=known.entity.site,
        ship_to=ship_to(order, known.partner),
        requested_ship_date=order.requested_ship_date or order.requested_delivery_date,
        latest_delivery_date=order.latest_delivery_date,
        carrier=order.carrier,
        freight_payment=order.freight_payment,
        notes=order.notes,
        lines=tuple(
            OrderReleaseLine(line_id=line.line_id, item=line.item, quantity=line.quantity) for line in order.lines
        ),
    )


def ship_notice(known: Known) -> ShipNotice:
    """The despatch advice of a shipment, package by package."""
    shipment, order = _as(ShipmentConfirmation, known.message), known.state.order
    shipped = {line.line_id: line for line in shipment.lines}

    def line(line_id: str, value: Decimal) -> ShipNoticeLine:
        entry = shipped[line_id]
        return ShipNoticeLine(
            line_id=line_id,
            item=_item(known.state, line_id),
            shipped=entry.shipped.model_copy(update={"value": value}),
            ordered=entry.ordered,
        )

    packages = tuple(
        ShipNoticePackage(
            sscc=package.sscc,
            tracking_number=package.tracking_number,
            weight=package.weight,
            lines=tuple(line(item.line_id, item.quantity.value) for item in package.items),
        )
        for package in shipment.packages
        if package.items
    )
    loose = tuple(line(entry.line_id, entry.shipped.value) for entry in shipment.lines if entry.shipped.value)
    return ShipNotice(
        id=shipment.shipment_id,
        shipment_id=shipment.shipment_id,
        issued_at=known.now,
        shipped_at=shipment.shipped_at,
        order_id=order.id,
        order_date=order.issue_date,
        department=order.department,
        seller_order_id=shipment.seller_order_id,
        carrier=shipment.carrier,
        bill_of_lading=shipment.bill_of_lading,
        pro_number=shipment.pro_number,
        freight_payment=shipment.freight_payment or order.freight_payment,
        gross_weight=shipment.gross_weight,
        estimated_delivery_date=order.requested_delivery_date,
        ship_from=known.entity.party(),
        ship_to=ship_to(order, known.partner),
        packages=packages or (ShipNoticePackage(lines=loose),),
    )


def draft_invoice(known: Known, number: str) -> Invoice:
    """The invoice of one shipment before tax: shipped quantity × price, and freight by carton.

    Raises Held where a shipped line has no price.
    """
    shipment, state = _as(ShipmentConfirmation, known.message), known.state
    order, currency = state.order, state.order.currency
    lines = tuple(_billed(state, line.line_id, line.shipped.value) for line in shipment.lines if line.shipped.value)
    freight = cents(known.partner.freight_per_carton * max(len(shipment.packages), 1))
    charges: tuple[AllowanceCharge, ...] = ()
    if freight:
        charges = (
            AllowanceCharge(
                charge=True, reason_code=FREIGHT, reason="Freight", amount=Money(amount=freight, currency=currency)
            ),
        )
    total = sum((line.line_extension.amount for line in lines), Decimal(0))
    return Invoice(
        id=number,
        issue_date=known.now.date(),
        order_id=order.id,
        order_date=order.issue_date,
        shipment_id=shipment.shipment_id,
        shipped_date=shipment.shipped_at.date(),
        department=order.department,
        vendor_id=order.vendor_id or known.partner.values.get("vendor_id"),
        currency=currency,
        seller=known.entity.party(),
        bill_to=order.bill_to,
        ship_to=ship_to(order, known.partner),
        ship_from=known.entity.party(),
        payment_terms=order.payment_terms,
        carrier_scac=shipment.carrier.scac,
        bill_of_lading=shipment.bill_of_lading,
        lines=lines,
        allowance_charges=charges,
        line_extension_total=Money(amount=total, currency=currency),
        tax_total=Money(amount=Decimal(0), currency=currency),
        payable=Money(amount=total + freight, currency=currency),
    )


def taxed(invoice: Invoice, quote: TaxQuote) -> Invoice:
    """The invoice with the tax that the engine quoted.

    Raises Held where the engine answers in another currency.
    """
    tax = quote.total_tax
    if tax.currency != invoice.currency:
        raise Held(
            f"The tax engine answered in {tax.currency}, invoice {invoice.id} is in {invoice.currency}.",
            fix="Set the tax engine's currency for this company, then replay.",
        )
    by_line = {line.line_id: line.tax for line in quote.lines}
    extra = sum(
        (entry.amount.amount if entry.charge else -entry.amount.amount for entry in invoice.allowance_charges),
        Decimal(0),
    )
    payable = invoice.line_extension_total.amount + extra + tax.amount
    return invoice.model_copy(
        update={
            "lines": tuple(line.model_copy(update={"tax": by_line.get(line.line_id)}) for line in invoice.lines),
            "tax_subtotals": quote.subtotals,
            "tax_total": tax,
            "payable": Money(amount=payable, currency=tax.currency),
        }
    )


def release_id(partner: str, number: str) -> str:
    """Our number for an order at the site: stable, so that a release made twice is one release."""
    return f"{partner}-{number}".upper()


def ship_to(order: Order, partner: Partner) -> Party:
    """Where it goes: what the order says, completed by what the partner's profile knows of that code."""
    party = order.ship_to or Party()
    place = partner.ship_to.get(party.buyer_assigned_id or "")
    if place is None:
        return party
    return party.model_copy(update={"name": party.name or place.name, "address": party.address or place.address})


def _billed(state: OrderState, line_id: str, quantity: Decimal) -> InvoiceLine:
    line = state.line(line_id)
    if line is None or line.price is None:
        raise Held(
            f"Line {line_id} of order {state.order.id} has no price, so it cannot be billed.",
            fix="Put the price into the order or the partner's price list, then replay the shipment.",
            line=line_id,
        )
    extension = Money(amount=cents(quantity * line.price.amount), currency=line.price.currency)
    return InvoiceLine(
        line_id=line_id,
        item=line.item,
        quantity=Quantity(value=quantity, uom=line.uom),
        price=line.price,
        line_extension=extension,
    )


def _item(state: OrderState, line_id: str) -> Any:
    line = state.line(line_id)
    if line is None:
        raise Broken(f"line {line_id} passed the balance but is not in order {state.order.id}")
    return line.item


def _as(model: type[M], message: Canonical) -> M:
    if not isinstance(message, model):
        raise Broken(f"a route makes this from {model.__name__}, not from {type(message).__name__}")
    return message


MAKERS: Mapping[str, Callable[[Known], Canonical]] = {
    "message": lambda known: known.message,
    "order_response": order_response,
    "order_release": order_release,
    "ship_notice": ship_notice,
}
"""What `hub.contracts.route.Deliver.make` may name."""
