"""All there is to say about one document: order, elements, levels, totals, counts, control numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from hub.problem import Problem, Severity
from hub.x12.document import Delimiters, Place, Verdict
from hub.x12.grammar import Grammar
from hub.x12.judge import Where, judge
from hub.x12.problems import found
from hub.x12.stroll import Ground, Stroll
from hub.x12.tally import levels, totals
from hub.x12.walk import Walk, loop_path

__all__ = ["Finding", "judge_document", "settle", "trailer", "verdict_of"]

_STRUCTURE = frozenset(
    {"segment_unknown", "segment_unexpected", "segment_missing", "segment_not_in_document", "segment_out_of_order"}
)


class Finding(NamedTuple):
    """What the table says of a document; ``places`` runs beside its segments."""

    places: list[Place | None]
    problems: list[Problem]


def verdict_of(problems: list[Problem]) -> Verdict:
    severities = {problem.severity for problem in problems}
    if "error" in severities:
        return "rejected"
    return "accepted_with_errors" if "warning" in severities else "accepted"


def judge_document(ground: Ground, rows: list[list[str]], most: int) -> Finding:
    """The exact way. Problems in the order of segments; judging stops soon after ``most`` problems."""
    walk = Walk(ground.grammar)
    for row in rows:
        walk.step(row[0])
    return settle(ground, rows, (walk.places, list(range(len(rows)))), most, walk.problems)


def settle(
    ground: Ground, rows: list[list[str]], steps: Stroll, most: int, problems: Sequence[Problem] = ()
) -> Finding:
    """Judge the segments that `stroll` was not sure of, and what segments say about each other."""
    grammar = ground.grammar
    places, doubts = steps
    told = [*problems, *_segments(grammar, rows, places, doubts, ground.delimiters, most)] if doubts else []
    if grammar.hierarchical:
        told += levels(rows)
    if not (told and any(problem.code in _STRUCTURE for problem in told)):
        told += totals(grammar.document, rows, told)
    if len(told) > 1:
        told.sort(key=lambda problem: problem.position or 0)
    return Finding(places, told)


def _segments(
    grammar: Grammar,
    rows: list[list[str]],
    places: list[Place | None],
    suspects: list[int],
    delimiters: Delimiters,
    most: int,
) -> list[Problem]:
    problems: list[Problem] = []
    for index in suspects:
        place = places[index]
        if place is not None:
            segment = grammar.uses[place.id].segment
            problems += judge(segment, rows[index], Where(index + 1, loop_path(place)), delimiters)
            if len(problems) > most:
                break
    return problems


def trailer(rows: list[list[str]], control_number: str, *, lenient: bool = False) -> list[Problem]:
    """SE against ST: the count, whose fault is a warning where lenient, and the control number."""
    last = [*rows[-1], "", ""]
    if last[1:3] == [str(len(rows)), control_number]:
        return []
    at: dict[str, Any] = {"segment": "SE", "position": len(rows)}
    problems = []
    if last[1] != str(len(rows)) and last[1].lstrip("0") != str(len(rows)):
        message = f"SE01 says {last[1][:20]!r} segments; there are {len(rows)} from ST to SE."
        severity: Severity = "warning" if lenient else "error"
        problems.append(found("document_count", message, severity=severity, element=1, value=last[1], **at))
    if last[2] != control_number:
        message = f"SE02 is {last[2][:20]!r}, ST02 is {control_number[:20]!r}."
        problems.append(found("document_number_differs", message, element=2, value=last[2], **at))
    return problems
