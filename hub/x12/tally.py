"""What segments say about each other: hierarchical levels, line items and their sums."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import repeat
from operator import le

from hub.problem import Problem
from hub.x12.levels import Levels
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


_NUMBER = re.compile(r"(?=.{1,18}\Z)-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)").fullmatch
"""A number of X12; longer ones than any element takes are wrong anyway."""
_SIGNS = str.maketrans("", "", "-.")
_MOST = 10**10


_NUMERALS = tuple(map(str, range(1, 10_001)))
"""Documents with more levels are judged by `Levels` alone."""
_VALUES = {numeral: value for value, numeral in enumerate(_NUMERALS, 1)}


def levels(rows: list[list[str]]) -> list[Problem]:
    """HL01 goes 1, 2, 3 …; HL02 names a level before it, so that there is no cycle; HL04 tells whether some follow."""
    placed = [row for row in rows if row[0] == "HL"]
    if _in_order(placed):
        return []
    return Levels().judge([(position, row) for position, row in enumerate(rows, 1) if row[0] == "HL"])


def _in_order(placed: list[list[str]]) -> bool:
    """Whether nothing can be said against these levels; the usual case, told quickly."""
    columns = tuple(zip(*placed, strict=False))
    count = len(placed)
    if len(columns) < 4 or columns[1] != _NUMERALS[:count]:
        return not placed
    parents = columns[2]
    return (
        parents[0] == ""
        and all(map(le, map(_VALUES.get, parents[1:], repeat(count)), range(1, count)))
        and all((row[4] == "1") == (row[1] in parents) for row in placed if len(row) > 4)
    )


def totals(document: str, rows: list[list[str]], known: list[Problem]) -> list[Problem]:
    """CTT01 and CTT02 against what was sent. Told as warnings: partners count differently, and X12 has no code.
    ``known``: where a quantity is at fault, its sum is too, and is not told again."""
    counted = _COUNTED.get(document)
    position = len(rows) if counted else 0
    while position and rows[position - 1][0] != "CTT":
        position -= 1
    if not position or counted is None:
        return []
    item, addend, element = counted
    declared, hash_total = [*rows[position - 1], "", ""][1:3]
    items = [row for row in rows if row[0] == item]
    problems = []
    if declared != str(len(items)):
        problems += _count(declared, item, len(items), position)
    if hash_total and addend and (addend, element) not in [(problem.segment, problem.element) for problem in known]:
        added = items if addend == item else [row for row in rows if row[0] == addend]
        texts = [row[element] for row in added if len(row) > element and row[element]]
        if hash_total != _whole_sum(texts) and not _agrees(hash_total, texts):
            message = f"CTT02 says {hash_total[:18]}; {addend}{element:02d} adds up to {sum(map(Decimal, texts))}."
            problems.append(_problem("hash_differs", message, position, 2, hash_total, "347"))
    return problems


def _count(declared: str, item: str, count: int, position: int) -> list[Problem]:
    if not (declared.isascii() and declared.isdecimal()) or int(declared[:18]) == count:
        return []
    message = f"CTT01 says {declared[:18]} line items; there are {count} {item} segments."
    return [_problem("count_differs", message, position, 1, declared, "354")]


def _problem(code: str, message: str, position: int, element: int, value: str, number: str) -> Problem:
    ack = {"AK402": number}
    return found(code, message, segment="CTT", position=position, element=element, value=value, ack=ack)


def _whole_sum(texts: list[str]) -> str:
    """The sum of whole numbers; empty where there are others."""
    try:
        return str(sum(map(int, texts)))
    except ValueError:
        return ""


def _agrees(declared: str, texts: list[str]) -> bool:
    """Whether ``declared`` is the sum, with decimal points and signs or, as element 347 has it, without regard to them;
    cut to ten digits from the left or not. A value that is no number has its own problem and is not added up."""
    if not all(map(_NUMBER, (declared, *texts))):
        return True
    bare = sum(int(text.translate(_SIGNS)) for text in texts)
    total = sum(map(Decimal, texts), Decimal())
    return Decimal(declared) in (total, total % _MOST, bare, bare % _MOST)
