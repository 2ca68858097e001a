"""What segments say about each other: hierarchical levels, line items and their sums."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.problem import Problem
from hub.x12.problems import found

__all__ = ["levels", "totals"]

_COUNTED = {
    "810": ("IT1", "IT1", 2),
    "830": ("LIN", "FST", 1),
    "832": ("LIN", "", 0),
    "846": ("LIN", "", 0),
    "850": ("PO1", "PO1", 2),
    "855": ("PO1", "PO1", 2),
    "856": ("HL", "SN1", 2),
    "860": ("POC", "POC", 3),
    "862": ("LIN", "FST", 1),
    "865": ("POC", "POC", 3),
}
"""What CTT01 counts, and the segment and element CTT02 adds: semantic notes 1 to CTT in the sets."""


def levels(rows: list[list[str]]) -> list[Problem]:
    """HL01 goes 1, 2, 3 …; HL02 names a level before it, so that there is no cycle; HL04 tells whether some follow."""
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    parents: set[str] = set()
    told: list[tuple[int, str, str]] = []
    for index, row in enumerate(rows):
        if row[0] != "HL":
            continue
        number, parent, _, children = (*row[1:5], "", "", "", "")[:4]
        problem = _level(index + 1, number, parent, seen)
        if problem is not None:
            problems.append(problem)
        parents.add(parent)
        seen.setdefault(number, index)
        told.append((index + 1, number, children))
    for position, number, children in told:
        if children in ("0", "1") and (children == "1") != (number in parents):
            follow = "levels follow below it" if number in parents else "none follows below it"
            message = f"HL04 of level {number[:12]} is {children}, but {follow}."
            problems.append(found("hl_children", message, segment="HL", position=position, element=4, value=children))
    return problems


def _level(position: int, number: str, parent: str, seen: dict[str, int]) -> Problem | None:
    at: dict[str, Any] = {"segment": "HL", "position": position, "loop": "HL"}
    if number in seen:
        message = f"HL01 is {number[:12]!r}, which the level at segment {seen[number] + 1} has already."
        return found("hl_number_repeats", message, element=1, value=number, ack={"AK402": "628"}, **at)
    if parent and parent not in seen:
        message = f"HL02 is {parent[:12]!r}, but no level before this one has that number."
        return found("hl_parent_unknown", message, element=2, value=parent, ack={"AK402": "734"}, **at)
    if number != str(len(seen) + 1):
        message = f"HL01 is {number[:12]!r}; expected {len(seen) + 1}."
        return found("hl_number_order", message, element=1, value=number, ack={"AK402": "628"}, **at)
    if not parent and seen:
        message = f"HL02 of level {number[:12]} is empty; it is taken as another first level."
        return found("hl_parent_absent", message, element=2, ack={"AK402": "734"}, **at)
    return None


def totals(document: str, rows: list[list[str]]) -> Iterator[Problem]:
    """CTT01 and CTT02 against what was sent. Told as warnings: partners count differently, and X12 has no code."""
    if document not in _COUNTED:
        return
    item, addend, element = _COUNTED[document]
    for index, row in enumerate(rows):
        if row[0] != "CTT":
            continue
        at: dict[str, Any] = {"segment": "CTT", "position": index + 1}
        count = sum(other[0] == item for other in rows)
        declared = row[1] if len(row) > 1 else ""
        if declared.isascii() and declared.isdecimal() and int(declared[:18]) != count:
            message = f"CTT01 says {declared[:18]} line items; there are {count} {item} segments."
            yield found("count_differs", message, element=1, value=declared, ack={"AK402": "354"}, **at)
        hash_total = _number(row[2]) if addend and len(row) > 2 and row[2] else None
        if hash_total is not None:
            values = [_number(other[element]) for other in rows if other[0] == addend and len(other) > element]
            total = sum((value for value in values if value is not None), Decimal())
            if not _same(hash_total, total):
                message = f"CTT02 says {row[2][:18]}; {addend}{element:02d} adds up to {total}."
                yield found("hash_differs", message, element=2, value=row[2], ack={"AK402": "347"}, **at)


def _same(declared: Decimal, total: Decimal) -> bool:
    """X12 cuts the sum to ten digits from the left, so only what is left is compared."""
    return declared == total or declared == total % Decimal(10**10)


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text[:40])
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
