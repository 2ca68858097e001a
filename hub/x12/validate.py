"""All there is to say about one document: order, elements, levels, totals, counts, control numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

from hub.problem import Problem, Severity
from hub.x12.document import Delimiters, Place, Verdict
from hub.x12.grammar import Grammar
from hub.x12.judge import Where, judge
from hub.x12.problems import found
from hub.x12.tally import levels, totals
from hub.x12.walk import Ground, Walk, loop_path, stroll

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


def judge_document(
    ground: Ground, raws: list[str], rows: list[list[str]], doubtful: list[int], most: int
) -> Finding:  # fmt: skip
    """Problems in the order of segments. ``doubtful``: segments whose values may hold a delimiter, a control character
    or nothing but blanks, which the quick way does not see. Judging stops soon after ``most`` problems."""
    steps = stroll(ground, raws, rows)
    if steps is not None:
        return settle(ground, rows, steps, doubtful, most)
    walk = Walk(ground.grammar)
    for row in rows:
        walk.step(row[0])
    return _finish(ground, rows, walk.places, walk.problems, list(range(len(rows))), most)


def settle(
    ground: Ground,
    rows: list[list[str]],
    steps: tuple[list[Place | None], list[int]],
    doubtful: list[int],
    most: int,
) -> Finding:
    """Judge what `stroll` was not sure of."""
    places, doubts = steps
    return _finish(ground, rows, places, [], sorted({*doubts, *doubtful}) if doubtful else doubts, most)


def _finish(
    ground: Ground,
    rows: list[list[str]],
    places: list[Place | None],
    problems: list[Problem],
    suspects: list[int],
    most: int,
) -> Finding:
    grammar = ground.grammar
    if suspects:
        problems = problems + _segments(grammar, rows, places, suspects, ground.delimiters, most)
    if grammar.hierarchical:
        problems += levels(rows)
    if not problems or not any(problem.code in _STRUCTURE for problem in problems):
        problems += totals(grammar.document, rows, problems)
    if len(problems) > 1:
        problems.sort(key=lambda problem: problem.position or 0)
    return Finding(places, problems)


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
