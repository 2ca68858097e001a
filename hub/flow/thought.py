"""What a document about an order leads to, thought out without the ledger: gates, the order's next state, letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from hub.canonical import Canonical, Order
from hub.contracts.partner import Partner
from hub.contracts.route import Route
from hub.flow.desk import Desk
from hub.flow.outbox import Letter, write
from hub.orders.derive import MAKERS, Known
from hub.orders.gates import GATES
from hub.orders.lifecycle import apply, open_order, require
from hub.orders.state import OrderState

__all__ = ["Thought", "think", "think_ahead"]


class Thought(NamedTuple):
    """``known``: the message, and the order as it leaves it. ``state``: the order with what its deliveries add, and
    ``data`` that as JSON."""

    known: Known
    state: OrderState
    data: str
    letters: Sequence[Letter]


def think(
    desk: Desk,
    message_id: str,
    canonical: Canonical,
    route: Route | None,
    partner: Partner,
    before: OrderState | None,
    *,
    order_json: str = "",
) -> Thought:
    """What follows from a message for its order. ``order_json``: the message's own JSON where it is a new order.

    Raises what stops the document: Held, NotYet, BadDocument, Misconfigured.
    """
    now = desk.now()
    if isinstance(canonical, Order):
        state = before or open_order(partner.id, canonical, now, message_id)
    else:
        state = apply(require(before, canonical), canonical, now, message_id)
    known = Known(message=canonical, state=state, partner=partner, entity=desk.settings.entity, now=now)
    letters: list[Letter] = []
    if route is not None:
        _pass_gates(route, known)
        for deliver in route.deliver:
            if deliver.after or deliver.document in partner.without:
                continue
            made = MAKERS[deliver.make](known)
            if made is not canonical:
                state = apply(state, made, now, message_id)
            awaited = any(other.after == deliver.document for other in route.deliver)
            letters.append(write(desk, deliver, made, partner, awaited=awaited))
    return Thought(known, state, state.as_json(order_json), letters)


def think_ahead(
    desk: Desk, message_id: str, canonical: Canonical, route: Route | None, partner_id: str, order_json: bytes | None
) -> Thought | None:
    """What follows from an order that nobody has heard of yet, which is for the commit to find out; None for all else,
    and where anything stops it: its own turn tells that, and stops no other."""
    desk.ledger.give_way()
    partner = desk.partners.get(partner_id)
    if not isinstance(canonical, Order) or partner is None:
        return None
    text = order_json.decode() if order_json else ""
    try:
        return think(desk, message_id, canonical, route, partner, None, order_json=text)
    except Exception:  # noqa: BLE001 - a bug too stops this document and not its file
        return None


def _pass_gates(route: Route, known: Known) -> None:
    for gate in route.gates:
        refusal = GATES[gate.check](known)
        if refusal is not None:
            raise refusal
