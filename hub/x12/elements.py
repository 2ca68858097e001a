"""Segments, their elements and the notes between them, as the tables give them.

Types and lengths follow X12.6 (application control structure): sign, decimal point and E do not count, ``Nn`` has n
implied decimals, dates are CCYYMMDD or YYMMDD, times HHMM[SS[d[d]]].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

__all__ = ["Cell", "Element", "Note", "Segment"]


class Element:
    """A data element by its number in the dictionary, ``324``; ``kind`` AN ID R DT TM B N0…N9."""

    def __init__(self, number: str, name: str, kind: str, low: int, high: int, codes: tuple[str, ...]) -> None:
        self.number = number
        self.name = name
        self.kind = kind
        self.low = low
        self.high = high
        self._codes = codes

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code of the list; empty where the list is open or not ours."""
        return frozenset(" ".join(self._codes).split())


@dataclass(frozen=True, slots=True)
class Note:
    """A syntax note such as P0304. ``positions`` are 1-based."""

    kind: str
    positions: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Note:
        return cls(text[0], tuple(int(text[i : i + 2]) for i in range(1, len(text), 2)))

    def __str__(self) -> str:
        return self.kind + "".join(f"{position:02d}" for position in self.positions)

    def broken(self, present: list[bool]) -> bool:
        """``present[n]`` tells whether position n holds something; positions past the end do not."""
        have = [position < len(present) and present[position] for position in self.positions]
        if self.kind == "P":
            return any(have) and not all(have)
        if self.kind == "R":
            return not any(have)
        if self.kind == "E":
            return sum(have) > 1
        return have[0] and not (all(have[1:]) if self.kind == "C" else any(have[1:]))


@dataclass(frozen=True, slots=True)
class Cell:
    """One position of a segment or composite: an element, or ``parts`` where it is a composite."""

    number: str
    required: bool
    repeat: int
    element: Element | None
    parts: tuple[Cell, ...]
    notes: tuple[Note, ...]

    @property
    def name(self) -> str:
        return self.element.name if self.element else (self.parts[0].name if self.parts else self.number)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A segment of a release."""

    tag: str
    name: str
    cells: tuple[Cell, ...]
    notes: tuple[Note, ...]
    release: str = "004010"
