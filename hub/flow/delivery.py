"""Deliveries to one endpoint: look where one may have arrived already, send, and put the receipts on record."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hub.contracts.connector import BatchSink, Parcel, Receipt, Sink
from hub.errors import CrossdockError, Held, Rejected
from hub.flow.desk import Desk
from hub.flow.leases import Leases
from hub.flow.receipts import record
from hub.flow.settle import settle_any
from hub.ledger import LeaseLost
from hub.ledger.message import Message

__all__ = ["deliver"]

ATTEMPTS_MAX = 10
UNRECORDED_SECONDS = 0.1
"""How long receipts may wait to be put on record together: that much is looked for again after a crash."""

Sent = tuple[Message, Receipt]


def deliver(desk: Desk, messages: Sequence[Message]) -> None:
    """Take claimed deliveries of one endpoint to rest, or have them tried again; never raises for the far end."""
    if not messages:
        return
    try:
        sink = desk.sink(messages[0].endpoint)
        parcels = _parcels(desk, messages)
    except CrossdockError as error:
        for message in messages:
            settle_any(desk, message, error, attempts_max=ATTEMPTS_MAX)
        return
    receipts = _Receipts(desk)
    for message, outcome in _sent(desk, sink, parcels):
        if isinstance(outcome, Receipt):
            receipts.add(message, outcome)
        else:
            receipts.put_on_record()
            settle_any(desk, message, outcome, attempts_max=ATTEMPTS_MAX)
    receipts.put_on_record()


def _parcels(desk: Desk, messages: Sequence[Message]) -> list[tuple[Message, Parcel]]:
    hashes = [message.payload for message in messages if message.payload]
    data = desk.ledger.payloads(hashes)
    return [(message, _parcel(message, data[message.payload or ""])) for message in messages]


def _parcel(message: Message, data: bytes) -> Parcel:
    return Parcel(
        key=message.facts.get("effect_key") or message.unique_key or message.id,
        name=message.facts.get("name", message.id),
        data=data,
        document=message.facts.get("document", message.type).partition("/")[2] or message.type,
        partner=message.partner,
        facts={"code": str(message.facts.get("key", ""))},
    )


def _sent(
    desk: Desk, sink: Sink, parcels: Sequence[tuple[Message, Parcel]]
) -> Iterator[tuple[Message, Receipt | Exception]]:
    """Each delivery with what came of it, as it comes."""
    leases = Leases(desk, [message for message, _ in parcels])
    most = sink.batch_max if isinstance(sink, BatchSink) else 1
    fresh = [pair for pair in parcels if not _may_have_arrived(pair[0])] if most > 1 else []
    for start in range(0, len(fresh), most):
        batch = fresh[start : start + most]
        assert isinstance(sink, BatchSink), "only such a sink takes more than one"
        yield from zip([message for message, _ in batch], _together(sink, [p for _, p in batch]), strict=True)
    done = {message.id for message, _ in fresh}
    for message, parcel in parcels:
        if message.id not in done:
            leases.keep(message)
            yield message, _alone(sink, message, parcel)


def _together(sink: BatchSink, parcels: Sequence[Parcel]) -> Sequence[Receipt | Exception]:
    try:
        return sink.deliver_many(parcels)
    except Exception as error:  # noqa: BLE001 - what came of the call came of each of them
        return [error] * len(parcels)


def _alone(sink: Sink, message: Message, parcel: Parcel) -> Receipt | Exception:
    try:
        found = _look(sink, message, parcel) if _may_have_arrived(message) else None
        return found or sink.deliver(parcel)
    except Exception as error:  # noqa: BLE001 - a bug in a connector stops this delivery and no other
        return error


def _may_have_arrived(message: Message) -> bool:
    return bool(message.attempts > 1 or message.crashes or message.facts.get("look_first"))


def _look(sink: Sink, message: Message, parcel: Parcel) -> Receipt | None:
    """What lies at the far end. Where that cannot be asked and it may have arrived, the route decides."""
    try:
        return sink.find(parcel)
    except Rejected as error:
        uncertain = message.crashes or message.facts.get("look_first")
        if uncertain and message.facts.get("on_unknown") != "send_again":
            raise Held(
                f"{parcel.name} may have reached {message.endpoint} already, and it cannot be asked.",
                fix="Look there. `crossdock replay` sends it again; `crossdock close` says that it arrived.",
            ) from error
        return None


@dataclass(slots=True)
class _Receipts:
    """Receipts that are put on record together, soon."""

    desk: Desk
    waiting: list[Sent] = field(default_factory=list)
    since: float = 0.0

    def add(self, message: Message, receipt: Receipt) -> None:
        if not self.waiting:
            self.since = time.monotonic()
        self.waiting.append((message, receipt))
        if time.monotonic() - self.since > UNRECORDED_SECONDS:
            self.put_on_record()

    def put_on_record(self) -> None:
        """In one commit; one by one where a lease was lost meanwhile."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return
        try:
            record(self.desk, waiting)
        except LeaseLost:
            if len(waiting) > 1:
                for sent in waiting:
                    self.waiting = [sent]
                    self.put_on_record()
