"""A guide's rules in one grammar, laid over documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.problem import Problem
from hub.x12.document import Delimiters, Place
from hub.x12.guide.check import Check, Sheet, Widened
from hub.x12.guide.elements import ElementCheck
from hub.x12.guide.path import Path, Target
from hub.x12.guide.rule import Rule
from hub.x12.guide.segments import SegmentCheck
from hub.x12.problems import found

__all__ = ["Placed"]

_STRUCTURE = frozenset({"segment_missing", "segment_out_of_order", "segment_unexpected"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A guide's rules in one grammar. ``watched``: the places that they look at."""

    partner: str
    checks: list[Check]
    widening: list[Check]
    watched: frozenset[Place]

    @classmethod
    def of(cls, partner: str, rules: Iterable[tuple[Rule, Path, Target, Widened]]) -> Placed:
        """``rules``: each with the place it was found to fit, and what it allows there."""
        checks: list[Check] = [
            (ElementCheck if path.element else SegmentCheck)(partner, rule, path, target, allows)
            for rule, path, target, allows in rules
        ]
        widening = [check for check in checks if check.allows]
        return cls(partner, checks, widening, frozenset(place for check in checks for place in check.places()))

    def judge(
        self,
        rows: list[list[str]],
        places: list[Place | None],
        problems: list[Problem],
        delimiters: Delimiters,
    ) -> list[Problem]:
        """X12's own problems, those taken back that a rule allows, and what the guide adds to them."""
        if not places or places[0] is None:
            return problems
        at: dict[Place | None, list[int]] = {place: [] for place in self.watched}
        for index, place in enumerate(places):
            if place in at:
                at[place].append(index)
        sheet = Sheet(rows, places, at, delimiters)
        if problems and self.widening:
            problems = [self._taken_back(sheet, problem) for problem in problems]
        told = [problem for check in self.checks for problem in check.problems(sheet)]
        return _merged(problems, told) if told else problems

    def _taken_back(self, sheet: Sheet, problem: Problem) -> Problem:
        check = next((c for c in self.widening if problem.code in c.allows and c.covers(sheet, problem)), None)
        if check is None:
            return problem
        return found(
            "guide_widens",
            f"{problem.message} The guide agreed with {self.partner} allows it: {check.rule.why}.",
            segment=problem.segment,
            position=problem.position,
            element=problem.element,
            component=problem.component,
            value=problem.value,
            loop=problem.loop,
        )


def _merged(problems: list[Problem], told: list[Problem]) -> list[Problem]:
    """Both in the order of the segments; the guide is silent where X12 has said something already."""
    blamed = {(problem.position, problem.element) for problem in problems if problem.severity != "note"}
    lost = {problem.segment for problem in problems if problem.code in _STRUCTURE}
    added = [
        problem
        for problem in told
        if (problem.position, problem.element) not in blamed
        and not (problem.code == "guide_segment_missing" and problem.segment in lost)
    ]
    return sorted([*problems, *added], key=lambda problem: problem.position or 0)
