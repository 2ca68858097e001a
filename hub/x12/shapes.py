"""The quick way through a right segment: what it looks like is looked up among what is known to be right.

The shape of a segment is its text with every digit read as 0 and every letter, blank or mark as A, delimiters, points
and hyphens as they are: ``PO1*7*24*EA*9.95`` has the shape ``AA0*0*00*AA*0.00``. Few shapes make up a partner's
documents. A shape is settled once, by `hub.x12.patterns`; codes, dates and times are looked up together, as one tuple,
among those already seen to be right. That an element holds nothing but blanks is not seen in a shape.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from hub.x12.document import Delimiters
from hub.x12.elements import Cell, Segment
from hub.x12.judge import date_is_valid, time_is_valid
from hub.x12.patterns import is_looked_up, pattern_of, simple

__all__ = ["UNSURE", "Open", "Shapes", "learn", "table_of"]

_LETTERS = bytes(range(32, 127)).translate(None, b"0123456789-.")
_SEEN = 5_000
"""Codes, dates and times remembered together for one `Open`; then it starts anew."""
_MOST, _LONGEST = 50_000, 160
"""Shapes remembered in one process, some 20 MB, and characters of one that is: longer ones seldom come again."""


@lru_cache(maxsize=64)
def table_of(delimiters: Delimiters) -> bytes:
    """For ``bytes.translate``: segments become their shapes."""
    letters = _LETTERS.translate(None, "".join(_marks(delimiters)).encode())
    return bytes.maketrans(b"123456789" + letters, b"0" * 9 + b"A" * len(letters))


def _marks(delimiters: Delimiters) -> tuple[str, str, str, str]:
    return delimiters.element, delimiters.segment, delimiters.component, delimiters.repetition


Checks = tuple[tuple[int, Cell], ...]
Open = tuple[Callable[[list[str]], Any], set[Any], Checks]
"""What a shape leaves open: ``pick``, ``seen`` and checks. ``pick(fields) in seen`` means right; `learn` adds to what
was seen, as the checks allow."""
UNSURE: Open = (len, set(), ())
"""Of a shape that only the exact way can judge."""


def learn(left: Open, fields: list[str]) -> bool:
    """Whether these codes, dates and times are right; if so, they are known from now on."""
    pick, seen, checks = left
    if not checks or not all(_right(cell, fields[at]) for at, cell in checks):
        return False
    if len(seen) >= _SEEN:
        seen.clear()
    seen.add(pick(fields))
    return True


def _right(cell: Cell, value: str) -> bool:
    element = simple(cell)
    if not value:
        return not cell.required
    if element is None:
        return False
    if element.kind == "DT":
        return date_is_valid(value, element.low, element.high)
    if element.kind == "TM":
        return time_is_valid(value, element.low, element.high)
    return value in element.codes


_known: deque[tuple[Shapes, str]] = deque()
"""Every shape that is remembered, the oldest first."""


class Shapes(dict[str, Open | None]):
    """The shapes of one segment: what each leaves open, None where it has no codes, dates or times.

    Raises LookupError for a shape with a control character or a terminator in it, which must be cut with care.
    """

    def __init__(self, segment: Segment, delimiters: Delimiters) -> None:
        self._segment = segment
        self._delimiters = delimiters
        self._patterns: dict[int, Callable[[str, int], Any]] = {}
        self._open: dict[tuple[int, ...], Open] = {}
        controls = set(map(chr, (*range(32), 127))).difference(_marks(delimiters))
        self._broken = re.compile(f"[{re.escape(''.join(controls) + delimiters.segment)}]").search

    def __missing__(self, shape: str) -> Open | None:
        if self._broken(shape):
            raise LookupError(shape)
        left = self._settled(shape)
        if len(shape) <= _LONGEST:
            self[shape] = left
            _known.append((self, shape))
            if len(_known) > _MOST:
                shapes, oldest = _known.popleft()
                shapes.pop(oldest, None)
        return left

    def _settled(self, shape: str) -> Open | None:
        fields = shape.split(self._delimiters.element)
        inner = self._delimiters.component, self._delimiters.repetition
        if any(mark and mark in shape for mark in inner) or not self._pattern(len(fields) - 1)(
            shape, len(self._segment.tag)
        ):
            return UNSURE
        checks = enumerate(self._segment.cells[: len(fields) - 1], 1)
        return self._opened(tuple((at, cell) for at, cell in checks if is_looked_up(cell) and fields[at]))

    def _pattern(self, count: int) -> Callable[[str, int], Any]:
        known = self._patterns.get(count)
        if known is None:
            pattern = pattern_of(self._segment, count, self._delimiters)
            known = re.compile("(?!)" if pattern is None else pattern).fullmatch
            if pattern is not None:
                self._patterns[count] = known
        return known

    def _opened(self, checks: Checks) -> Open | None:
        positions = tuple(at for at, _ in checks)
        return self._open.setdefault(positions, (itemgetter(*positions), set(), checks)) if positions else None
