"""One input against all that reads X12: reader, validation, mappings, acknowledgment, writer.

Whatever the bytes are: nothing is raised but errors of `hub.errors`, every byte is accounted for, a file read in pieces
says the same as the bytes, our answer is itself a right interchange, and time is bounded.
"""

from __future__ import annotations

import io
import time

import mappings
from hub.contracts.mapping import Context
from hub.errors import CrossdockError
from hub.x12 import Delimiters, Document, Group, Interchange, Limits, Reader, read
from hub.x12.answer import answers
from hub.x12.outgoing import DocumentBody, Envelope, GroupBody
from hub.x12.write import write_interchange

__all__ = ["LIMITS", "SECONDS", "attack"]

LIMITS = Limits(interchanges=20, document_segments=500, document_bytes=50_000, segment_bytes=5_000, problems=20)
SECONDS, SECONDS_A_BYTE = 0.5, 50e-6
"""CPU time that one input may take at most: five hundred times the usual, for the smallest machine."""
ECHOED = {("AK1", 1), ("AK1", 2), ("AK1", 3), ("AK2", 1), ("AK2", 2), ("AK2", 3), ("AK3", 1), ("IK3", 1)}
"""Where an answer repeats what came, right or wrong."""
_CONTEXT = Context(now=1_800_000_000.0)
Events = list[Interchange | Group | Document]


class Pieces(io.RawIOBase):
    """A file that gives at most ``step`` bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step, self._at = data, step, 0

    def read(self, size: int = -1) -> bytes:
        piece = self._data[self._at : self._at + self._step]
        self._at += len(piece)
        return piece


def attack(data: bytes, turn: int = 0) -> None:
    """Raises AssertionError where a promise is broken, and whatever else escapes. ``turn`` picks the dear checks: each
    is made every eighth time or so."""
    start = time.process_time()
    reader = read(data, LIMITS)
    events: Events = list(reader)
    _accounted(reader, events, data)
    if turn % 8 == 0:
        _in_pieces(reader, events, data, step=(turn * 7919) % 997 + 3)
    for event in events:
        if isinstance(event, Document):
            if event.verdict != "rejected" or turn % 16 == 1:
                _mapped(event)
            if turn % 8 == 2:
                _written(event)
    if turn % 4 == 3:
        _answered(events, turn)
    taken = time.process_time() - start
    assert taken < SECONDS + SECONDS_A_BYTE * len(data), f"{taken:.3f} s for {len(data)} bytes"


def _accounted(reader: Reader, events: Events, data: bytes) -> None:
    assert reader.size == reader.bytes_accounted == len(data)
    for event in events:
        if isinstance(event, Document):
            assert len(event.places) == len(event.segments)
            assert len(event.problems) <= LIMITS.problems + 1
            assert (event.verdict == "rejected") == any(p.severity == "error" for p in event.problems)
            assert 0 <= event.offset <= event.offset + event.length <= len(data)
    assert all(event.closed for event in events if not isinstance(event, Document))


def _in_pieces(reader: Reader, events: Events, data: bytes, step: int) -> None:
    again = read(Pieces(data, step), LIMITS)
    found = list(again)
    assert [_told(event) for event in found] == [_told(event) for event in events]
    assert (again.size, again.bytes_accounted, again.syntax) == (len(data), len(data), reader.syntax)
    assert again.problems == reader.problems


def _told(event: Interchange | Group | Document) -> object:
    if isinstance(event, Document):
        return event.segments, event.problems, event.offset, event.length
    return event.control_number, event.problems if event.closed else None


def _mapped(document: Document) -> None:
    mapping = mappings.find(f"x12/{document.document}", partner="", version=document.group.version)
    if mapping is None:
        return
    reading = mapping.read(document, _CONTEXT)
    assert (reading.message is None) == any(p.severity == "error" for p in reading.problems)
    if reading.message is not None:
        assert reading.json().startswith(b"{")


def _envelope(version: str) -> Envelope:
    return Envelope(
        sender_qualifier="ZZ", sender="A", receiver_qualifier="ZZ", receiver="B", control=1, at_seconds=1_800_000_000.0,
        version=version, clash="replace", delimiters=Delimiters("*", "~", ">", "^"),
    )  # fmt: skip


def _written(document: Document) -> None:
    """What was read is written as whole segments, or refused."""
    release = document.release if document.release.isdecimal() and len(document.release) == 6 else "004010"
    body = DocumentBody(
        document=document.document,
        control_number=document.control_number,
        segments=document.segments[1:-1],
        joined_by=document.group.interchange.delimiters,
    )
    try:
        data = write_interchange(_envelope(release), [GroupBody(type="PO", control=1, documents=[body])])
    except CrossdockError:
        return
    again = [event for event in read(data) if isinstance(event, Document)]
    assert len(again) == 1 or any(row[0] in ("BIN", "BDS") for row in document.segments)
    assert not {"document_count", "document_unfinished", "document_number_differs"} & {
        problem.code for problem in again[0].problems
    } or any(row[0] in ("BIN", "BDS") for row in document.segments)


def _answered(events: Events, turn: int) -> None:
    """Our own 997, 999 and TA1 are right, whatever they answer."""
    try:
        replies = list(
            answers(
                events,
                at_seconds=1_800_000_000.0,
                style="999" if turn % 16 == 3 else "997",
                listed="faulty" if turn % 16 == 7 else "all",
                whole_group=turn % 32 == 11,
            )
        )
    except CrossdockError:
        return
    for reply in replies:
        reader = read(reply)
        for event in reader:
            if isinstance(event, Document):
                wrong = [p for p in event.problems if p.severity == "error" and (p.segment, p.element) not in ECHOED]
                assert not wrong, (wrong[0], reply)
        assert reader.problems == []
