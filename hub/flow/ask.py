"""Services asked before anything is written: the tax engine, the carrier."""

from __future__ import annotations

from hub.canonical import Canonical, Invoice, TaxQuote, TransportationStatus
from hub.contracts.connector import Question
from hub.contracts.route import Ask
from hub.errors import BadDocument, Broken, NotYet, Rejected
from hub.flow.desk import Desk
from hub.ledger.message import Message
from hub.mapping.json_text import dumps, loads
from hub.orders.derive import taxed

__all__ = ["ask"]


def ask(desk: Desk, asked: Ask, message: Message, canonical: Canonical) -> Canonical:
    """The message with the service's answer in it.

    Raises what the connector raises; Rejected where the answer cannot be read.
    """
    partner = desk.partner(message.partner)
    data, key = b"", _key(canonical)
    if asked.request:
        data = dumps(desk.mapping(asked.request, partner).write(canonical, desk.context(partner)))
    question = Question(operation=asked.operation, key=key, data=data, facts={"code": key, "tracking_number": key})
    try:
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
