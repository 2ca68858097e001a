"""One pass of a document through the hub, inside one change: what every kind of document needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.canonical import (
    Canonical,
    Invoice,
    Order,
    PickConfirmation,
    Remittance,
    ShipmentConfirmation,
)
from hub.contracts.route import Route
from hub.errors import Duplicate, Held, KeyConflict
from hub.flow.book import Book
from hub.flow.desk import Desk
from hub.flow.outbox import Outbox
from hub.flow.thought import Thought
from hub.ledger import Change
from hub.ledger.message import Message, State, Stored

__all__ = ["Visit"]

_BUSINESS_KEYS: Mapping[type[Canonical], str] = {
    Invoice: "id",
    Order: "id",
    PickConfirmation: "id",
    Remittance: "id",
    ShipmentConfirmation: "shipment_id",
}
"""By which field a message is the same business event however often it comes (P2)."""


@dataclass(slots=True)
class Visit:
    """``reading``: the canonical message newly stored, where a service completed it or it was read again. ``book``,
    ``outbox``: the orders and the deliveries of the change. ``ahead``: what the document leads to if its order is new.
    ``has_key``: its business key was taken for it already."""

    desk: Desk
    change: Change
    message: Message
    route: Route | None
    canonical: Canonical
    reading: Stored | None
    book: Book
    outbox: Outbox
    ahead: Thought | None = None
    has_key: bool = False

    def business_key(self, partner: str) -> tuple[str, str] | None:
        """Scope and key of the event that the message is; None for a message that may come often."""
        name = _BUSINESS_KEYS.get(type(self.canonical))
        return (type(self.canonical).__name__, f"{partner}:{getattr(self.canonical, name)}") if name else None

    def take_business_key(self, partner: str) -> None:
        """Make this message the one that has the business effect.

        Raises Duplicate where the same content had it before, KeyConflict where other content had. A message that was
        replaced by an edited one leaves its key to it.
        """
        found = None if self.has_key else self.business_key(partner)
        if found is None:
            return
        scope, value = found
        taken = self.change.take_key(scope, value, self.fingerprint(), self.message.id)
        holder = taken.existing_message_id
        if holder is None:
            return
        if self.message.replay_of and self._was_replaced(holder):
            self.change.give_key(scope, value, holder)
            self.take_business_key(partner)  # another replay may have been quicker, and has it now
            return
        if taken.same_fingerprint and self.desk.partner(partner).x12.duplicates.business == "hold":
            raise Held(
                f"{scope} {value} came before, unchanged, as message {holder}.",
                fix="Ask the partner why it comes again; close this message.",
                original=holder,
            )
        if taken.same_fingerprint:
            raise Duplicate(f"{scope} {value} is on record as message {holder}.", original=holder)
        raise KeyConflict(
            f"{scope} {value} came before with other content, as message {holder}.",
            fix="Compare the two; close this message, or replay it edited with a reason.",
            original=holder,
        )

    def finish(self, order: str | None, keys: list[tuple[str, str]], *, due_at: float | None = None) -> None:
        """Bring the document to rest, findable by its keys; or, with ``due_at``, have it come again then."""
        self.change.add_search_keys(self.message.id, order, keys)
        facts: dict[str, Any] = {"message": type(self.canonical).__name__, "reread": False}
        if order:
            facts["order"] = order
        state, event = (State.DELIVERED, "processed") if due_at is None else (State.RECEIVED, "polled")
        self.change.finish(
            self.message,
            state,
            event=event,
            due_at=due_at,
            facts=facts,
            reading=self.reading,
            count_attempt=due_at is None,
        )

    def _was_replaced(self, holder: str) -> bool:
        return self.change.message(holder).cause == "replaced"

    def fingerprint(self) -> str:
        """Of an order or confirmation its content; of a message that a service completes, only that it is there."""
        if self.route is not None and self.route.ask is not None:
            return ""
        return self.reading.sha256 if self.reading else self.message.reading or ""
