"""Reading X12, one document in memory at a time; every byte of the source is accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from hub.problem import Problem
from hub.x12.agreement import Agreement
from hub.x12.body import Body
from hub.x12.cursor import Cursor
from hub.x12.document import Document, Group, Interchange
from hub.x12.envelope import interchange_of
from hub.x12.header import LONGEST, Header, begins, is_exact, read_header
from hub.x12.limits import Limits
from hub.x12.naked import header_of, is_naked
from hub.x12.problems import found
from hub.x12.source import Source

__all__ = ["Limits", "Reader", "read"]

_NOTHING = re.compile(rb"[\r\n \t\x00\x1a]*")
_NEXT = re.compile(rb"ISA[^A-Za-z0-9]")
_AHEAD = 20_000
"""Bytes looked at to read an ISA and to see whether its lines are wrapped."""
_BOM = b"\xef\xbb\xbf"


def read(source: bytes | BinaryIO, limits: Limits | None = None, agreement: Agreement | None = None) -> Reader:
    """Read X12 from bytes or a binary file. See `Reader`. ``agreement``: what its sender is allowed."""
    return Reader(source, limits or Limits(), agreement or Agreement())


class Reader:
    """Iterate it once. It gives each `Interchange` when it begins, each `Group` when it begins, each `Document`, and
    `Group` and `Interchange` a second time when they end: then ``closed`` is True and their problems are complete.

    Never raises for what the bytes hold. After the last item, ``problems`` holds what concerns the source as a whole,
    ``bytes_accounted`` the bytes of interchanges and of spans told as problems, ``size`` the bytes read, and
    ``syntax`` what it is: ``x12``, ``edifact``, ``tradacoms``, ``unknown`` or ``empty``.
    """

    def __init__(self, source: bytes | BinaryIO, limits: Limits, agreement: Agreement) -> None:
        self.problems: list[Problem] = []
        self.bytes_accounted = 0
        self.syntax = "empty"
        self._source = Source(source)
        self._limits = limits
        self._agreement = agreement
        self._at = 0
        self._count = 0
        self._control_numbers: set[str] = set()

    @property
    def size(self) -> int:
        return self._source.size

    def __iter__(self) -> Iterator[Interchange | Group | Document]:
        source = self._source
        while source.more(0) and len(source.data) < _AHEAD:
            pass
        self._byte_order_mark()
        while True:
            self._padding()
            if self._at >= len(source.data) and source.ended:
                break
            naked = not begins(source.data, self._at)
            if naked and not is_naked(source.data, self._at, self._agreement.naked):
                self._junk()
                continue
            header = self._without_isa() if naked else self._header()
            if header is None:
                self._junk(skip=3)
            else:
                yield from self._interchange(header, naked=naked)
        if not self.size:
            self.problems.append(found("empty_file", "There are no bytes."))

    def _tell(self, problem: Problem) -> None:
        if len(self.problems) < self._limits.problems:
            self.problems.append(problem)

    def _ahead(self) -> None:
        source = self._source
        while len(source.data) - self._at < _AHEAD and not source.ended:
            source.more(self._at)
            self._at = 0

    def _account(self, start: int) -> None:
        self.bytes_accounted += self._source.offset(self._at) - start

    def _byte_order_mark(self) -> None:
        data = self._source.data
        if data.startswith(_BOM):
            self._at = 3
            self._account(0)
            self._tell(found("byte_order_mark", "The file begins with a UTF-8 byte order mark; it was left out."))
        elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            message = "The file is UTF-16; X12 is read as single bytes or UTF-8."
            self._tell(found("not_x12", message, fix="Send it as ASCII or UTF-8."))

    def _padding(self) -> None:
        """Pass over blanks, NUL and 0x1A between interchanges."""
        start = self._source.offset(self._at)
        odd = b""
        while True:
            match = _NOTHING.match(self._source.data, self._at)
            end = match.end() if match else self._at
            odd = odd or self._source.data[self._at : end].strip(b"\r\n")[:1]
            self._at = end
            if self._at < len(self._source.data) or not self._source.more(self._at):
                break
            self._at = 0
        self._account(start)
        length = self._source.offset(self._at) - start
        if odd:
            message = f"{length} bytes of padding at byte {start} (blanks, NUL or 0x1A) were passed over."
            self._tell(found("padding_outside", message))

    def _header(self) -> Header | None:
        self._ahead()
        before = self._source.data
        header = read_header(self._source, self._at)
        if self._source.data is not before:
            self._at = 0
        if isinstance(header, Problem):
            self._tell(header)
            self.syntax = "x12"
            return None
        if not self._agreement.repetition:
            header = header._replace(delimiters=replace(header.delimiters, repetition=""))
        return header

    def _without_isa(self) -> Header:
        naked = self._agreement.naked
        assert naked is not None, "is_naked holds"
        self._ahead()
        return header_of(naked, self._source.data, self._at)

    def _junk(self, skip: int = 0) -> None:
        """Pass over what is no interchange, up to the next ISA at the start of a segment."""
        source = self._source
        start = source.offset(self._at)
        sample = source.data[self._at : self._at + 200]
        self._at += skip
        while True:
            at = _next_isa(source.data, self._at)
            if at >= 0:
                self._at = at
                break
            self._at = max(len(source.data) - LONGEST - 1, self._at)
            if not source.more(self._at):
                self._at = len(source.data)
                break
            self._at = 0
        self._account(start)
        if not skip:
            self._tell(self._outside(sample, start, source.offset(self._at) - start))

    def _outside(self, sample: bytes, start: int, length: int) -> Problem:
        syntax, problem = _described(sample, start, length, first=not self._count)
        if self.syntax == "empty":
            self.syntax = syntax
        return problem

    def _interchange(self, header: Header, *, naked: bool) -> Iterator[Interchange | Group | Document]:
        start = self._source.offset(self._at)
        self.syntax = "x12"
        self._count += 1
        if self._count > self._limits.interchanges:
            message = f"More than {self._limits.interchanges} interchanges; the rest was left out."
            self._tell(found("too_many_interchanges", message))
            self._rest(start)
            return
        interchange = interchange_of(header, self._count - 1, start)
        if not naked and interchange.control_number in self._control_numbers:
            message = f"Control number {interchange.control_number} came before in this file."
            interchange.problems.append(
                found("interchange_repeats", message, segment="ISA", element=13, value=interchange.control_number)
            )
        self._control_numbers.add(interchange.control_number)
        yield interchange
        cursor = Cursor(self._source, header, self._limits.segment_bytes)
        yield from Body(cursor, interchange, self._limits, self._agreement, naked=naked).read()
        self._at = cursor.at
        interchange.length = self._source.offset(self._at) - start
        interchange.closed = True
        self.bytes_accounted += interchange.length
        yield interchange

    def _rest(self, start: int) -> None:
        while self._source.more(len(self._source.data)):
            pass
        self._at = len(self._source.data)
        self._account(start)


def _next_isa(data: bytes, at: int) -> int:
    """The next ISA that begins a segment: behind a line end or a terminator, or of exactly the right width."""
    for match in _NEXT.finditer(data, at):
        here = match.start()
        before = data[here - 1 : here]
        separator = data[here + 3 : here + 4]
        plain = before.isalnum() or before == separator or before in (b" ", b"\t")
        if is_exact(data, here) or (not plain and len(data[here : here + LONGEST].split(separator, 16)) == 17):
            return here
    return -1


def _described(sample: bytes, start: int, length: int, *, first: bool) -> tuple[str, Problem]:
    head = sample.lstrip()
    tag = head[:3]
    if tag in (b"UNA", b"UNB") or re.match(rb"UN[GHZ][^A-Za-z0-9]", head):
        message = f"{length} bytes at byte {start} are EDIFACT, not X12."
        return "edifact", found("not_x12", message, fix="Send X12, or agree with us on EDIFACT.")
    if head[:4] in (b"STX=", b"END=", b"MHD="):
        message = f"{length} bytes at byte {start} are TRADACOMS, not X12."
        return "tradacoms", found("not_x12", message, fix="Send X12, or agree with us on TRADACOMS.")
    if re.match(rb"(?:ST|GS)[^A-Za-z0-9\s]", head):
        what = "a document (ST) without ISA and GS" if head.startswith(b"ST") else "a group (GS) without ISA"
        message = (
            f"{length} bytes at byte {start} begin with {what}; delimiters and sender are unknown, so it is not read."
        )
        return "x12", found("naked_documents", message, segment=head[:2].decode("latin-1"))
    shown = head[:20].hex(" ")
    if first:
        message = f"{length} bytes that are not X12: expected ISA, they begin with {head[:20]!r} (bytes {shown})."
        return "unknown", found("not_x12", message)
    message = f"{length} bytes at byte {start} stand outside any interchange: {head[:20].decode('latin-1')!r}."
    return "unknown", found("junk_outside", message)
