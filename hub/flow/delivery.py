"""Deliveries to one endpoint: look where one may have arrived already, send, and put the receipts on record."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hub.contracts.connector import BatchSink, BlindSink, Parcel, Receipt, RememberingSink, Sink, has_shape
from hub.errors import CrossdockError, OutcomeUnknown, Rejected, Throttled, Unreachable
from hub.flow.desk import Desk
from hub.flow.endpoints import give_up_overdue, overdue
from hub.flow.pace import TURN_SECONDS
from hub.flow.receipts import record
from hub.flow.retry import UNANSWERED_MAX
from hub.flow.settle import give_back, give_up, settle_any
from hub.ledger import LeaseLost
from hub.ledger.message import Message

__all__ = ["at_once", "deliver"]

ATTEMPTS_MAX = 10
CLAIMED_MAX = 40
_REPEATABLE = frozenset({"997", "999", "TA1"})
UNRECORDED_SECONDS = 0.1
"""How long receipts may wait to be put on record together: that much is looked for again after a crash."""

Sent = tuple[Message, Receipt]
Call = Sequence[tuple[Message, Receipt | Exception]]


def at_once(desk: Desk, endpoint: str) -> int:
    """How many deliveries of an endpoint are claimed together: what it takes in a turn; what goes in one call, at
    least."""
    try:
        sink = desk.sink(endpoint)
    except CrossdockError:
        return CLAIMED_MAX  # `deliver` tells each of them
    is_blind = has_shape(sink, BlindSink) and sink.is_blind
    if is_blind or desk.settings.endpoint(endpoint).on_unknown == "hold":
        return 1
    together = _in_one_call(sink)
    return min(max(CLAIMED_MAX, together), desk.paces[endpoint].calls * together)


def _in_one_call(sink: Sink) -> int:
    return sink.batch_max if has_shape(sink, BatchSink) else 1


def deliver(desk: Desk, messages: Sequence[Message]) -> None:
    """Take claimed deliveries of one endpoint to rest, or have them tried again; never raises for the far end.

    Where the far end turns out to be down, those behind are given back untried: it costs one call, not one each. So are
    those for which a slow one leaves no time.
    """
    wanted = [_doubted(desk, message) for message in messages if not _given_up(desk, message)]
    if not wanted:
        return
    try:
        sink = desk.sink(wanted[0].endpoint)
    except CrossdockError as error:
        for message in wanted:
            settle_any(desk, message, error, attempts_max=ATTEMPTS_MAX)
        return
    parcels = _parcels(desk, wanted)
    receipts, waiting = _Receipts(desk), {message.id: message for message, _ in parcels}
    pace, until, asked_at = desk.paces[wanted[0].endpoint], time.monotonic() + TURN_SECONDS, time.monotonic()
    unanswered = 0
    for call in _calls(desk, sink, parcels):
        pace.note(time.monotonic() - asked_at)
        _record(desk, receipts, call)
        for message, _ in call:
            del waiting[message.id]
        unanswered = unanswered + 1 if any(isinstance(outcome, OutcomeUnknown) for _, outcome in call) else 0
        if unanswered >= UNANSWERED_MAX or any(isinstance(outcome, Unreachable | Throttled) for _, outcome in call):
            give_back(desk, list(waiting.values()), f"{wanted[0].endpoint} failed with a delivery before it.")
            give_up_overdue(desk, wanted[0].endpoint)
            break
        asked_at = time.monotonic()
        if asked_at > until:
            give_back(desk, list(waiting.values()), f"{wanted[0].endpoint} is slow.")
            break
    receipts.put_on_record()


def _record(desk: Desk, receipts: _Receipts, call: Call) -> None:
    """What came of one call: an error that several share is one failure of the endpoint."""
    before: Exception | None = None
    for message, outcome in call:
        if isinstance(outcome, Receipt):
            receipts.add(message, outcome)
            continue
        receipts.put_on_record()
        attempts_max = _attempts_max(desk, message, outcome)
        settle_any(desk, message, outcome, attempts_max=attempts_max, noted=outcome is before)
        before = outcome


def _attempts_max(desk: Desk, message: Message, error: Exception) -> int:
    """Of whose outcome nothing can be found out, or is not to be, the first attempt was the last."""
    if isinstance(error, OutcomeUnknown) and (_on_unknown(desk, message) == "hold" or "asked" in error.facts):
        return 1
    return ATTEMPTS_MAX


def _on_unknown(desk: Desk, message: Message) -> str:
    """What a person decided about this delivery, else what is agreed for its endpoint, else what its route says."""
    if message.facts.get("resend"):
        return "resend"
    return desk.settings.endpoint(message.endpoint).on_unknown or str(message.facts.get("on_unknown", "find"))


def _given_up(desk: Desk, message: Message) -> bool:
    late = overdue(desk, message, desk.ledger.now())
    if late:
        give_up(desk, message, late)
    return bool(late)


def _parcels(desk: Desk, messages: Sequence[Message]) -> list[tuple[Message, Parcel]]:
    """What is to be sent; of those that cannot be had, whose fault it is shows one by one and settles it."""
    try:
        data = desk.ledger.payloads(message.payload for message in messages if message.payload)
    except CrossdockError as error:
        if len(messages) > 1:
            return [pair for message in messages for pair in _parcels(desk, [message])]
        settle_any(desk, messages[0], error, attempts_max=ATTEMPTS_MAX)
        return []
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


def _calls(desk: Desk, sink: Sink, parcels: Sequence[tuple[Message, Parcel]]) -> Iterator[Call]:
    """Each call to the far end as it is made, with what came of it."""
    most = _in_one_call(sink)
    fresh = [pair for pair in parcels if not _may_have_arrived(pair[0])] if most > 1 else []
    for start in range(0, len(fresh), most):
        batch = fresh[start : start + most]
        assert has_shape(sink, BatchSink), "only such a sink takes more than one"
        yield list(zip([message for message, _ in batch], _together(sink, [p for _, p in batch]), strict=True))
    done = {message.id for message, _ in fresh}
    for message, parcel in parcels:
        if message.id not in done:
            yield [(message, _alone(desk, sink, message, parcel))]


def _together(sink: BatchSink, parcels: Sequence[Parcel]) -> Sequence[Receipt | Exception]:
    try:
        return sink.deliver_many(parcels)
    except Exception as error:  # noqa: BLE001 - what came of the call came of each of them
        return [error] * len(parcels)


def _alone(desk: Desk, sink: Sink, message: Message, parcel: Parcel) -> Receipt | Exception:
    try:
        found, in_doubt = (None, False)
        if _may_have_arrived(message):
            found, in_doubt = _look(sink, message, parcel, _on_unknown(desk, message))
        if found is not None:
            return found
        receipt = sink.deliver(parcel)
        return receipt._replace(facts={**receipt.facts, "unknown": "sent_again"}) if in_doubt else receipt
    except Exception as error:  # noqa: BLE001 - a bug in a connector stops this delivery and no other
        return error


def _may_have_arrived(message: Message) -> bool:
    return bool(
        message.attempts > 1 or message.crashes or message.facts.get("look_first") or message.facts.get("replayed")
    )


def _doubted(desk: Desk, message: Message) -> Message:
    """The message, marked where a hub that was lost and restored may have sent the same. An acknowledgment is not: it
    says nothing new when it comes twice."""
    if message.created_at >= desk.ledger.doubt_until or message.type in _REPEATABLE:
        return message
    return message._replace(facts={**message.facts, "look_first": True, "restored": True})


def _look(sink: Sink, message: Message, parcel: Parcel, on_unknown: str) -> tuple[Receipt | None, bool]:
    """What lies at the far end; and whether it may lie there, but cannot be asked for and is to be sent again.

    Raises OutcomeUnknown where it may have arrived and a person decides.
    """
    uncertain = bool(message.crashes or message.facts.get("look_first"))
    if uncertain and on_unknown == "hold":
        raise _uncertain(message, parcel, "")
    forgotten = message.facts.get("restored") and has_shape(sink, RememberingSink) and sink.keeps_memory
    try:
        found = sink.find(parcel)
    except Rejected:
        found, unsure = None, ", and it cannot be asked"
    else:
        unsure = ", and what is known of it is as old as the backup" if forgotten and found is None else ""
    if uncertain and unsure and on_unknown != "resend":
        raise _uncertain(message, parcel, unsure)
    return found, uncertain and bool(unsure)


def _uncertain(message: Message, parcel: Parcel, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{parcel.name} may have reached {message.endpoint} already{why}.",
        fix="Look there. `crossdock replay` sends it again; `crossdock close` says that it arrived.",
        asked=False,
    )


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
