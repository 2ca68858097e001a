"""What is wrong with one segment by itself: elements, codes, dates, composites, notes. One problem an element.

`judge` is exact and not in a hurry: `hub.x12.shapes` lets the segments pass that are plainly right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from hub.problem import Problem, Severity
from hub.x12.document import Delimiters
from hub.x12.elements import Cell, Element, Note, Segment
from hub.x12.grammar import common, word
from hub.x12.problems import found

__all__ = ["Where", "date_is_valid", "judge", "note_words", "time_is_valid"]

_DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E-?[0-9]{1,2})?").fullmatch
"""X12.6, 3.5.1: an exponent of ten may follow; E and its sign do not count in the length. More than two digits of it
are no quantity of anything."""
_INTEGER = re.compile(r"-?[0-9]+").fullmatch
_TIME = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9](?:[0-9]{1,2})?)?").fullmatch
_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search
_COUNTED = frozenset({"too_many_repetitions", "too_many_components"})
"""Codes 12 and 13 of element 723 came with 005010; before, 3 says it."""
_USUAL = 5
"""Codes named as examples where the list is long."""
_LENIENT = frozenset({"735"})
"""Elements whose unlisted codes are in daily use and harm nothing: HL03 names a level, HL01 and HL02 build the tree."""

_LOOP_ID = "447"
"""Its 005010 length, 4, is shorter than the loop ids that guides use; too long harms nothing."""


class Where(NamedTuple):
    """Where a segment stands in its document: 1-based position, loop path such as ``PO1/PID``."""

    position: int
    loop: str


class _Spot(NamedTuple):
    segment: Segment
    where: Where
    element: int
    component: int | None
    cell: Cell

    @property
    def name(self) -> str:
        component = "" if self.component is None else f"-{self.component}"
        return f"{self.segment.tag}{self.element:02d}{component} ({self.cell.name})"

    def problem(
        self, code: str, message: str, value: str | None, *, fix: str = "", severity: Severity | None = None
    ) -> Problem:
        ack = {"AK402": self.cell.number} if self.cell.number.isdecimal() else {}
        if code in _COUNTED and self.segment.release < "005010":
            ack["AK403"] = "3"
        return found(
            code,
            message,
            fix=fix,
            severity=severity,
            ack=ack,
            segment=self.segment.tag,
            position=self.where.position,
            element=self.element,
            component=self.component,
            value=value,
            loop=self.where.loop,
        )


def judge(segment: Segment, fields: list[str], where: Where, delimiters: Delimiters) -> list[Problem]:
    """Every problem of this segment, in the order of its elements; empty where it is right. Where there are too many
    elements nobody knows which moved the others, so nothing else is told."""
    if len(fields) == 1 and segment.cells:
        return [_without_data(segment, where)]
    problems = list(_trailing(segment, fields, where))
    if any(problem.code == "too_many_elements" for problem in problems):
        return problems
    for number, cell in enumerate(segment.cells, 1):
        value = fields[number] if number < len(fields) else ""
        spot = _Spot(segment, where, number, None, cell)
        problem = _position(spot, value, delimiters)
        if problem is not None:
            problems.append(problem)
    present = [bool(value.strip()) for value in fields]
    blamed = {problem.element for problem in problems if problem.code != "element_blank"}
    asked: set[int | None] = set()
    for note in sorted(segment.notes, key=_at_least_one):
        if not note.broken(present) or blamed.intersection(note.positions):
            continue
        if _at_least_one(note) and asked.intersection(note.positions):
            continue
        told = _note(_Spot(segment, where, 0, None, segment.cells[0]), note, segment.cells, fields)
        asked.add(told.element)
        problems = [*(problem for problem in problems if problem.element != told.element), told]
    return sorted(problems, key=lambda problem: problem.element or 0) if asked else problems


def _at_least_one(note: Note) -> bool:
    """Such a note is kept by whoever fills what another note asks for, so it comes last."""
    return note.kind == "R"


def _without_data(segment: Segment, where: Where) -> Problem:
    at: dict[str, Any] = {"segment": segment.tag, "position": where.position, "loop": where.loop}
    if segment.cells[0].required:
        spot = _Spot(segment, where, 1, None, segment.cells[0])
        return spot.problem(
            "element_missing", f"{segment.tag} ({segment.name}) holds nothing; {spot.name} is mandatory.", None
        )
    return found("segment_without_data", f"{segment.tag} ({segment.name}) holds nothing.", **at)


def _trailing(segment: Segment, fields: list[str], where: Where) -> Iterator[Problem]:
    last = len(fields) - 1
    filled = next((n for n in range(last, 0, -1) if fields[n]), 0)
    at: dict[str, Any] = {"segment": segment.tag, "position": where.position, "loop": where.loop}
    if filled > len(segment.cells):
        yield found(
            "too_many_elements",
            f"{segment.tag} ({segment.name}) has {filled} elements; it may have {len(segment.cells)}.",
            fix="Leave them out. Where a value holds the element separator, use another separator.",
            element=len(segment.cells) + 1,
            value=fields[len(segment.cells) + 1],
            **at,
        )
    elif filled < last:
        yield found("trailing_separators", f"{segment.tag} ends with {last - filled} empty element(s).", **at)


def _position(spot: _Spot, value: str, delimiters: Delimiters) -> Problem | None:
    cell = spot.cell
    if not value.strip(" "):
        return _blank(spot, value)
    values = [value]
    if delimiters.repetition and delimiters.repetition in value:
        values = value.split(delimiters.repetition)
        if len(values) > cell.repeat:
            return _repeated(spot, value, len(values), delimiters)
    for single in values:
        problem = _composite(spot, single, delimiters) if cell.parts else _simple(spot, single, delimiters)
        if problem is not None:
            return problem
    return None


def _blank(spot: _Spot, value: str) -> Problem | None:
    if spot.cell.required:
        there = " (it holds blanks only)" if value else ""
        return spot.problem("element_missing", f"{spot.name} is mandatory and missing{there}.", value or None)
    if value and not (spot.cell.element and spot.cell.element.codes and value in spot.cell.element.codes):
        return spot.problem("element_blank", f"{spot.name} holds blanks only.", value)
    return None


def _repeated(spot: _Spot, value: str, count: int, delimiters: Delimiters) -> Problem:
    if spot.cell.repeat == 1:
        return spot.problem(
            "separator_in_data",
            f"{spot.name} holds {delimiters.repetition!r}, the repetition separator, but does not repeat.",
            value,
        )
    return spot.problem(
        "too_many_repetitions", f"{spot.name} comes {count} times; it may come {spot.cell.repeat} times.", value
    )


def _composite(spot: _Spot, value: str, delimiters: Delimiters) -> Problem | None:
    parts = spot.cell.parts
    values = value.split(delimiters.component) if delimiters.component else [value]
    filled = max((n for n, part in enumerate(values, 1) if part), default=0)
    if filled > len(parts):
        return spot.problem(
            "too_many_components", f"{spot.name} has {filled} components; it may have {len(parts)}.", value
        )
    for number, part in enumerate(parts, 1):
        inner = _Spot(spot.segment, spot.where, spot.element, number, part)
        single = values[number - 1] if number <= len(values) else ""
        problem = _simple(inner, single, delimiters) if single.strip(" ") else _blank(inner, single)
        if problem is not None:
            return problem
    present = [False, *(bool(part.strip()) for part in values)]
    for note in spot.cell.notes:
        if note.broken(present):
            return _note(spot, note, parts, ["", *values])
    if filled < len(values):
        return spot.problem("trailing_separators", f"{spot.name} ends with empty components.", value)
    return None


def _simple(spot: _Spot, value: str, delimiters: Delimiters) -> Problem | None:
    element = spot.cell.element
    if element is None or element.kind == "B":
        return None
    if delimiters.component and delimiters.component in value:
        what = "the component separator, but is no composite" if spot.component is None else "a separator"
        return spot.problem("separator_in_data", f"{spot.name} holds {delimiters.component!r}, {what}.", value)
    if element.kind == "DT":
        return _date(spot, value, element)
    if element.kind == "TM":
        return _time(spot, value, element)
    if element.kind == "R" or element.kind[0] == "N":
        return _number(spot, value, element)
    return _text(spot, value, element)


def _text(spot: _Spot, value: str, element: Element) -> Problem | None:
    problem = _length(spot, value, len(value), element)
    if problem is not None:
        return problem
    if _CONTROL(value):
        return spot.problem("control_character", f"{spot.name} holds a control character: {value[:40]!r}.", value)
    if element.kind == "ID" and element.codes and value not in element.codes:
        return _unlisted(spot, value, element)
    return None


def _unlisted(spot: _Spot, value: str, element: Element) -> Problem:
    near = [code for code in (value.strip(), value.strip().upper()) if code in element.codes]
    listed = sorted(element.codes)
    if near:
        hint = f" Did you mean {near[0]} ({word(element.number, near[0]) or 'a listed code'})?"
    elif len(listed) <= 12:
        hint = " Allowed: " + ", ".join(_with_word(element, code) for code in listed) + "."
    else:
        usual = [code for code in common(element.number) if code in element.codes][:_USUAL]
        named = f", among them {', '.join(_with_word(element, code) for code in usual)}" if usual else ""
        hint = f" The list of element {element.number} has {len(listed)} codes{named}."
    return spot.problem(
        "value_not_in_list",
        f"{spot.name} is {value!r}, which is not in the code list.{hint}",
        value,
        fix=f"Use {near[0]}." if near else f"Use a code of X12 element {element.number}.",
        severity="warning" if element.number in _LENIENT else None,
    )


def _with_word(element: Element, code: str) -> str:
    text = word(element.number, code)
    return f"{code} ({text})" if text else code


def _length(spot: _Spot, value: str, length: int, element: Element) -> Problem | None:
    if element.low <= length <= element.high:
        return None
    span = f"{element.low}" if element.low == element.high else f"{element.low} to {element.high}"
    code, word_ = ("element_too_short", "short") if length < element.low else ("element_too_long", "long")
    severity: Severity | None = "warning" if element.number == _LOOP_ID and word_ == "long" else None
    message = f"{spot.name} is too {word_}: {length} characters, allowed are {span}."
    return spot.problem(code, message, value, severity=severity)


def _number(spot: _Spot, value: str, element: Element) -> Problem | None:
    if element.kind == "R":
        good, expected = _DECIMAL(value), "a number such as 12 or 12.5"
    else:
        good = _INTEGER(value)
        implied = int(element.kind[1:])
        expected = "digits only" + (f" ({implied} of them are decimals, without a point)" if implied else "")
    if good is None:
        return spot.problem("character_invalid", f"{spot.name} is {value[:40]!r}; expected {expected}.", value)
    return _length(spot, value, sum(character.isdecimal() for character in value), element)


def date_is_valid(value: str, low: int, high: int) -> bool:
    """CCYYMMDD or YYMMDD where the element allows that length; leap days as the calendar has them."""
    if not (low <= len(value) <= high and value.isascii() and value.isdecimal()) or len(value) not in (6, 8):
        return False
    century = value if len(value) == 8 else ("20" if value < "50" else "19") + value
    try:
        date(int(century[:4]), int(century[4:6]), int(century[6:]))
    except ValueError:
        return False
    return True


def time_is_valid(value: str, low: int, high: int) -> bool:
    """HHMM, HHMMSS or with hundredths, where the element allows that length."""
    return low <= len(value) <= high and _TIME(value) is not None


def _date(spot: _Spot, value: str, element: Element) -> Problem | None:
    if date_is_valid(value, element.low, element.high):
        return None
    form = {(8, 8): "CCYYMMDD", (6, 6): "YYMMDD"}.get((element.low, element.high), "YYMMDD or CCYYMMDD")
    return spot.problem("date_invalid", f"{spot.name} is {value[:40]!r}, which is no date {form}.", value)


def _time(spot: _Spot, value: str, element: Element) -> Problem | None:
    if time_is_valid(value, element.low, element.high):
        return None
    return spot.problem("time_invalid", f"{spot.name} is {value[:40]!r}, which is no time HHMM or HHMMSS.", value)


def _note(spot: _Spot, note: Note, cells: tuple[Cell, ...], values: Sequence[str]) -> Problem:
    """The problem of a broken note, at the element to fill (or, for E, the one to leave out): one of blanks if any."""
    have = [p for p in note.positions if p < len(values) and values[p].strip()]
    lack = [p for p in note.positions if p not in have]
    blank = [p for p in lack if p < len(values) and values[p]]
    at = have[-1] if note.kind == "E" else (blank or lack)[0]
    inner = spot.element > 0

    def name(position: int) -> str:
        tag = f"{spot.segment.tag}{spot.element:02d}-{position}" if inner else f"{spot.segment.tag}{position:02d}"
        return f"{tag} ({cells[position - 1].name})"

    code, text = note_words(note, [name(p) for p in have], [name(p) for p in lack])
    fill, empty = (" and ".join(name(p).split(" ")[0] for p in positions) for positions in (lack, have))
    fixes = {"P": f"Fill {fill}, or leave {empty} empty.", "R": "Fill one of them.", "E": "Leave one empty."}
    place = _Spot(spot.segment, spot.where, spot.element or at, at if inner else None, cells[at - 1])
    value = values[at] if at in blank else None
    return place.problem(code, f"{text} (note {note}).", value, fix=fixes.get(note.kind, fixes["P"]))


def note_words(note: Note, have: list[str], lack: list[str]) -> tuple[str, str]:
    """Code and words for a broken note; ``have``, ``lack``: the names of its elements that are filled and empty."""
    first, missing, any_missing = " and ".join(have), " and ".join(lack), " or ".join(lack)
    if note.kind == "E":
        return "elements_exclusive", f"Only one of {first} may be filled"
    if note.kind == "R":
        return "element_needed", f"{any_missing} must be filled"
    filled = f"{first} {'is' if len(have) == 1 else 'are'} filled"
    if note.kind == "L":
        return "element_needed", f"{have[0]} is filled, so {any_missing} must be"
    return "element_needed", f"{filled}, so {missing} must be"
