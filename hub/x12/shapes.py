"""The quick way through a right segment: what it looks like is looked up among what is known to be right.

The shape of a segment is its text with every digit read as 0: ``PO1*7*24*EA*9.95`` looks like ``PO0*0*00*EA*0.00``.
Orders differ in their numbers, much less in their shapes. A shape is settled once, by `hub.x12.patterns`; what digits
may still spoil, a code such as 92 or a date, is looked up among the values seen to be right.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from hub.x12.document import Delimiters
from hub.x12.elements import Cell, Segment
from hub.x12.judge import date_is_valid, time_is_valid
from hub.x12.patterns import is_looked_up, pattern_of, simple

__all__ = ["DIGITS", "UNSURE", "Open", "Shapes", "learn"]

DIGITS = bytes.maketrans(b"123456789", b"000000000")
_SEEN = 5_000
"""Values remembered for one form or one `Open`; then it starts anew."""
_SHAPES, _LONGEST = 50_000, 160
"""Shapes remembered in one process, some 20 MB, and characters of one that is: longer ones seldom come again."""


Open = tuple[Callable[[list[str]], Any], set[Any], tuple[tuple[int, Cell], ...] | None]
"""What a shape leaves open: ``pick``, ``seen`` and checks. ``pick(fields) in seen`` means right; `learn` adds to what
was seen, as the checks allow."""
UNSURE: Open = (len, set(), None)
"""Of a shape that only the exact way can judge."""


def learn(left: Open, fields: list[str]) -> bool:
    """Whether these codes, dates and times are right; if so, they are known from now on."""
    pick, seen, checks = left
    if checks is None or not all(_right(cell, fields[at]) for at, cell in checks):
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


class Shapes(dict[str, Open | None]):
    """The shapes of one segment, each settled when it is first asked for: None where it is right whatever the digits.

    Raises LookupError for a shape with a control character or a terminator in it, which must be cut with care.
    """

    def __init__(self, segment: Segment, delimiters: Delimiters) -> None:
        self._segment = segment
        self._delimiters = delimiters
        self._forms: dict[int, _Form] = {}
        inside = re.escape(delimiters.element + delimiters.component + delimiters.repetition)
        self._broken = re.compile(f"(?![{inside}])[\x00-\x1f\x7f{re.escape(delimiters.segment)}]").search
        hints = (delimiters.component, delimiters.repetition, delimiters.element + " ")
        self._hinted = re.compile("|".join(re.escape(hint) for hint in hints if hint)).search

    def __missing__(self, shape: str) -> Open | None:
        if self._broken(shape):
            raise LookupError(shape)
        left = UNSURE if self._hinted(shape) else self._settled(shape)
        if len(shape) <= _LONGEST:
            self[shape] = left
            _known.append((self, shape))
            if len(_known) > _SHAPES:
                shapes, oldest = _known.popleft()
                shapes.pop(oldest, None)
        return left

    def _settled(self, shape: str) -> Open | None:
        fields = shape.split(self._delimiters.element)
        form = self._forms.get(len(fields))
        if form is None:
            if len(fields) > len(self._segment.cells) + 1:
                return UNSURE
            form = self._forms[len(fields)] = _Form(self._segment, len(fields) - 1, self._delimiters)
        return form.left_open(shape, fields)


_known: deque[tuple[Shapes, str]] = deque()
"""Every shape that is remembered, the oldest first."""


class _Form:
    """The shapes with one number of elements."""

    def __init__(self, segment: Segment, count: int, delimiters: Delimiters) -> None:
        pattern = pattern_of(segment, count, delimiters)
        self._match = re.compile("(?!)" if pattern is None else pattern).fullmatch
        self._tag = len(segment.tag)
        self._checks = tuple((at, cell) for at, cell in enumerate(segment.cells[:count], 1) if is_looked_up(cell))
        self._pick = itemgetter(*(at for at, _ in self._checks)) if self._checks else len
        self._settled: dict[Any, Open | None] = {}
        self._open: dict[tuple[int, ...], Open] = {}

    def left_open(self, shape: str, fields: list[str]) -> Open | None:
        if self._match(shape, self._tag) is None:
            return UNSURE
        values = self._pick(fields)
        try:
            return self._settled[values]
        except KeyError:
            if len(self._settled) >= _SEEN:
                self._settled.clear()
            left = self._settled[values] = self._what_digits_decide(fields)
            return left

    def _what_digits_decide(self, fields: list[str]) -> Open | None:
        checks = tuple((at, cell) for at, cell in self._checks if "0" in fields[at])
        if not all(_right(cell, fields[at]) for at, cell in self._checks if "0" not in fields[at]):
            return UNSURE
        positions = tuple(at for at, _ in checks)
        return self._open.setdefault(positions, (itemgetter(*positions), set(), checks)) if positions else None
