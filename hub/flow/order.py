"""Documents about one order: the order itself, confirmations, invoices, tracking."""

from __future__ import annotations

from hub.canonical import Canonical, Invoice, Order, ShipmentConfirmation, TransportationStatus
from hub.contracts.partner import Partner
from hub.errors import Held
from hub.flow.desk import Desk
from hub.flow.follow import follow
from hub.flow.thought import think
from hub.flow.visit import Visit
from hub.ledger.message import Message
from hub.orders.derive import Known, release_id
from hub.orders.lifecycle import keys_of, order_key, order_number, require, said
from hub.orders.obligations import settled_by_delivery, settled_by_message

__all__ = ["advance", "filed_under"]


def advance(visit: Visit) -> None:
    """The order's new state, deliveries, what follows, what is now expected and what is settled.

    Raises what stops the document: Held, Duplicate, KeyConflict, NotYet, BadDocument.
    """
    message, canonical = visit.message, visit.canonical
    key, partner = _locate(visit)
    visit.take_business_key(partner.id)
    before = visit.book.load(key)
    thought = visit.ahead if before is None else None
    if thought is None:
        thought = think(visit.desk, message.id, canonical, visit.route, partner, before)
    for letter in thought.letters:
        visit.outbox.put(letter, message, key)
    _follow_route(visit, thought.known, key)
    visit.book.save(thought.state, thought.data)
    for what in settled_by_message(canonical, thought.state):
        visit.change.close_obligation(key, what, message_id=message.id)
    visit.finish(key, _search_keys(visit, partner), due_at=_comes_again(visit))


def filed_under(desk: Desk, message: Message, canonical: Canonical) -> str | None:
    """The key of the order that a partner's message is about; None where another than the partner sent it."""
    if message.partner not in desk.partners:
        return None
    key: str = message.facts.get("order") or order_key(message.partner, order_number(canonical) or "")
    return key


def _locate(visit: Visit) -> tuple[str, Partner]:
    """The order that the message is about: by what it was filed under, by our own order number, by PO number."""
    desk, message = visit.desk, visit.message
    key, number = filed_under(desk, message, visit.canonical), order_number(visit.canonical) or ""
    if key is not None:
        return key, desk.partner(message.partner)
    release = said(visit.canonical, "seller_order_id") or ""
    found = visit.change.orders_found("release", release) or visit.change.orders_found("po", number)
    if not found:
        require(None, visit.canonical)
    if len(found) > 1:
        raise Held(
            f"Order number {number} is used by {len(found)} partners: {', '.join(found)}.",
            fix=f"Have the site send our own order number; {release or 'none'} is not known here.",
        )
    return found[0], desk.partner(found[0].partition(":")[0])


def _follow_route(visit: Visit, known: Known, key: str) -> None:
    """Next messages and expectations of the route."""
    route, message = visit.route, visit.message
    if route is None:
        return
    for what in route.next:
        follow(visit.desk, visit.change, visit.outbox, what, message, known)
    not_made = {settled_by_delivery(document) for document in known.partner.without}
    for expect in route.expect:
        if expect.what in not_made:
            continue
        wait = known.partner.expect_seconds.get(expect.what, expect.within_seconds)
        due_at = visit.desk.ledger.now() + wait
        visit.change.open_obligation(key, expect.what, due_at=due_at, message_id=message.id, partner=known.partner.id)


def _comes_again(visit: Visit) -> float | None:
    """When a parcel is asked for again; None once it has arrived or come back."""
    status = visit.canonical
    if not isinstance(status, TransportationStatus):
        return None
    if any(event.status.value in {"DELIVERED", "RETURNED", "CANCELLED"} for event in status.events):
        return None
    return visit.desk.ledger.now() + visit.desk.settings.timing.tracking_poll_seconds


def _search_keys(visit: Visit, partner: Partner) -> list[tuple[str, str]]:
    """The business keys under which people look for the message."""
    message = visit.canonical
    found: list[tuple[str, str]] = []
    if isinstance(message, Order):
        found += [("po", message.id), ("release", release_id(partner.id, message.id))]
    found += keys_of(message)
    if isinstance(message, ShipmentConfirmation):
        for package in message.packages:
            found += [("tracking", package.tracking_number)] if package.tracking_number else []
            found += [("sscc", package.sscc)] if package.sscc else []
    if isinstance(message, Invoice):
        found.append(("invoice", message.id))
    return found
