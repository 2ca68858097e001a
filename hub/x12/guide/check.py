"""A partner guide laid over a document: the rules of `hub.x12.guide`, placed in one grammar, against its segments.

Acknowledgment codes: those of the 999 for implementations (X12 elements 618, 620, 621: I4 to I13), and in a 997 the
nearest that elements 720 and 723 have. A rule under a condition is a situational one: I6, I9 and I13 say so, and the
segment that it depends on becomes the 999's situational trigger (CTX).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.problem import Problem
from hub.x12.document import Delimiters, Place
from hub.x12.guide.path import Condition, Path, Target
from hub.x12.guide.rule import Rule
from hub.x12.problems import found

__all__ = ["Check", "Sheet", "Widened"]

Widened = Mapping[str, str]
"""The codes of X12's problems that a rule takes back, each with what X12 says."""


@dataclass(slots=True)
class Sheet:
    """A document's segments. ``at``: for each place that a rule looks at, the indexes of its segments."""

    rows: list[list[str]]
    places: list[Place | None]
    at: dict[Place | None, list[int]]
    delimiters: Delimiters

    def owner(self, place: Place, index: int) -> int:
        """The index of the last segment at a place, up to this one; -1 where there is none."""
        indexes = self.at[place]
        known = bisect_right(indexes, index)
        return indexes[known - 1] if known else -1

    def holds(self, conditions: Sequence[Condition], index: int) -> bool:
        for condition in conditions:
            owner = self.owner(condition.place, index)
            if owner < 0 or condition.value not in self.rows[owner][condition.element : condition.element + 1]:
                return False
        return True


@dataclass(slots=True)
class Check(ABC):
    """One rule at one place."""

    partner: str
    rule: Rule
    path: Path
    target: Target
    allows: Widened

    def places(self) -> Iterator[Place]:
        yield self.target.use.place
        for condition in self.target.around:
            yield condition.place

    @abstractmethod
    def problems(self, sheet: Sheet) -> Iterable[Problem]:
        """What breaks the rule."""

    @abstractmethod
    def covers(self, sheet: Sheet, problem: Problem) -> bool:
        """Whether X12's problem, of a code in ``allows``, is what the rule allows."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        own = self.target.own
        return (*self.target.around, own) if own else self.target.around

    def tell(
        self, code: str, text: str, *, situational: Mapping[str, str], ack: Mapping[str, str], **at: Any
    ) -> Problem:
        """``situational``: the codes where the rule depends on a condition."""
        use = self.target.use
        return found(
            code,
            f"{text}: {self.rule.why}.",
            severity=self.rule.severity,
            ack={**ack, **situational},
            segment=use.tag,
            loop="/".join(use.place.path),
            **at,
        )

    def trigger(self, sheet: Sheet, index: int, conditions: Sequence[Condition]) -> dict[str, str]:
        """The 999's CTX for the segment on which a rule depends; empty where it depends on none."""
        if not conditions:
            return {}
        condition = conditions[-1]
        position = sheet.owner(condition.place, index) + 1
        loop = condition.place.path[-1] if condition.place.path else ""
        context = {
            "CTX02": condition.place.segment,
            "CTX03": str(position),
            "CTX04": loop,
            "CTX05": str(condition.element),
        }
        return {name: text for name, text in context.items() if text}

    def when(self, conditions: Sequence[Condition]) -> str:
        words = (f"{c.place.segment}{c.element:02d} is {c.value}" for c in conditions)
        return f" where {' and '.join(words)}" if conditions else ""

    @property
    def by(self) -> str:
        return f"the guide agreed with {self.partner}"
