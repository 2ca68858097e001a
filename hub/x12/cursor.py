"""Segment after segment of one interchange, with its delimiters."""

from __future__ import annotations

import re

from hub.x12.document import Delimiters
from hub.x12.header import Header
from hub.x12.source import Source

__all__ = ["Cursor"]

_BLANKS = re.compile(rb"[\r\n \t\x00]*")
_BINARY = {b"BIN": 1, b"BDS": 2}
"""The element that holds the length of the binary data in the element after it."""


class Cursor:
    """``at``: the index in ``source.data`` of what comes next.

    ``indented``: blanks were passed before a tag. ``empty``: empty segments passed. ``unfinished``: the last segment
    had no terminator. ``overlong``: a segment was larger than the limit, and nothing can be read any more.
    """

    def __init__(self, source: Source, header: Header, segment_bytes: int) -> None:
        self.source = source
        self.at = header.end
        self.element = header.element
        self.terminator = header.segment
        self.pad = b"" if header.segment == b"\n" else header.pad
        self.delimiters: Delimiters = header.delimiters
        self.indented = self.unfinished = self.overlong = False
        self.empty = 0
        self._segment_bytes = segment_bytes
        self._frequent = b"ST" + self.element
        high = header.element + header.segment
        self._multibyte = len(high) > 2
        self._single = any(byte > 127 for byte in high) and not self._multibyte

    @property
    def offset(self) -> int:
        return self.source.offset(self.at)

    def decode(self, raw: bytes) -> tuple[str, str]:
        """Text and the encoding it was in: ASCII or UTF-8 where it is valid, else Windows-1252, else Latin-1.

        Each of them gives the same bytes back; where delimiters are UTF-8 characters, broken bytes are replaced.
        """
        if raw.isascii():
            return raw.decode("ascii"), ""
        if self._multibyte:
            return raw.decode("utf-8", "replace"), "utf-8"
        for encoding in () if self._single else ("utf-8", "cp1252"):
            try:
                return raw.decode(encoding), encoding
            except UnicodeDecodeError:
                continue
        return raw.decode("latin-1"), "latin-1"

    def more(self) -> bool:
        """Read on; False at the end. What lies before ``at`` is forgotten."""
        got = self.source.more(self.at)
        if got:
            self.at = 0
        return got

    def settle(self) -> bool:
        """Pass over blanks and empty segments to the next tag; False at the end of the source."""
        if self.pad and self.source.data.startswith(self.pad, self.at):
            self.at += len(self.pad)
        if self.source.data.startswith(self._frequent, self.at):
            return True
        while True:
            match = _BLANKS.match(self.source.data, self.at)
            end = match.end() if match else self.at
            if end > self.at:
                self.indented = self.indented or self.source.data[end - 1 : end] in (b" ", b"\t")
                self.at = end
            if self.source.data.startswith(self.terminator, self.at):
                self.at += len(self.terminator)
                self.empty += 1
            elif len(self.source.data) - self.at >= 8 or not self.more():
                return self.at < len(self.source.data)

    def tag(self) -> bytes:
        """The tag that comes next, after `settle`: of up to four letters."""
        head = self.source.data[self.at : self.at + 4 + len(self.element)]
        return head.partition(self.element)[0].partition(self.terminator)[0].strip()

    def segment(self) -> bytes | None:
        """The segment at ``at`` without its terminator, after `settle`. None where it is larger than the limit."""
        end = self._end(self.at)
        if end < 0:
            if self.overlong:
                return None
            end = len(self.source.data)
            self.unfinished = self.terminator not in (b"\n", b"\r")
            raw = self.source.data[self.at : end].rstrip(b"\r\n \t\x00\x1a")
            self.at = end
            return raw
        raw = self.source.data[self.at : end]
        self.at = end + len(self.terminator)
        return raw.rstrip(b"\r") if self.terminator == b"\n" else raw

    def _end(self, scan: int) -> int:
        while True:
            end = self.source.data.find(self.terminator, scan)
            if end >= 0 and end - self.at <= self._segment_bytes:
                return end
            known = len(self.source.data) - self.at
            if end >= 0 or known > self._segment_bytes:
                self.overlong = True
                return -1
            if not self.more():
                return -1
            scan = self.at + max(known - len(self.terminator), 0)

    def binary(self) -> tuple[bytes, bool] | None:
        """A BIN or BDS segment at ``at``, whose data may hold delimiters; None where this is no such segment.

        The flag tells whether a terminator stands right behind the data; if not, the segment ends at the next one.
        """
        where = _BINARY.get(self.tag())
        if where is None:
            return None
        while len(self.source.data) - self.at < 64 and self.more():
            pass
        head = self.source.data[self.at : self.at + 64].split(self.element, where + 1)
        if len(head) <= where + 1 or not head[where].isdigit() or int(head[where]) > self._segment_bytes:
            raw = self.segment()
            return None if raw is None else (raw, False)
        start = sum(len(part) for part in head[: where + 1]) + (where + 1) * len(self.element)
        whole = start + int(head[where])
        while len(self.source.data) - self.at < whole + len(self.terminator) and self.more():
            pass
        if self.source.data.startswith(self.terminator, self.at + whole):
            raw = self.source.data[self.at : self.at + whole]
            self.at += whole + len(self.terminator)
            return raw, True
        raw_ = self.segment()
        return None if raw_ is None else (raw_, False)
