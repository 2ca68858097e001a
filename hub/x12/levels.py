"""HL01, HL02 and HL04 of levels that are not plainly 1, 2, 3 …: one fault is told once, not at every level below."""

from __future__ import annotations

from typing import Any

from hub.problem import Problem
from hub.x12.problems import found

__all__ = ["Levels", "number_of"]


def number_of(text: str) -> str:
    """HL01 and HL02 are text (AN, elements 628 and 734) but hold numbers: 02 is 2."""
    return text.lstrip("0") or "0" if text.isascii() and text.isdecimal() else text


class Levels:
    """Judges the levels of one document.

    A level whose own number is at fault can be named by the number it should have had, and a number that no level has
    is told at the first level that names it: both are one fault of one segment.
    """

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._seen: dict[str, int] = {}
        self._faulty: dict[str, int] = {}
        """Numbers that levels should have had, and where in the problems that is told; -1 where HL01 is empty."""
        self._absent: set[str] = set()
        self._last = 0
        self._due = 1

    def judge(self, placed: list[tuple[int, list[str]]]) -> list[Problem]:
        """``placed``: position and fields of each HL."""
        parents: set[str] = set()
        told: list[tuple[int, str, str]] = []
        for position, row in placed:
            number, parent, _, children = (*row[1:5], "", "", "", "")[:4]
            due = str(self._due)
            in_order = self._counted(number)
            self._level(position, number, parent, due, in_order=in_order)
            parents.add(number_of(parent))
            told.append((position, number or due, children))
        for position, number, children in told:
            self._children(position, number, children, follow=number_of(number) in parents)
        return self._problems

    def _counted(self, number: str) -> bool:
        """Whether HL01 is the number that is due, or goes on from the one before."""
        value = int(number) if number.isascii() and number.isdecimal() and len(number) <= 12 else 0
        in_order = value in (self._due, self._last + 1) and value > 0
        self._due = (value if in_order else self._due) + 1
        self._last = value
        return in_order

    def _level(self, position: int, number: str, parent: str, due: str, *, in_order: bool) -> None:
        at: dict[str, Any] = {"segment": "HL", "position": position, "loop": "HL"}
        own, above = number_of(number), number_of(parent)
        first = not self._seen and not self._faulty
        if not number:
            # that it is missing is told as of any mandatory element
            self._faulty.setdefault(due, -1)
        elif own in self._seen:
            self._faulty.setdefault(due, len(self._problems))
            message = f"HL01 is {number[:12]!r}, which the level at segment {self._seen[own]} has already."
            self._tell("hl_number_repeats", message, 1, number, **at)
        elif parent and not self._known(above):
            if above not in self._absent:
                message = f"HL02 is {parent[:12]!r}, but no level before this one has that number."
                self._tell("hl_parent_unknown", message, 2, parent, **at)
            self._absent.add(above)
        elif not in_order:
            self._faulty.setdefault(due, len(self._problems))
            self._tell("hl_number_order", f"HL01 is {number[:12]!r}; expected {due}.", 1, number, **at)
        elif not parent and not first:
            message = f"HL02 of level {number[:12]} is empty; it is taken as another first level."
            self._tell("hl_parent_absent", message, 2, None, **at)
        if number:
            self._seen.setdefault(own, position)

    def _known(self, above: str) -> bool:
        if above in self._seen:
            return True
        where = self._faulty.get(above)
        if where is not None and where >= 0 and self._problems[where].code == "hl_number_order":
            self._renumbered(where, above)
        return where is not None

    def _renumbered(self, where: int, above: str) -> None:
        """Levels below name the number that is due: then the odd one is wrong, not just unusual."""
        told = self._problems[where]
        if told.severity == "warning":
            at: dict[str, Any] = {"segment": "HL", "position": told.position, "loop": "HL"}
            message = f"HL01 is {told.value!r}; expected {above}, which levels below it name in HL02."
            self._problems[where] = found(
                "hl_number_order", message, severity="error", element=1, value=told.value, ack=dict(told.ack), **at
            )

    def _children(self, position: int, number: str, children: str, *, follow: bool) -> None:
        if children in ("0", "1") and (children == "1") != follow:
            below = "levels follow below it" if follow else "none follows below it"
            message = f"HL04 of level {number[:12]} is {children}, but {below}."
            at: dict[str, Any] = {"segment": "HL", "position": position, "element": 4, "value": children}
            self._problems.append(found("hl_children", message, **at))

    def _tell(self, code: str, message: str, element: int, value: str | None, **at: Any) -> None:
        ack = {"AK402": "628" if element == 1 else "734"}
        self._problems.append(found(code, message, element=element, value=value, ack=ack, **at))
