"""Rules for elements: needed, not used, codes, lengths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from hub.problem import Problem
from hub.x12.document import Delimiters
from hub.x12.elements import Cell
from hub.x12.grammar import word
from hub.x12.guide.check import Check, Sheet

__all__ = ["ElementCheck"]

_FILLED = re.compile("[^ ]").match


class ElementCheck(Check):
    __slots__ = ("_cell", "_codes", "_plain")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        cell = self.target.use.segment.cells[self.path.element - 1]
        self._cell: Cell = cell.parts[self.path.component - 1] if self.path.component else cell
        self._codes = frozenset(self.rule.codes)
        self._plain = self._plainly()

    def _plainly(self) -> Callable[[str], Any]:
        """What says quickly of most values that nothing is wrong with them. Others may be right too."""
        rule, element = self.rule, self._cell.element
        if self._codes and not self.path.component:
            return self._codes.__contains__
        if rule.usage == "not" or element is None or self.path.component or self._cell.repeat > 1:
            return frozenset().__contains__
        if not rule.shortest and not rule.longest:
            return _FILLED
        low, high = rule.shortest or element.low, rule.longest or element.high
        character = "[0-9]" if element.kind == "R" or element.kind[0] == "N" else "[^ ]"
        return re.compile(f"{character}{{{low},{high}}}").fullmatch

    def problems(self, sheet: Sheet) -> Iterable[Problem]:
        rows, element, plain = sheet.rows, self.path.element, self._plain
        indexes = sheet.at[self.target.use.place]
        if self.rule.usage == "must":
            doubts = [i for i in indexes if len(row := rows[i]) <= element or not plain(row[element])]
        else:
            doubts = [i for i in indexes if len(row := rows[i]) > element and row[element] and not plain(row[element])]
        return [problem for index in doubts for problem in self._judged(sheet, index)] if doubts else ()

    def _judged(self, sheet: Sheet, index: int) -> Iterator[Problem]:
        whole = "".join(sheet.rows[index][self.path.element : self.path.element + 1])
        value = self._part(whole, sheet.delimiters)
        if not sheet.holds(self.conditions, index):
            return
        if not value.strip(" "):
            if self.rule.usage == "must" and (whole.strip(" ") or not self.path.component):
                yield self._missing(sheet, index)
            return
        if self.rule.usage == "not":
            text = f"{self._name} must not be sent{self.when(self.conditions)} by {self.by}"
            ack = {"IK403": "I13"} if self.conditions else {}
            yield self._tell(sheet, index, "guide_element_unused", text, value, ack)
            return
        repetition = sheet.delimiters.repetition
        for single in value.split(repetition) if repetition and repetition in value else (value,):
            fault = self._fault(single)
            if fault:
                yield self._tell(sheet, index, *fault, value, {})
                return

    def _part(self, value: str, delimiters: Delimiters) -> str:
        if not self.path.component:
            return value
        parts = value.split(delimiters.component) if delimiters.component else [value]
        return parts[self.path.component - 1] if self.path.component <= len(parts) else ""

    def _fault(self, value: str) -> tuple[str, str] | None:
        rule = self.rule
        if self._codes and value not in self._codes:
            number = self._cell.number
            codes = ", ".join(f"{code} ({said})" if (said := word(number, code)) else code for code in rule.codes)
            return "guide_value", f"{self._name} is {value[:40]!r}; {self.by} allows {codes}"
        length = self._length(value)
        if rule.longest and length > rule.longest:
            return "guide_too_long", f"{self._name} has {length} characters; {self.by} allows {rule.longest}"
        if length < rule.shortest:
            return "guide_too_short", f"{self._name} has {length} characters; {self.by} asks for {rule.shortest}"
        return None

    def _length(self, value: str) -> int:
        kind = self._cell.element.kind if self._cell.element else "AN"
        return sum(map(str.isdecimal, value)) if kind == "R" or kind[0] == "N" else len(value)

    def _missing(self, sheet: Sheet, index: int) -> Problem:
        ack = {"AK403": "2", "IK403": "I9"} if self.conditions else {}
        text = f"{self._name} is missing{self.when(self.conditions)}; {self.by} asks for it"
        return self._tell(sheet, index, "guide_element_missing", text, None, ack)

    @property
    def _name(self) -> str:
        component = f"-{self.path.component}" if self.path.component else ""
        return f"{self.target.use.tag}{self.path.element:02d}{component} ({self._cell.name})"

    def _tell(
        self, sheet: Sheet, index: int, code: str, text: str, value: str | None, ack: Mapping[str, str]
    ) -> Problem:
        number = {"AK402": self._cell.number} if self._cell.number.isdecimal() else {}
        return self.tell(
            code,
            text,
            situational={**ack, **self.trigger(sheet, index, self.conditions)},
            ack=number,
            position=index + 1,
            element=self.path.element,
            component=self.path.component or None,
            value=value,
        )

    def covers(self, sheet: Sheet, problem: Problem) -> bool:
        index = (problem.position or 0) - 1
        if index < 0 or sheet.places[index] is not self.target.use.place:
            return False
        if (problem.element, problem.component or 0) != (self.path.element, self.path.component):
            return False
        if not sheet.holds(self.conditions, index):
            return False
        value = problem.value or ""
        return not value.strip(" ") if problem.code == "element_missing" else self._fault(value) is None
