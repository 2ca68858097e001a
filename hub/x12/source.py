"""Bytes to read, a window at a time, with wrapped lines joined and every offset known."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, NamedTuple

__all__ = ["Source", "Wrap", "wrap_of"]

_BLOCK = 1 << 18
_SAMPLE = 16_384
_SHARE = 64
_NARROWEST, _WIDEST = 20, 256
"""A single line end is taken for a wrap between these widths only; it might stand in a text as well."""


class Wrap(NamedTuple):
    """Lines of ``width`` bytes with ``newline`` after each, cutting through segments."""

    width: int
    newline: bytes


class Source:
    """``data`` is what is at hand; ``more`` gets more of it. Offsets count the bytes as they came.

    Of a socket or pipe what has come is taken at once, through ``read1`` where it has that.
    """

    def __init__(self, source: bytes | BinaryIO, block: int = _BLOCK) -> None:
        self._read: Callable[[int], bytes] | None = None
        if not isinstance(source, bytes):
            self._read = getattr(source, "read1", source.read)
        self._block = block
        self.data = source if isinstance(source, bytes) else b""
        self.size = len(self.data)
        self._base = 0
        self._wrap: Wrap | None = None
        self._wrapped_from = 0
        self._cut = 0
        self._tail = b""

    @property
    def ended(self) -> bool:
        return self._read is None and not self._tail

    def offset(self, at: int) -> int:
        """Where ``data[at]`` stands in the source. ``at`` may not lie before the wrap that is being joined."""
        here = self._base + at
        if self._wrap is None or here <= self._wrapped_from:
            return here
        lines = min((here - self._wrapped_from) // self._wrap.width, self._cut)
        return here + lines * len(self._wrap.newline)

    def more(self, at: int) -> bool:
        """Forget what lies before ``at``, which becomes 0, and read on; False where there is nothing left."""
        block = b""
        if self._read is not None:
            block = self._next(self._read, len(self.data) - at)
            self.size += len(block)
        elif not self._tail:
            return False
        self._base += at
        self.data = self.data[at:] + self._joined(block)
        return True

    def _next(self, read: Callable[[int], bytes], kept: int) -> bytes:
        """What comes next. ``kept`` bytes are moved for it, so that where these are many more is waited for, in
        proportion: bytes moved stay within a multiple of bytes read."""
        least = kept // _SHARE if kept > self._block // 4 else 1
        block = piece = read(max(self._block, kept))
        while piece and len(block) < least:
            piece = read(max(self._block, kept))
            block += piece
        if not piece:
            self._read = None
        return block

    def join_lines(self, at: int, wrap: Wrap) -> None:
        """From ``at``, where a line begins, take the line ends out as long as the lines keep their width."""
        raw = self._restored(at) + self._tail
        self._base = self.offset(at)
        self._wrap, self._wrapped_from, self._cut, self._tail = wrap, self._base, 0, b""
        self.data = self._joined(raw)

    def _restored(self, at: int) -> bytes:
        """What lies from ``at``, with the line ends that were taken out."""
        if self._wrap is None:
            return self.data[at:]
        width, newline = self._wrap
        here = self._base + at
        pieces = []
        for line in range(max(here - self._wrapped_from, 0) // width, self._cut):
            end = self._wrapped_from + (line + 1) * width - self._base
            pieces += [self.data[at:end], newline]
            at = end
        return b"".join(pieces) + self.data[at:]

    def _joined(self, block: bytes) -> bytes:
        if self._wrap is None or (not block and not self._tail):
            return block
        width, newline = self._wrap
        step = width + len(newline)
        raw, self._tail = self._tail + block, b""
        lines = []
        at = 0
        while len(raw) - at >= step:
            if raw[at + width : at + step] != newline or raw.find(newline, at, at + width) >= 0:
                break
            lines.append(raw[at : at + width])
            at += step
        else:
            if self._read is not None:
                self._tail = raw[at:]
                at = len(raw)
        self._cut += len(lines)
        return b"".join(lines) + raw[at:]


def wrap_of(data: bytes, at: int, terminator: bytes, *, ended: bool) -> Wrap | None:
    """How the lines from ``at`` are wrapped; None where line ends stand only between segments."""
    window = data[at : at + _SAMPLE]
    newline = b"\r\n" if b"\r\n" in window else b"\n" if b"\n" in window else b"\r"
    lines = window.split(newline)
    width = len(lines[0])
    if len(lines) < 2 or width < _NARROWEST or terminator in (b"\r", b"\n") or b"\n" in lines[0]:
        return None
    full = next((n for n, line in enumerate(lines) if len(line) != width), len(lines))
    if full == 1 and width > _WIDEST:
        return None
    cut = any(line.rstrip()[-len(terminator) :] != terminator for line in lines[:full])
    if full < len(lines) and (full < len(lines) - 1 or (ended and len(data) - at <= len(window))):
        rest = b"".join(lines[full + 1 : full + 3]).strip()
        cut = cut and len(lines[full]) < width and (not rest or rest.startswith(b"ISA"))
    return Wrap(width, newline) if cut else None
