"""Documents: each is read, completed by a service where its route says so, and takes effect in one commit.

Several that were claimed together share a commit; where one of them cannot go on, each is done by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.canonical import ApplicationAdvice, Canonical, FunctionalAcknowledgment, Remittance
from hub.contracts.route import Route
from hub.errors import CrossdockError
from hub.flow.acknowledgment import advise, match
from hub.flow.ask import ask
from hub.flow.book import Book
from hub.flow.desk import Desk
from hub.flow.leases import Leases
from hub.flow.order import advance, filed_under
from hub.flow.remittance import remit
from hub.flow.reread import reread
from hub.flow.settle import settle_any
from hub.flow.visit import Visit
from hub.ledger import Change
from hub.ledger.message import Message, Stored

__all__ = ["process"]

ATTEMPTS_MAX = 8

_KINDS: Mapping[type[Canonical], Callable[[Visit], None]] = {
    ApplicationAdvice: advise,
    FunctionalAcknowledgment: match,
    Remittance: remit,
}
"""Documents that are not about one order."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    message: Message
    canonical: Canonical
    route: Route | None
    reading: Stored | None


def process(desk: Desk, messages: Sequence[Message]) -> None:
    """Take claimed documents to rest, or leave them to be tried again; never raises for what they hold."""
    leases, together, readings = Leases(desk, messages), [], _readings(desk, messages)
    for message in messages:
        leases.keep(message)
        try:
            prepared = _prepare(desk, message, readings)
        except Exception as error:  # noqa: BLE001 - a bug stops this message and no other
            settle_any(desk, message, error, attempts_max=_attempts_max(desk, message))
            continue
        if prepared.route is not None and prepared.route.ask is not None:
            _commit(desk, [prepared])
        else:
            together.append(prepared)
    _commit(desk, together)


def _readings(desk: Desk, messages: Sequence[Message]) -> Mapping[str, bytes]:
    """What was read of all of them and is not at hand, fetched at once; nothing where one is missing, whose own turn
    then tells."""
    hashes = (message.reading for message in messages if message.reading)
    try:
        return desk.ledger.payloads(sha256 for sha256 in hashes if sha256 not in desk.recent)
    except CrossdockError:
        return {}


def _prepare(desk: Desk, message: Message, readings: Mapping[str, bytes]) -> _Prepared:
    """All that is done outside the ledger; raises what stops the document."""
    again = bool(message.facts.get("reread")) or message.reading is None
    canonical = reread(desk, message) if again else desk.canonical(message, readings)
    answers = isinstance(canonical, ApplicationAdvice | FunctionalAcknowledgment)
    route = None if answers else desk.route(type(canonical).__name__)
    if route is not None and route.ask is not None:
        canonical = ask(desk, route.ask, message, canonical)
        again = True
    reading = desk.ledger.store(canonical.model_dump_json(exclude_none=True).encode()) if again else None
    return _Prepared(message, canonical, route, reading)


def _commit(desk: Desk, prepared: Sequence[_Prepared]) -> None:
    if not prepared:
        return
    stages: set[str] = set()

    def work(change: Change) -> None:
        stages.clear()
        book = Book(change)
        book.fetch({key for one in prepared if (key := filed_under(desk, one.message, one.canonical))})
        for one in prepared:
            visit = Visit(desk, change, one.message, one.route, one.canonical, one.reading, book)
            _KINDS.get(type(one.canonical), advance)(visit)
            stages.update(visit.outbox.stages)

    try:
        desk.ledger.write(work)
    except Exception as error:  # noqa: BLE001 - as above
        if len(prepared) == 1:
            message = prepared[0].message
            settle_any(desk, message, error, attempts_max=_attempts_max(desk, message))
            return
        for one in prepared:
            _commit(desk, [one])
        return
    for stage in sorted(stages):
        desk.hint(stage)


def _attempts_max(desk: Desk, message: Message) -> int:
    route = desk.routes.get(message.facts.get("message", ""))
    return route.attempts_max if route else ATTEMPTS_MAX
