"""Messages that follow from a message and take their own route: a shipment leads to an invoice and to tracking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.canonical import Canonical, ShipmentConfirmation, TransportationStatus
from hub.errors import OutcomeUnknown
from hub.flow.desk import Desk
from hub.flow.outbox import Outbox
from hub.ledger import Change
from hub.ledger.message import Kind, Message, NewMessage, State
from hub.orders.derive import Known, draft_invoice

__all__ = ["FOLLOWERS", "follow"]

INVOICE_MAX = 999_999_999


def follow(desk: Desk, change: Change, outbox: Outbox, what: str, parent: Message, known: Known) -> None:
    """Put the messages that follow on record; those that are there already stay as they are."""
    FOLLOWERS[what](desk, change, outbox, parent, known)


def _invoice(desk: Desk, change: Change, outbox: Outbox, parent: Message, known: Known) -> None:
    shipment = known.message
    if not isinstance(shipment, ShipmentConfirmation) or not any(line.shipped.value for line in shipment.lines):
        return
    unique = f"follow:invoice:{known.partner.id}:{shipment.shipment_id}"
    if change.existing(unique):
        return
    number = change.next_number("invoice", maximum=INVOICE_MAX)
    draft = draft_invoice(known, f"{known.entity.invoice_prefix}{number:06d}")
    _insert(desk, change, outbox, draft, "invoice", unique, parent, known, lane="billing", numbered=True)


def _perhaps_made(desk: Desk, now: float) -> dict[str, Any]:
    """State and reason of a message that a hub which was lost and restored may have made before, under another number:
    nobody can look for that."""
    if now >= desk.ledger.doubt_until:
        return {}
    detail = "It may have been made after the backup that this hub was restored from, under another number. Look, then"
    return {"state": State.HELD, "cause": OutcomeUnknown.slug, "detail": f"{detail} replay or close it."}


def _tracking(desk: Desk, change: Change, outbox: Outbox, parent: Message, known: Known) -> None:
    shipment = known.message
    if not isinstance(shipment, ShipmentConfirmation):
        return
    for package in shipment.packages:
        if package.tracking_number:
            status = TransportationStatus(tracking_number=package.tracking_number, events=())
            unique = f"follow:tracking:{package.tracking_number}"
            _insert(desk, change, outbox, status, "tracking", unique, parent, known, lane="")


def _insert(
    desk: Desk,
    change: Change,
    outbox: Outbox,
    message: Canonical,
    type_: str,
    unique: str,
    parent: Message,
    known: Known,
    lane: str,
    numbered: bool = False,
) -> None:
    """``numbered``: it has a number of ours, that nobody else knows it by."""
    new = NewMessage(
        id=desk.ids.new(),
        kind=Kind.DOCUMENT,
        type=type_,
        partner=known.partner.id,
        reading=desk.ledger.store(message.model_dump_json(exclude_none=True).encode()),
        parent=parent.id,
        order_key=f"{known.state.key}#{lane}" if lane else None,
        order_hold=desk.holds(type(message).__name__),
        unique_key=unique,
        facts={"message": type(message).__name__, "order": known.state.key},
        **(_perhaps_made(desk, change.now) if numbered else {}),
    )
    if change.insert(new):
        outbox.stages.add(Kind.DOCUMENT.value)


FOLLOWERS: Mapping[str, Callable[[Desk, Change, Outbox, Message, Known], None]] = {
    "invoice": _invoice,
    "tracking": _tracking,
}
"""What `hub.contracts.route.Route.next` may name."""
