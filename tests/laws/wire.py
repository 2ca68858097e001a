"""A document from its segments as text, without envelope: what a test changes is what it shows."""

from __future__ import annotations

from hub.contracts.mapping import Context, Reading
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.document import Document
from hub.x12.outgoing import DocumentBody, Envelope, GroupBody
from hub.x12.reader import read
from hub.x12.write import write_interchange
from mappings import CATALOG

__all__ = ["read_body"]


def read_body(document: str, body: str, *, release: str = "004010", context: Context | None = None) -> Reading:
    """The segments between ST and SE, one a line, read as a partner's document that X12 finds no fault with."""
    mapping = CATALOG[f"x12/{document}"]
    assert isinstance(mapping, X12Mapping)
    segments = [line.strip().split("*") for line in body.strip().splitlines()]
    envelope = Envelope(
        sender_qualifier="ZZ",
        sender="THEM",
        receiver_qualifier="ZZ",
        receiver="US",
        control=1,
        at_seconds=0.0,
        version=release,
    )
    parts = [DocumentBody(document=document, control_number="0001", segments=segments)]
    data = write_interchange(envelope, [GroupBody(type=mapping.group, control=1, documents=parts)])
    (found,) = [item for item in read(data) if isinstance(item, Document)]
    assert [problem.message for problem in found.problems] == []
    return mapping.read(found, context or Context())
