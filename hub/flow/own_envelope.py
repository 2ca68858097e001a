"""One document of a file in an interchange of its own, under the very ISA and GS it came in."""

from __future__ import annotations

from dataclasses import dataclass

from hub.errors import BadDocument, Broken
from hub.flow.agreement import agreement_of
from hub.flow.desk import Desk
from hub.ledger.message import Kind, Message
from hub.x12 import read
from hub.x12.document import Delimiters, Document

__all__ = ["Envelope", "envelope_of", "interchange_delimiters", "without_envelope"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """``head``: ISA and GS as they came, each with its terminator; ``tail``: GE and IEA for one document. What did not
    come is not there."""

    delimiters: Delimiters
    head: bytes
    tail: bytes

    def around(self, document: bytes) -> bytes:
        """An interchange with this document alone; ``document``: ST to SE."""
        terminator = self.delimiters.segment.encode("latin-1")
        own = document.rstrip(b"\r\n\t ")
        return self.head + (own if own.endswith(terminator) else own + terminator) + self.tail


def envelope_of(desk: Desk, message: Message) -> Envelope:
    """The envelope of a document that came in a file. Raises Broken where the file does not hold it.

    The file is read only up to the first document of its group: one of many costs no more than the first.
    """
    parent = desk.message(message.parent or "")
    if parent.payload is None or parent.kind is not Kind.INTERCHANGE:
        raise Broken(f"document {message.id} did not come in a file")
    data = desk.ledger.payload(parent.payload)
    wanted = tuple(message.facts[key] for key in ("isa13", "group", "version"))
    for event in read(data, agreement=agreement_of(desk, desk.partners.get(message.partner))):
        if isinstance(event, Document):
            group = event.group
            if (group.interchange.control_number, group.control_number, group.version) == wanted:
                return _envelope(event, data)
    raise Broken(f"document {message.id} is not in the file it came in")


def without_envelope(data: bytes, envelope: Envelope) -> bytes:
    """One document from ST to SE; of an interchange, the only one in it, where it is in this very envelope.

    Raises BadDocument for any other.
    """
    if not data.lstrip().startswith(b"ISA"):
        return data
    found = [event for event in read(data) if isinstance(event, Document)]
    if len(found) == 1 and _envelope(found[0], data).head == envelope.head:
        return data[found[0].offset : found[0].offset + found[0].length]
    raise BadDocument(
        f"In its place stands one document, in the envelope it came in; this interchange holds {len(found)}"
        f"{', in another' if len(found) == 1 else ''}.",
        fix="Give the document alone, from ST to SE; or close this one, and have the interchange sent.",
    )


def interchange_delimiters(data: bytes) -> Delimiters | None:
    """The delimiters of the first interchange in some bytes; None where there is none."""
    for event in read(data):
        return event.interchange.delimiters if hasattr(event, "interchange") else event.delimiters  # type: ignore[union-attr]
    return None


def _envelope(document: Document, data: bytes) -> Envelope:
    interchange, delimiters = document.group.interchange, document.group.interchange.delimiters
    terminator, element = delimiters.segment.encode("latin-1"), delimiters.element.encode("latin-1")
    before = [piece.strip(b"\r\n\t ") for piece in data[interchange.offset : document.offset].split(terminator)]
    head = [data[interchange.offset :].split(terminator, 1)[0]] if interchange.control_number else []
    head += [piece for piece in before if piece.startswith(b"GS" + element)][-1:]
    numbers = ((b"GE", document.group.control_number), (b"IEA", interchange.control_number))
    tail = [element.join((tag, b"1", number.encode("latin-1"))) for tag, number in numbers if number]
    return Envelope(delimiters, *(b"".join(segment + terminator for segment in segments) for segments in (head, tail)))
