"""Services asked before anything is written: the tax engine, the carrier.

One that is down is an endpoint that is down: its row says until when it is not asked, and then one document tries it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hub.canonical import Canonical, Invoice, TaxQuote, TransportationStatus
from hub.contracts.connector import Question
from hub.contracts.route import Ask
from hub.errors import BadDocument, Broken, CrossdockError, NotYet, OutcomeUnknown, Rejected, Throttled, Unreachable
from hub.flow.desk import Desk
from hub.flow.endpoints import away
from hub.flow.settle import note_failure
from hub.ledger import Endpoint
from hub.ledger.message import Message
from hub.mapping.json_text import dumps, loads
from hub.orders.derive import taxed

__all__ = ["ask"]

_TURN_SECONDS = 60.0
"""How long a turn may be taken after it came; who comes later has lost it, and who comes sooner was woken because the
rate has changed."""


def ask(desk: Desk, asked: Ask, message: Message, canonical: Canonical) -> Canonical:
    """The message with the service's answer in it.

    Raises what the connector raises; Rejected where the answer cannot be read. With the fact ``asked`` False, where
    the service was not asked: Unreachable, because it failed a while ago or is in maintenance; Throttled, because its
    rate is used up, with the fact ``turn``: when this message may come again.
    """
    partner = desk.partner(message.partner)
    data, key = b"", _key(canonical)
    if asked.request:
        data = dumps(desk.mapping(asked.request, partner).write(canonical, desk.context(partner)))
    question = Question(operation=asked.operation, key=key, data=data, facts={"code": key, "tracking_number": key})
    try:
        with _turn(desk, desk.role(asked.service), message):
            answer = desk.service(asked.service).ask(question)
    except NotYet as error:
        wait = desk.settings.timing.tracking_poll_seconds
        raise NotYet(error.message, fix=error.fix, retry_after_seconds=wait) from error
    try:
        source = loads(answer.data)
    except BadDocument as error:
        raise Rejected(f"{asked.service} answered with something that is no JSON: {error.message}") from error
    reading = desk.mapping(asked.response, partner).read(source, desk.context(partner))
    if reading.message is None:
        said = "; ".join(problem.message for problem in reading.problems)
        raise Rejected(f"The answer of {asked.service} cannot be understood: {said}")
    return _joined(canonical, reading.message)


@contextmanager
def _turn(desk: Desk, endpoint: str, message: Message) -> Iterator[None]:
    """Lets in whoever may ask: all while the service is well, as quick as its rate allows; one thread of this process
    after it failed.

    Whatever it answers shows that it is well; that it does not is put on record before the next one is let in.
    """
    row, thread = desk.ledger.endpoint(endpoint), threading.get_ident()
    if away(desk, endpoint) or (row.open_until or 0.0) > desk.ledger.now():
        raise Unreachable(f"{endpoint} is not asked for a while. {row.detail}", endpoint=endpoint, asked=False)
    if row.failures and desk.trying.setdefault(endpoint, thread) != thread:
        raise Unreachable(f"{endpoint} failed and is being tried.", endpoint=endpoint, asked=False)
    try:
        if row.per_second is not None:
            _keep_to_the_rate(desk, endpoint, message)
        yield
    except (Unreachable, Throttled, OutcomeUnknown) as error:
        error.facts["endpoint"] = endpoint
        failure = error  # the name of the clause ends with it
        if "turn" not in error.facts:
            desk.ledger.write(lambda change: note_failure(desk, change, endpoint, failure))
        raise
    except CrossdockError:
        _note_answer(desk, row)
        raise
    else:
        _note_answer(desk, row)
    finally:
        if row.failures:
            desk.trying.pop(endpoint, None)


def _keep_to_the_rate(desk: Desk, endpoint: str, message: Message) -> None:
    """Raises Throttled where it has to wait; its turn is then its own, and it comes back for it."""
    now = desk.ledger.now()
    before = message.facts.get("error", {})
    turn = before.get("turn") if before.get("endpoint") == endpoint else None
    if turn is None or not now - _TURN_SECONDS <= turn <= now:
        turn = desk.ledger.write(lambda change: change.take_turn(endpoint))
    if turn > now:
        raise Throttled(
            f"{endpoint} is asked as often as hub.toml allows; others come first.",
            retry_after_seconds=turn - now,
            endpoint=endpoint,
            asked=False,
            turn=turn,
        )


def _note_answer(desk: Desk, row: Endpoint) -> None:
    if row.failures or row.ramp is not None:
        desk.ledger.write(lambda change: change.endpoint_succeeded(row.name))


def _key(canonical: Canonical) -> str:
    if isinstance(canonical, TransportationStatus):
        return canonical.tracking_number
    if isinstance(canonical, Invoice):
        return canonical.id
    raise Broken(f"no service is asked about {type(canonical).__name__}")


def _joined(canonical: Canonical, answer: Canonical) -> Canonical:
    if isinstance(canonical, Invoice) and isinstance(answer, TaxQuote):
        return taxed(canonical, answer)
    return answer
