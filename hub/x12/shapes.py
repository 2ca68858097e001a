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
    """None where no segment with this many elements can be right. The last element is filled."""
    if not 0 < count <= len(segment.cells) or any(cell.required for cell in segment.cells[count:]):
        return None
    if any(note.kind == "R" and min(note.positions) > count for note in segment.notes):
        return None
    rules = [rule for note in segment.notes for rule in _RULES[note.kind](note.positions, count)]
    asked = {other for rule in rules for other in rule.others}
    separator = re.escape(delimiters.element)
    known: dict[int, str | bool] = {}
    parts = [re.escape(segment.tag)]
    for number, cell in enumerate(segment.cells[:count], 1):
        sure = cell.required or number == count
        text = _choice([rule for rule in rules if rule.at == number], "filled" if sure else "either", known)
        uses = text.count(_FILLED)
        filled = _filled(cell, delimiters)
        known[number] = sure or (uses > 0 and f"e{number}")
        if number in asked and not sure and uses == 1:
            filled = f"(?P<e{number}>{filled})"
        elif number in asked and not sure and uses > 1:
            text = f"(?:(?=[^{separator}])(?P<e{number}>)|(?={separator}))" + text
        parts += [separator, text.replace(_FILLED, filled)]
    return "".join(parts)


_FILLED = "\0"
"""Stands for the pattern of the filled element until it is known how often it is used."""


class _Rule(NamedTuple):
    """What a note asks of position ``at`` where all of ``others``, which stand before it, are filled; with ``unless``
    where not all of them are."""

    at: int
    others: tuple[int, ...]
    unless: bool
    then: str


def _choice(rules: list[_Rule], mode: str, known: dict[int, str | bool]) -> str:
    """The pattern of one element under its rules. ``known``: whether each position before is filled, or the group that
    tells."""
    if not rules:
        return {"filled": _FILLED, "empty": "", "either": f"(?:{_FILLED}|)", "never": "(?!)"}[mode]
    rule, *rest = rules
    asked = rule.then if mode in ("either", rule.then) else "never"
    held = _choice(rest, mode if rule.unless else asked, known)
    other = _choice(rest, asked if rule.unless else mode, known)
    for position in reversed(rule.others):
        state = known[position]
        if state is False:
            held = other
        elif state is not True:
            held = f"(?({state}){held}|{other})"
    return held


def _all_or_none(at: tuple[int, ...], count: int) -> list[_Rule]:
    if max(at) > count:
        return [_Rule(p, (), False, "empty") for p in at]
    first, *rest = sorted(at)
    return [_Rule(p, (first,), unless, then) for p in rest for unless, then in ((False, "filled"), (True, "empty"))]


def _one_or_more(at: tuple[int, ...], count: int) -> list[_Rule]:
    """Where there is a choice among more than two, the first of them has to be filled, or else the last."""
    inside = sorted(p for p in at if p <= count)
    return (
        []
        if count in inside
        else [_Rule(inside[-1], (inside[0],) if len(inside) > 1 else (), len(inside) > 1, "filled")]
    )


def _one_at_most(at: tuple[int, ...], count: int) -> list[_Rule]:
    inside = sorted(p for p in at if p <= count)
    return [_Rule(p, (before,), False, "empty") for n, p in enumerate(inside) for before in inside[:n]]


def _first_needs_all(at: tuple[int, ...], count: int) -> list[_Rule]:
    first, *others = at
    if first > count:
        return []
    if max(others) > count:
        return [_Rule(first, (), False, "empty")]
    before = tuple(sorted(p for p in others if p < first))
    rules = [_Rule(first, before, True, "empty")] if before else []
    return rules + [_Rule(p, (first,), False, "filled") for p in others if p > first]


def _first_needs_one(at: tuple[int, ...], count: int) -> list[_Rule]:
    """Where there is a choice, the first of the others has to be filled."""
    first, *others = at
    if first > count or count in others:
        return []
    inside = sorted(p for p in others if p <= count)
    if not inside:
        return [_Rule(first, (), False, "empty")]
    if inside[0] < first:
        return [_Rule(first, (inside[0],), True, "empty")]
    return [_Rule(inside[0], (first,), False, "filled")]


_RULES = {
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
