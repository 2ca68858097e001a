"""Receipts on record: the delivery is done, its order hears of it, and what waited for it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.contracts.connector import Receipt
from hub.flow.book import Book
from hub.flow.desk import Desk
from hub.flow.outbox import Outbox, write
from hub.ledger import Change
from hub.ledger.message import Message, State
from hub.orders.obligations import settled_by_delivery
from hub.orders.state import Step

__all__ = ["record"]


def record(desk: Desk, sent: Sequence[tuple[Message, Receipt]]) -> None:
    """Put receipts of one endpoint on record in one commit. Raises LeaseLost where one of them is not ours any more."""
    stages: set[str] = set()

    def work(change: Change) -> None:
        outbox, book = Outbox(desk, change), Book(change)
        for message, receipt in sent:
            facts: dict[str, Any] = {"reference": receipt.reference, "repeated": receipt.repeated}
            if "unknown" in receipt.facts:
                facts["unknown"] = receipt.facts["unknown"]
            change.finish(message, State.DELIVERED, event="delivered", facts=facts)
            _tell_order(desk, change, book, message, receipt)
            _send_what_waits(desk, outbox, message)
        outbox.flush()
        change.endpoint_succeeded(sent[0][0].endpoint)
        stages.clear()
        stages.update(outbox.stages)

    desk.ledger.write(work)
    for stage in sorted(stages):
        desk.hint(stage)


def _tell_order(desk: Desk, change: Change, book: Book, message: Message, receipt: Receipt) -> None:
    key = message.facts.get("order")
    if not key:
        return
    what = f"{message.type}_delivered"
    book.note(key, Step(at=desk.now(), what=what, detail=receipt.reference, message=message.id))
    settled = settled_by_delivery(message.facts.get("document", ""))
    if settled:
        change.close_obligation(key, settled, message_id=message.id)


def _send_what_waits(desk: Desk, outbox: Outbox, message: Message) -> None:
    """Deliveries of the same route that come after this one are made now."""
    awaited = message.facts.get("awaited") and message.parent
    parent = outbox.change.message(message.parent) if awaited and message.parent else None
    if parent is None or parent.reading is None:
        return
    route = desk.routes.get(parent.facts.get("message", ""))
    for entry in route.deliver if route else ():
        if entry.after and entry.after == message.facts.get("document"):
            canonical, partner = desk.canonical(parent), desk.partner(message.partner)
            outbox.put(write(desk, entry, canonical, partner), parent, message.facts.get("order"))
