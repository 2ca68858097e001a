"""Patterns of right segments, one for each number of elements: lengths, numbers, requirement and most notes.

They are narrower than the rules: what a pattern lets pass is right but for its codes, dates and times; what it does
not may be right all the same, and goes to `hub.x12.judge`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from hub.x12.document import Delimiters
from hub.x12.elements import Cell, Element, Note, Segment

__all__ = ["is_looked_up", "pattern_of", "simple"]


def simple(cell: Cell) -> Element | None:
    """The element, or the first component of a composite that may stand alone; None where there is neither."""
    if cell.parts and not any(part.required for part in cell.parts[1:]):
        return cell.parts[0].element
    return cell.element if not cell.parts else None


def is_looked_up(cell: Cell) -> bool:
    """Whether there is a list of codes, or a calendar, that says what is right; the pattern takes any text then."""
    element = simple(cell)
    return element is not None and (element.kind in ("DT", "TM") or bool(element.codes))


def pattern_of(segment: Segment, count: int, delimiters: Delimiters) -> str | None:
    """What follows the tag where there are ``count`` elements, the last one filled; None where that cannot be right."""
    if not 0 < count <= len(segment.cells):
        return None
    needed, notes = _settled(segment, count)
    if max(needed) > count:
        return None
    pairs = _pairs(notes, count)
    rules = [r for note in notes if note not in pairs.values() for r in _RULES[note.kind](note.positions, count)]
    asked = {position for rule in rules for position in (*rule.filled, *rule.empty)}
    separator = re.escape(delimiters.element)
    known: dict[int, str | bool] = {}
    parts: list[str] = []
    cells = [_filled(cell, delimiters) for cell in segment.cells[:count]]
    number = 0
    while number < count:
        number += 1
        filled = cells[number - 1]
        if number in pairs:
            second = _either(cells[number]) if pairs[number].kind == "C" else cells[number]
            parts.append(f"{separator}(?:{filled}{separator}{second}|{separator})")
            number += 1
            continue
        sure = number in needed
        text = _choice([rule for rule in rules if rule.at == number], "filled" if sure else "either", known)
        uses = text.count(_FILLED) + text.count(_EITHER)
        known[number] = sure or (uses > 0 and f"e{number}")
        if number in asked and not sure and uses:
            parts.append(f"{separator}(?:(?=[^{separator}])(?P<e{number}>)|(?={separator}))")
        else:
            parts.append(separator)
        parts.append(text.replace(_FILLED, filled).replace(_EITHER, _either(filled)))
    return "".join(parts)


_FILLED, _EITHER = "\0", "\1"
"""Stand for the pattern of the filled element, and of the element filled or empty, while rules are put together."""


def _either(filled: str) -> str:
    """The pattern of a filled element, or of nothing: its lower bound lowered where that does it."""
    text = _TEXT(filled)
    if text is not None:
        return f"{text[1]}*+" if text[2] == "+" else f"{text[1]}{{0,{text[3]}}}+"
    return f"(?:{filled}|)"


_TEXT = re.compile(r"(\[\^[^\]]+\])(?:(\+)|\{1,(\d+)\})\+").fullmatch


def _settled(segment: Segment, count: int) -> tuple[set[int], list[Note]]:
    """The positions that are filled in any case, and the notes that this leaves open."""
    needed = {number for number, cell in enumerate(segment.cells, 1) if cell.required} | {count}
    notes = list(segment.notes)
    before = -1
    while before != len(notes):
        before = len(notes)
        for note in tuple(notes):
            first, *others = note.positions
            if note.kind == "P" and not needed.isdisjoint(note.positions):
                needed.update(note.positions)
            elif note.kind == "C" and first in needed:
                needed.update(others)
            elif not (
                (note.kind in "CL" and first > count)
                or (note.kind == "C" and needed.issuperset(others))
                or (note.kind == "L" and not needed.isdisjoint(others))
                or (note.kind == "R" and not needed.isdisjoint(note.positions))
                or (note.kind in "PE" and min(note.positions) > count)
            ):
                continue
            notes.remove(note)
    if any(note.kind == "R" and min(note.positions) > count for note in notes):
        needed.add(count + 1)
    return needed, notes


def _pairs(notes: list[Note], count: int) -> dict[int, Note]:
    """Neighbours bound to each other by one note and to nobody else, by the first position."""
    pairs: dict[int, Note] = {}
    for note in notes:
        low, high = min(note.positions), max(note.positions)
        bound = note.kind == "P" or (note.kind == "C" and note.positions[0] == high)
        alone = sum(not {low, high}.isdisjoint(other.positions) for other in notes) == 1
        if bound and alone and len(note.positions) == 2 and high == low + 1 and high <= count:
            pairs[low] = note
    return pairs


class _Rule(NamedTuple):
    """What a note asks of position ``at`` where all of ``filled`` are filled and all of ``empty`` are empty, which
    stand before it; with ``unless``, in every other case."""

    at: int
    then: str
    filled: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    unless: bool = False


def _choice(rules: list[_Rule], mode: str, known: dict[int, str | bool]) -> str:
    """The pattern of one element under its rules. ``known``: whether each position before is filled, or the group that
    tells."""
    if not rules:
        return {"filled": _FILLED, "empty": "", "either": _EITHER, "never": "(?!)"}[mode]
    rule, *rest = rules
    asked = rule.then if mode in ("either", rule.then) else "never"
    held = _choice(rest, mode if rule.unless else asked, known)
    other = _choice(rest, asked if rule.unless else mode, known)
    for position in reversed(rule.empty):
        held = _test(known[position], other, held)
    for position in reversed(rule.filled):
        held = _test(known[position], held, other)
    return held


def _test(state: str | bool, filled: str, empty: str) -> str:
    if isinstance(state, bool):
        return filled if state else empty
    return f"(?({state}){filled}|{empty})"


def _all_or_none(at: tuple[int, ...], count: int) -> list[_Rule]:
    if max(at) > count:
        return [_Rule(p, "empty") for p in at]
    first, *rest = sorted(at)
    return [
        rule
        for p in rest
        for rule in (_Rule(p, "filled", filled=(first,)), _Rule(p, "empty", filled=(first,), unless=True))
    ]


def _one_or_more(at: tuple[int, ...], count: int) -> list[_Rule]:
    *before, last = sorted(p for p in at if p <= count)
    return [_Rule(last, "filled", empty=tuple(before))]


def _one_at_most(at: tuple[int, ...], count: int) -> list[_Rule]:
    inside = sorted(p for p in at if p <= count)
    return [_Rule(p, "empty", filled=(before,)) for n, p in enumerate(inside) for before in inside[:n]]


def _first_needs_all(at: tuple[int, ...], count: int) -> list[_Rule]:
    first, *others = at
    if max(others) > count:
        return [_Rule(first, "empty")]
    before = tuple(p for p in others if p < first)
    rules = [_Rule(first, "empty", filled=before, unless=True)] if before else []
    return rules + [_Rule(p, "filled", filled=(first,)) for p in others if p > first]


def _first_needs_one(at: tuple[int, ...], count: int) -> list[_Rule]:
    first, *others = at
    before = tuple(p for p in others if p < first)
    after = sorted(p for p in others if first < p <= count)
    if not after:
        return [_Rule(first, "empty", empty=before)]
    *between, last = after
    return [_Rule(last, "filled", filled=(first,), empty=(*before, *between))]


_RULES = {
    "P": _all_or_none,
    "R": _one_or_more,
    "E": _one_at_most,
    "C": _first_needs_all,
    "L": _first_needs_one,
}


def _filled(cell: Cell, delimiters: Delimiters) -> str:
    """The pattern of a filled element; numbers with many digits go the exact way."""
    element = simple(cell)
    any_but = f"[^{re.escape(delimiters.element)}{re.escape(delimiters.component) if cell.parts else ''}]"
    if element is None or element.kind == "B":
        return "(?!)"
    if is_looked_up(cell):
        return any_but + "++"
    span = f"{{{element.low},{element.high}}}+"
    if element.kind == "R":
        whole = max(element.high - min(6, element.high // 3), 1)
        point = element.high - whole
        tail = f"\\.?[0-9]{{0,{point}}}+" if point else ""
        return f"-?[0-9]{{{element.low},{max(whole, element.low)}}}+{tail}"
    if element.kind[0] == "N":
        return "-?[0-9]" + span
    return any_but + span
