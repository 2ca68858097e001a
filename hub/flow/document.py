"""Documents: each is read, completed by a service where its route says so, and takes effect in one commit.

Several that were claimed together share a commit; where one of them cannot go on, each is done by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from hub.canonical import ApplicationAdvice, Canonical, FunctionalAcknowledgment, Remittance
from hub.contracts.route import Route
from hub.errors import CrossdockError
from hub.flow.acknowledgment import advise, match
from hub.flow.ask import ask
from hub.flow.book import Book
from hub.flow.desk import Desk
from hub.flow.order import advance, filed_under
from hub.flow.outbox import Outbox
from hub.flow.pace import TURN_SECONDS
from hub.flow.remittance import remit
from hub.flow.reread import reread
from hub.flow.settle import give_back, settle_any
from hub.flow.thought import Thought, think_ahead
from hub.flow.visit import Visit
from hub.ledger import Change
from hub.ledger.message import Message, Stored

__all__ = ["Ready", "carry_out", "process", "route_of"]

ATTEMPTS_MAX = 8

_KINDS: Mapping[type[Canonical], Callable[[Visit], None]] = {
    ApplicationAdvice: advise,
    FunctionalAcknowledgment: match,
    Remittance: remit,
}
"""Documents that are not about one order."""
_ANSWERS = (ApplicationAdvice, FunctionalAcknowledgment)


class Ready(NamedTuple):
    """A claimed document with all that can be found out without the ledger. ``reading``: its canonical message newly
    stored, where a service completed it or it was read again. ``ahead``: what it leads to if its order is new."""

    message: Message
    canonical: Canonical
    route: Route | None
    reading: Stored | None = None
    ahead: Thought | None = None


def process(desk: Desk, messages: Sequence[Message]) -> None:
    """Take claimed documents to rest, or leave them to be tried again; never raises for what they hold. Those that a
    service is asked about come last."""
    readings = _readings(desk, messages)
    ready = list(_each(desk, messages, lambda message: _read(desk, message, readings)))
    _commit(desk, [one for one in ready if not _asks(one)])
    _complete_in_turn(desk, [one for one in ready if _asks(one)])


def _asks(ready: Ready) -> bool:
    return ready.route is not None and ready.route.ask is not None


def _complete_in_turn(desk: Desk, asking: Sequence[Ready]) -> None:
    """Documents that a service is asked about, one by one: it may be slow. Those it has no time for in a turn go back
    until theirs, as far as can be told, so that others come before them."""
    begun = time.monotonic()
    for done, one in enumerate(asking):
        spent = time.monotonic() - begun
        if done and spent > TURN_SECONDS:
            later = [asked.message for asked in asking[done:]]
            give_back(desk, later, "The service it waits for is slow.", seconds_apart=spent / done)
            return
        _complete(desk, one)


def _complete(desk: Desk, ready: Ready) -> None:
    for complete in _each(desk, [ready.message], lambda _: _asked(desk, ready)):
        _commit(desk, [complete])


def _each(desk: Desk, messages: Sequence[Message], prepare: Callable[[Message], Ready]) -> Iterator[Ready]:
    """What is prepared of each message; what stops one settles it."""
    for message in messages:
        try:
            yield prepare(message)
        except Exception as error:  # noqa: BLE001 - a bug stops this message and no other
            settle_any(desk, message, error, attempts_max=_attempts_max(desk, message))


def _readings(desk: Desk, messages: Sequence[Message]) -> Mapping[str, bytes]:
    """What was read of all of them, fetched at once; nothing where one is missing, whose own turn then tells."""
    try:
        return desk.ledger.payloads(message.reading for message in messages if message.reading)
    except CrossdockError:
        return {}


def _read(desk: Desk, message: Message, readings: Mapping[str, bytes]) -> Ready:
    """What can be found out here; raises what stops the document."""
    again = bool(message.facts.get("reread")) or message.reading is None
    canonical = reread(desk, message) if again else desk.canonical(message, readings)
    route, data = route_of(desk, canonical), readings.get(message.reading or "")
    if again:
        data = canonical.model_dump_json(exclude_none=True).encode()
    reading = desk.ledger.store(data) if again and data else None
    ahead = think_ahead(desk, message.id, canonical, route, message.partner, data)
    return Ready(message, canonical, route, reading, ahead)


def _asked(desk: Desk, ready: Ready) -> Ready:
    """The same with the answer of the service that its route asks; raises what stops the document."""
    asked = ready.route.ask if ready.route else None
    assert asked is not None, "only such documents ask"
    canonical = ask(desk, asked, ready.message, ready.canonical)
    reading = desk.ledger.store(canonical.model_dump_json(exclude_none=True).encode())
    return Ready(ready.message, canonical, ready.route, reading)


def route_of(desk: Desk, canonical: Canonical) -> Route | None:
    """The route that a canonical message takes, None for answers to what we sent; raises Misconfigured where it has
    none."""
    model = type(canonical)
    return None if model in _ANSWERS else desk.route(model.__name__)


def carry_out(desk: Desk, change: Change, outbox: Outbox, documents: Sequence[Ready]) -> None:
    """Have claimed documents take their effects and come to rest, in the order given. Raises what stops one of them."""
    book = Book(change)
    book.fetch({key for one in documents if (key := filed_under(desk, one.message, one.canonical))})
    visits = [
        Visit(desk, change, one.message, one.route, one.canonical, one.reading, book, outbox, one.ahead)
        for one in documents
    ]
    keys = [(visit, visit.business_key(visit.message.partner)) for visit in visits if visit.ahead]
    taken = change.take_keys([(*key, visit.fingerprint(), visit.message.id) for visit, key in keys if key])
    for visit in visits:
        visit.has_key = visit.message.id in taken
        _KINDS.get(type(visit.canonical), advance)(visit)


def _commit(desk: Desk, ready: Sequence[Ready]) -> None:
    if not ready:
        return
    stages: set[str] = set()

    def work(change: Change) -> None:
        stages.clear()
        outbox = Outbox(desk, change, stages)
        carry_out(desk, change, outbox, ready)
        outbox.flush()

    try:
        desk.ledger.write(work)
    except Exception as error:  # noqa: BLE001 - as above
        if len(ready) == 1:
            message = ready[0].message
            settle_any(desk, message, error, attempts_max=_attempts_max(desk, message))
            return
        for one in ready:
            _commit(desk, [one])
        return
    for stage in sorted(stages):
        desk.hint(stage)


def _attempts_max(desk: Desk, message: Message) -> int:
    route = desk.routes.get(message.facts.get("message", ""))
    return route.attempts_max if route else ATTEMPTS_MAX
