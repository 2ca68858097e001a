"""One document: gates, the order's state, and what follows from it, all in one commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.canonical import (
    AcknowledgedError,
    AcknowledgmentStatus,
    Canonical,
    CashApplication,
    FunctionalAcknowledgment,
    Invoice,
    Order,
    PickConfirmation,
    Remittance,
    ShipmentConfirmation,
    TransportationStatus,
)
from hub.contracts.partner import Partner
from hub.contracts.route import Route
from hub.errors import CrossdockError, Duplicate, Held, KeyConflict
from hub.flow.ask import ask
from hub.flow.book import Book
from hub.flow.desk import Desk
from hub.flow.follow import follow
from hub.flow.outbox import Outbox
from hub.flow.reread import reread
from hub.flow.settle import settle
from hub.ledger import Change
from hub.ledger.message import Message, State, Stored
from hub.orders.cash import apply_remittance
from hub.orders.derive import MAKERS, Known, release_id
from hub.orders.gates import GATES
from hub.orders.lifecycle import apply, open_order, order_key, order_number, require
from hub.orders.obligations import settled_by_message
from hub.orders.state import OrderState

__all__ = ["process"]

_BUSINESS_KEYS: dict[type[Canonical], str] = {
    Invoice: "id",
    Order: "id",
    PickConfirmation: "id",
    Remittance: "id",
    ShipmentConfirmation: "shipment_id",
}
"""By which field a message is the same business event however often it comes (P2)."""


def process(desk: Desk, message: Message) -> None:
    """Take a claimed document to rest, or leave it to be tried again; never raises for what the document holds."""
    try:
        again = message.facts.get("reread") or message.reading is None
        canonical = reread(desk, message) if again else desk.canonical(message)
        route = desk.route(type(canonical).__name__) if type(canonical) is not FunctionalAcknowledgment else None
        if route is not None and route.ask is not None:
            canonical = ask(desk, route.ask, message, canonical)
        reading = None
        if again or (route is not None and route.ask is not None):
            reading = desk.ledger.store(canonical.model_dump_json(exclude_none=True).encode())
        stages: set[str] = set()

        def work(change: Change) -> None:
            visit = _Visit(desk, change, message, route, canonical, Outbox(desk, change), reading, Book(change))
            visit.run()
            stages.clear()
            stages.update(visit.outbox.stages)

        desk.ledger.write(work)
    except CrossdockError as error:
        settle(desk, message, error, attempts_max=_attempts_max(desk, message))
        return
    for stage in sorted(stages):
        desk.hint(stage)


def _attempts_max(desk: Desk, message: Message) -> int:
    route = desk.routes.get(message.facts.get("message", ""))
    return route.attempts_max if route else 8


@dataclass(slots=True)
class _Visit:
    """One pass of a document through its route, inside one change."""

    desk: Desk
    change: Change
    message: Message
    route: Route | None
    canonical: Canonical
    outbox: Outbox
    reading: Stored | None
    book: Book
    partner: Partner | None = None

    def run(self) -> None:
        special: dict[type[Canonical], Callable[[], None]] = {
            FunctionalAcknowledgment: self._acknowledge,
            Remittance: self._remit,
        }
        special.get(type(self.canonical), self._advance_order)()

    def _advance_order(self) -> None:
        """Orders, confirmations, invoices, tracking: everything that is about one order."""
        key, partner = self._locate()
        self.partner = partner
        self._take_business_key(partner.id)
        before = self.book.load(key)
        if isinstance(self.canonical, Order):
            state = before or open_order(partner.id, self.canonical, self.desk.now(), self.message.id)
        else:
            state = apply(require(before, self.canonical), self.canonical, self.desk.now(), self.message.id)
        known = Known(
            message=self.canonical, state=state, partner=partner, entity=self.desk.settings.entity, now=self.desk.now()
        )
        self._gates(known)
        state = self._follow_route(known, key)
        self.book.save(state)
        for what in settled_by_message(self.canonical, state):
            self.change.close_obligation(key, what, message_id=self.message.id)
        self._finish(key)

    def _follow_route(self, known: Known, key: str) -> OrderState:
        """Deliveries, next messages and expectations of the route; returns the order with what they add to it."""
        route, state = self.route, known.state
        if route is None:
            return state
        for deliver in route.deliver:
            if deliver.after:
                continue
            made = MAKERS[deliver.make](known)
            if made is not self.canonical:
                state = apply(state, made, self.desk.now(), self.message.id)
            self.outbox.put(deliver, made, known.partner, self.message, key)
        for what in route.next:
            follow(self.desk, self.change, self.outbox, what, self.message, known)
        for expect in route.expect:
            wait = known.partner.expect_seconds.get(expect.what, expect.within_seconds)
            self.change.open_obligation(
                key,
                expect.what,
                due_at=self.desk.clock.now() + wait,
                message_id=self.message.id,
                partner=known.partner.id,
            )
        return state

    def _gates(self, known: Known) -> None:
        for gate in self.route.gates if self.route else ():
            refusal = GATES[gate.check](known)
            if refusal is not None and gate.check not in self.message.facts.get("gates_waived", ()):
                raise refusal

    def _locate(self) -> tuple[str, Partner]:
        """The order that the message is about: by what it was filed under, by our own order number, by PO number."""
        filed = self.message.facts.get("order")
        number = order_number(self.canonical) or ""
        if self.message.partner in self.desk.partners:
            return filed or order_key(self.message.partner, number), self.desk.partner(self.message.partner)
        release = getattr(self.canonical, "seller_order_id", None) or ""
        found = self.change.orders_found("release", release) or self.change.orders_found("po", number)
        if not found:
            require(None, self.canonical)
        if len(found) > 1:
            raise Held(
                f"Order number {number} is used by {len(found)} partners: {', '.join(found)}.",
                fix=f"Have the site send our own order number; {release or 'none'} is not known here.",
            )
        return found[0], self.desk.partner(found[0].partition(":")[0])

    def _take_business_key(self, partner: str) -> None:
        field = _BUSINESS_KEYS.get(type(self.canonical))
        if field is None:
            return
        scope, value = type(self.canonical).__name__, f"{partner}:{getattr(self.canonical, field)}"
        taken = self.change.take_key(scope, value, self._fingerprint(), self.message.id)
        if taken.existing_message_id in {None, self.message.id, self.message.replay_of}:
            return
        if taken.same_fingerprint:
            raise Duplicate(
                f"{scope} {value} is on record as message {taken.existing_message_id}.",
                original=taken.existing_message_id,
            )
        raise KeyConflict(
            f"{scope} {value} came before with other content, as message {taken.existing_message_id}.",
            fix="Compare the two; close this message, or replay it as new with a reason.",
            original=taken.existing_message_id,
        )

    def _fingerprint(self) -> str:
        """Of an order or confirmation its content; of a message that a service completes, only that it is there."""
        if self.route is not None and self.route.ask is not None:
            return ""
        return self.reading.sha256 if self.reading else self.message.reading or ""

    def _remit(self) -> None:
        remittance = self.canonical
        assert isinstance(remittance, Remittance), "only remittances come here"
        partner = self.desk.partner(self.message.partner)
        self._take_business_key(partner.id)
        orders: dict[str, OrderState] = {}
        for line in remittance.lines:
            found = self.change.orders_found("invoice", line.invoice_id)
            state = self.book.load(found[0]) if len(found) == 1 else None
            if state is not None and state.partner == partner.id:
                orders[line.invoice_id] = state
        application, changed = apply_remittance(remittance, orders, self.desk.now(), self.message.id)
        for state in changed.values():
            self.book.save(state)
            for what in settled_by_message(remittance, state):
                self.change.close_obligation(state.key, what, message_id=self.message.id)
        for deliver in self.route.deliver if self.route else ():
            made: Canonical = application if deliver.make == CashApplication.__name__ else remittance
            made = application if deliver.make == "cash_application" else made
            self.outbox.put(deliver, made, partner, self.message, next(iter(changed)) if len(changed) == 1 else None)
        self._finish(next(iter(changed), None))

    def _acknowledge(self) -> None:
        said = self.canonical
        assert isinstance(said, FunctionalAcknowledgment), "only acknowledgments come here"
        matched: list[str] = []
        for document in said.documents:
            matched += self.change.match_sent(
                partner=self.message.partner,
                group_type=said.group_type,
                group_control=said.group_control_number,
                document_control=document.control_number,
                state=document.status.value.lower(),
                detail=", ".join(filter(None, (_fault(error) for error in document.errors))),
            )
        if not said.documents:
            matched += self.change.match_sent(
                partner=self.message.partner,
                group_type=said.group_type,
                group_control=said.group_control_number,
                document_control=None,
                state=said.status.value.lower(),
                detail="",
            )
        if not matched:
            raise Held(
                f"Nothing that we sent has group {said.group_type} {said.group_control_number}.",
                fix="Ask the partner what this acknowledgment is for; then close it with the reason.",
            )
        self._note_on_orders(matched, said)
        facts = {"acknowledges": matched, "status": said.status.value}
        if said.status is AcknowledgmentStatus.REJECTED or any(
            document.status is AcknowledgmentStatus.REJECTED for document in said.documents
        ):
            self.change.finish(
                self.message,
                State.HELD,
                event="matched",
                cause="rejected_by_partner",
                detail=f"{self.message.partner} rejects what we sent: {_faults(said)}",
                facts=facts,
            )
            return
        self.change.finish(self.message, State.ANSWERED, event="matched", facts=facts)

    def _note_on_orders(self, matched: list[str], said: FunctionalAcknowledgment) -> None:
        for message_id in matched:
            delivery = self.change.message(message_id)
            key = delivery.facts.get("order")
            state = self.book.load(key) if key else None
            if state is not None:
                what = f"{delivery.type}_acknowledged"
                self.book.save(state.with_step(self.desk.now(), what, said.status.value.lower(), self.message.id))

    def _finish(self, key: str | None) -> None:
        keys = search_keys(self.canonical)
        if isinstance(self.canonical, Order) and self.partner is not None:
            keys.append(("release", release_id(self.partner.id, self.canonical.id)))
        self.change.add_search_keys(self.message.id, key, keys)
        facts: dict[str, Any] = {"message": type(self.canonical).__name__, "reread": False}
        if key:
            facts["order"] = key
        if isinstance(self.canonical, TransportationStatus) and not _at_end(self.canonical):
            due_at = self.desk.clock.now() + self.desk.settings.timing.tracking_poll_seconds
            self.change.finish(
                self.message, State.RECEIVED, event="polled", due_at=due_at, count_attempt=False, reading=self.reading
            )
            return
        self.change.finish(self.message, State.DELIVERED, event="processed", facts=facts, reading=self.reading)


def search_keys(message: Canonical) -> list[tuple[str, str]]:
    """The business keys under which people look for a message."""
    found: list[tuple[str, str]] = []
    if isinstance(message, Order):
        found.append(("po", message.id))
    for kind, field in (("po", "order_id"), ("shipment", "shipment_id"), ("release", "seller_order_id")):
        if value := getattr(message, field, None):
            found.append((kind, value))
    if isinstance(message, ShipmentConfirmation):
        for package in message.packages:
            found += [("tracking", package.tracking_number)] if package.tracking_number else []
            found += [("sscc", package.sscc)] if package.sscc else []
    if isinstance(message, Invoice):
        found.append(("invoice", message.id))
    if isinstance(message, Remittance):
        found.append(("remittance", message.id))
        found += [("invoice", line.invoice_id) for line in message.lines]
    return found


def _at_end(status: TransportationStatus) -> bool:
    return any(event.status.value in {"DELIVERED", "RETURNED", "CANCELLED"} for event in status.events)


def _faults(said: FunctionalAcknowledgment) -> str:
    return "; ".join(
        f"{document.document} {document.control_number}: " + (", ".join(map(_fault, document.errors)) or "no reason")
        for document in said.documents
        if document.status is AcknowledgmentStatus.REJECTED
    )


def _fault(error: AcknowledgedError) -> str:
    where = f"{error.segment}{error.element:02d}" if error.element else error.segment
    return f"{where} at segment {error.position}: code {error.code}" if error.position else where
