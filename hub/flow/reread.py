"""A document read again from its bytes, with the mapping as it is now."""

from __future__ import annotations

from hub.canonical import Canonical
from hub.contracts.mapping import Context, Reading
from hub.errors import BadDocument, Broken, Misconfigured
from hub.flow.agreement import agreement_of
from hub.flow.desk import Desk
from hub.flow.own_envelope import envelope_of
from hub.ledger.message import Message
from hub.mapping.json_text import loads
from hub.x12 import read
from hub.x12.document import Document

__all__ = ["reread"]


def reread(desk: Desk, message: Message, data: bytes | None = None) -> Canonical:
    """The canonical message that a document's bytes give today. ``data``: others in their place.

    Raises BadDocument with its problems where they still give none, Misconfigured where no mapping reads them.
    """
    if data is None and message.payload is None:
        raise Broken(f"document {message.id} has no bytes")
    data = desk.ledger.payload(message.payload or "") if data is None else data
    reading = (_x12 if message.parent and "isa13" in message.facts else _json)(desk, message, data)
    if reading.message is None:
        raise BadDocument(
            f"It still has {len(reading.problems)} problems.",
            fix="Edit it (`crossdock replay --edit`), or have it sent again.",
            problems=reading.problems,
        )
    return reading.message


def _json(desk: Desk, message: Message, data: bytes) -> Reading:
    mapping = desk.find_mapping(f"json/{message.type}", message.partner, "")
    if mapping is None:
        raise Misconfigured(f"There is no mapping json/{message.type}.", fix="Add it to mappings/.")
    return mapping.read(loads(data), Context(now=desk.clock.now()))


def _x12(desk: Desk, message: Message, data: bytes) -> Reading:
    """Its envelope says the delimiters and the version, so it is read in the one it came in, alone."""
    partner = desk.partner(message.partner)
    mapping = desk.find_mapping(f"x12/{message.type}", partner.id, message.facts["version"])
    if mapping is None:
        raise Misconfigured(f"There is no mapping x12/{message.type}.", fix="Add it to mappings/ and its CATALOG.")
    alone = envelope_of(desk, message).around(data)
    for event in read(alone, agreement=agreement_of(desk, partner)):
        if isinstance(event, Document):
            errors = [problem for problem in event.problems if problem.severity == "error"]
            if errors:
                return Reading(message=None, problems=tuple(event.problems))
            return mapping.read(event, desk.context(partner))
    raise Broken(f"document {message.id} holds no document")
