"""The quick way through a right segment: one compiled pattern and one set look-up for each number of elements.

A `Form` is narrower than the rules: what it lets pass is right, what it does not goes to `hub.x12.judge`, which is
exact. Lengths, numbers, requirement and most notes are in the pattern. Codes, dates and times are looked up together
as one tuple among those already seen to be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from hub.x12.document import Delimiters
from hub.x12.elements import Cell, Element, Segment
from hub.x12.judge import date_is_valid, time_is_valid

__all__ = ["Form", "Forms", "learn"]

_SEEN = 5_000
"""Tuples of codes, dates and times remembered for one form; then it starts anew."""


class Form(NamedTuple):
    """One segment with one number of elements. ``match(raw)`` and ``pick(fields) in seen`` together mean right."""

    match: Callable[[str], Any]
    pick: Callable[[list[str]], Any]
    seen: set[Any]
    checks: tuple[tuple[int, Cell], ...]


def learn(form: Form, fields: list[str]) -> bool:
    """Whether these codes, dates and times are right; if so, they are known from now on."""
    for position, cell in form.checks:
        if not _right(cell, fields[position]):
            return False
    if len(form.seen) >= _SEEN:
        form.seen.clear()
    form.seen.add(form.pick(fields))
    return True


def _right(cell: Cell, value: str) -> bool:
    element = _simple(cell)
    if not value:
        return not cell.required
    if element is None:
        return False
    if element.kind == "DT":
        return date_is_valid(value, element.low, element.high)
    if element.kind == "TM":
        return time_is_valid(value, element.low, element.high)
    return value in element.codes


class Forms(dict[int, Form]):
    """The forms of one segment under one element separator, by number of fields (tag included), made when needed."""

    def __init__(self, segment: Segment, delimiters: Delimiters) -> None:
        super().__init__()
        self.segment = segment
        self.delimiters = delimiters

    def __missing__(self, count: int) -> Form:
        form = self[count] = _form(self.segment, count - 1, self.delimiters)
        return form


def _simple(cell: Cell) -> Element | None:
    """The element, or the first component of a composite that may stand alone."""
    if cell.parts and not any(part.required for part in cell.parts[1:]):
        return cell.parts[0].element
    return cell.element if not cell.parts else None


def _checked(cell: Cell) -> bool:
    element = _simple(cell)
    return element is not None and (element.kind in ("DT", "TM") or bool(element.codes))


def _form(segment: Segment, count: int, delimiters: Delimiters) -> Form:
    pattern = _pattern(segment, count, delimiters)
    if pattern is None:
        return Form(_no_match, itemgetter(0), set(), ())
    checks = tuple((n, cell) for n, cell in enumerate(segment.cells[:count], 1) if _checked(cell))
    pick: Callable[[list[str]], Any] = itemgetter(*([position for position, _ in checks] or [0]))
    return Form(re.compile(pattern).fullmatch, pick, set() if checks else {segment.tag}, checks)


def _no_match(_raw: str) -> None:
    return None


def _pattern(segment: Segment, count: int, delimiters: Delimiters) -> str | None:
    """None where no segment with this many elements can be plainly right."""
    if not 0 < count <= len(segment.cells) or any(cell.required for cell in segment.cells[count:]):
        return None
    needed, empty, pairs = _notes(segment, count)
    if needed & empty or max(needed) > count:
        return None
    separator = re.escape(delimiters.element)
    parts = [re.escape(segment.tag)]
    skip = 0
    for number, cell in enumerate(segment.cells[:count], 1):
        filled = _filled(cell, delimiters)
        if number == skip:
            continue
        if cell.required or number in needed:
            parts.append(separator + filled)
        elif number in empty:
            parts.append(separator)
        elif number in pairs:
            skip = number + 1
            parts.append(f"{separator}(?:{filled}{separator}{_filled(segment.cells[number], delimiters)}|{separator})")
        else:
            parts.append(f"{separator}(?:{filled}|)")
    return "".join(parts)


def _notes(segment: Segment, count: int) -> tuple[set[int], set[int], set[int]]:
    """What the notes ask for when the last of ``count`` elements is filled, said no more loosely than they say it.

    The positions to fill, those to leave empty, and the first ones of neighbours filled together or not at all. Where
    a note leaves a choice, one is taken; the others go the exact way.
    """
    needed: set[int] = {count}
    empty: set[int] = set()
    pairs: set[int] = set()
    for note in segment.notes:
        _NOTES[note.kind](note.positions, count, needed, empty, pairs)
    for first in sorted(pairs):
        if first in empty or first + 1 in empty:
            empty |= {first, first + 1}
        elif first in needed or first + 1 in needed:
            needed |= {first, first + 1}
    return needed, empty, pairs - needed - empty


_Positions = tuple[int, ...]


def _all_or_none(at: _Positions, count: int, needed: set[int], empty: set[int], pairs: set[int]) -> None:
    if at[-1] > count:
        empty.update(position for position in at if position <= count)
    elif len(at) == 2 and at[1] == at[0] + 1:
        pairs.add(at[0])
    else:
        needed.update(at)


def _one_or_more(at: _Positions, count: int, needed: set[int], _empty: set[int], _pairs: set[int]) -> None:
    if count not in at:
        needed.add(at[0])


def _one_at_most(at: _Positions, count: int, _needed: set[int], empty: set[int], _pairs: set[int]) -> None:
    kept = count if count in at else at[0]
    empty.update(position for position in at if position != kept)


def _first_needs_all(at: _Positions, count: int, needed: set[int], empty: set[int], _pairs: set[int]) -> None:
    if at[0] <= count:
        if max(at[1:]) > count:
            empty.add(at[0])
        else:
            needed.update(at[1:])


def _first_needs_one(at: _Positions, count: int, needed: set[int], empty: set[int], _pairs: set[int]) -> None:
    if at[0] <= count and count not in at[1:]:
        if min(at[1:]) > count:
            empty.add(at[0])
        else:
            needed.add(min(at[1:]))


_NOTES = {
    "P": _all_or_none,
    "R": _one_or_more,
    "E": _one_at_most,
    "C": _first_needs_all,
    "L": _first_needs_one,
}


def _filled(cell: Cell, delimiters: Delimiters) -> str:
    """The pattern of a filled element; numbers with many digits go the exact way."""
    element = _simple(cell)
    any_but = f"[^{re.escape(delimiters.element)}{re.escape(delimiters.component) if cell.parts else ''}]"
    if element is None or element.kind == "B":
        return "(?!)"
    if _checked(cell):
        return any_but + "++"
    span = f"{{{element.low},{element.high}}}+"
    if element.kind == "R":
        whole = max(element.high - min(6, element.high // 3), 1)
        point = element.high - whole
        tail = f"(?:\\.[0-9]{{1,{point}}}+|)" if point and element.low == 1 else ""
        return f"-?[0-9]{{{element.low},{max(whole, element.low)}}}+{tail}"
    if element.kind[0] == "N":
        return "-?[0-9]" + span
    return any_but + span
