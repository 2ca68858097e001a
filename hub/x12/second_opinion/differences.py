"""Where the two engines are known to disagree on a verdict, and why. Everything else that differs is a fault of one.

Which segment and element are named is comparable too, with these habits of pyx12: a misplaced loop draws a problem for
each segment in it; an unlisted code of wrong length draws two; AK304 is 1 for everything out of place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hub.problem import Problem
from hub.x12.document import Verdict
from hub.x12.problems import KINDS

__all__ = ["KNOWN", "Difference", "compare", "unexplained"]

Engine = Literal["crossdock", "pyx12"]


@dataclass(frozen=True, slots=True)
class Difference:
    """``engine`` alone rejects for ``code``, where ``when`` holds."""

    engine: Engine
    code: str
    why: str
    when: Callable[[Problem], bool] = lambda _problem: True


def _blank(problem: Problem) -> bool:
    return problem.value is not None and not problem.value.strip()


def _says(*words: str) -> Callable[[Problem], bool]:
    return lambda problem: any(word in problem.message for word in words)


def _caret(problem: Problem) -> bool:
    return "^" in (problem.value or "")


def _in_composite(problem: Problem) -> bool:
    return problem.component is not None


def _at_the_next_pass(problem: Problem) -> bool:
    """A segment that is missed where the loop begins anew."""
    return f" is missing before {problem.loop.rpartition('/')[2]} " in problem.message


_BLANK = "A value of nothing but blanks is empty to us, with a warning; pyx12 takes it for a value."
_REPEATED = (
    "The usual repetition separator in an element that does not repeat is a warning to us, and the text is kept."
)

KNOWN: tuple[Difference, ...] = (
    Difference("pyx12", "element_too_short", _BLANK, _blank),
    Difference("pyx12", "value_not_in_list", _BLANK, _blank),
    Difference("pyx12", "date_invalid", _BLANK, _blank),
    Difference("pyx12", "time_invalid", _BLANK, _blank),
    Difference("pyx12", "character_invalid", _BLANK, _blank),
    Difference("crossdock", "element_missing", _BLANK, _blank),
    Difference("crossdock", "element_needed", _BLANK, _blank),
    Difference(
        "crossdock",
        "element_missing",
        "pyx12 lets the first component of an optional composite be empty though others are there.",
        lambda problem: problem.component == 1,
    ),
    Difference("crossdock", "element_needed", "pyx12 has no notes between components.", _in_composite),
    Difference(
        "pyx12",
        "character_invalid",
        "The component separator inside a plain element is a warning to us, and the text is kept.",
        _says("invalid composite"),
    ),
    Difference("pyx12", "character_invalid", "Blanks at the end of a value do no harm.", _says("trailing spaces")),
    Difference("pyx12", "character_invalid", "Control characters are a warning to us.", _says("control character")),
    Difference(
        "pyx12",
        "character_invalid",
        "^ and ` in a 4010 text: outside the extended set of X12.5 in that release; to us data like any other.",
        lambda problem: _caret(problem) or "`" in (problem.value or ""),
    ),
    Difference(
        "pyx12",
        "character_invalid",
        "A decimal that ends in its point, 1., is a number to us.",
        lambda problem: (problem.value or "").endswith(".") and "type R" in problem.message,
    ),
    Difference(
        "pyx12",
        "character_invalid",
        "X12.6 lets an exponent follow a decimal, 12E2; pyx12 does not know it.",
        lambda problem: "E" in (problem.value or "") and "type R" in problem.message,
    ),
    Difference("pyx12", "date_invalid", "pyx12 knows no year before 1800; element 373 has no such limit.",
               lambda problem: (problem.value or "9") < "1800"),
    Difference(
        "pyx12",
        "element_too_short",
        "Before 004010 dates have six digits; pyx12 is shown the table of 004010.",
        lambda problem: len(problem.value or "") == 6 and "< 8 (min_len)" in problem.message,
    ),
    Difference("pyx12", "trailing_separators", "Separators at the end of a segment are a warning to us."),
    Difference("pyx12", "hl_number_order", "HL01 need only be unique; a gap is a warning to us."),
    Difference(
        "pyx12",
        "hl_parent_unknown",
        "pyx12 accepts as HL02 only a level that is still open; to us any level that came before is a parent.",
    ),
    Difference(
        "crossdock",
        "hl_parent_unknown",
        "HL02 names the HL01 of a level to us; pyx12 counts levels itself and takes HL02 for such a count.",
    ),
    Difference("crossdock", "hl_number_repeats", "pyx12 counts levels itself."),
    Difference("crossdock", "hl_number_order", "HL02 names a number that is due but not there; to pyx12 it is."),
    Difference(
        "pyx12",
        "value_not_in_list",
        "HL03 of an unknown level is a warning to us, the tree is built from HL01 and HL02.",
        lambda problem: (problem.segment, problem.element) == ("HL", 3),
    ),
    Difference(
        "crossdock",
        "segment_missing",
        "pyx12 does not miss what a loop must hold where the first segment of its next pass follows its own first.",
        _at_the_next_pass,
    ),
    Difference("pyx12", "document_repeats", "A control number that came before in the group is a warning to us."),
    Difference("pyx12", "second_opinion_failed", "pyx12 raised; a composite with too many components does that."),
    Difference("pyx12", "element_too_long", _REPEATED, _caret),
    Difference("pyx12", "value_not_in_list", _REPEATED, _caret),
    Difference("crossdock", "too_many_repetitions", "pyx12 knows no repetition; only the first is shown to it."),
    *(Difference("crossdock", kind.code, "pyx12 judges by X12 alone, without the partner's guide.")
      for kind in KINDS.values() if kind.scope == "guide"),
)  # fmt: skip


Judged = tuple[Verdict, Sequence[Problem]]


def unexplained(ours: Judged, theirs: Judged) -> list[Problem]:
    """The errors for which one engine alone rejects a document and which no known difference explains.

    Empty where the engines agree: both reject, or neither does; pyx12 has no warnings, so accepted with errors is
    accepted here.
    """
    return [problem for problem, known in _alone(ours, theirs) if known is None]


def _alone(ours: Judged, theirs: Judged) -> list[tuple[Problem, Difference | None]]:
    """The errors for which one engine alone rejects, each with what explains it."""
    if (ours[0] == "rejected") == (theirs[0] == "rejected"):
        return []
    engine: Engine = "crossdock" if ours[0] == "rejected" else "pyx12"
    problems = ours[1] if engine == "crossdock" else theirs[1]
    rows = [row for row in KNOWN if row.engine == engine]
    return [
        (problem, next((row for row in rows if row.code == problem.code and row.when(problem)), None))
        for problem in problems
        if problem.severity == "error"
    ]


def compare(own: dict[str, Any], other: dict[str, Any]) -> list[dict[str, Any]]:
    """Two results of ``inspect`` side by side, a row a document that our engine read, in the order of the file.

    A row is ``{document, control_number, ours, theirs, agree, because[], unexplained[]}``; ``theirs`` is None where
    pyx12 did not come to the document. ``agree`` holds too where known differences explain the verdicts: ``because``
    says which.
    """
    rows = []
    theirs = _documents(other)
    for place, mine in _documents(own).items():
        yours = theirs.get(place)
        alone = _alone(_judged(mine), _judged(yours)) if yours else []
        odd = [problem.as_json() for problem, known in alone if known is None]
        rows.append(
            {
                "document": mine["document"],
                "control_number": mine["control_number"],
                "ours": mine["verdict"],
                "theirs": yours["verdict"] if yours else None,
                "agree": bool(yours) and not odd,
                "because": list(dict.fromkeys(known.why for _, known in alone if known)),
                "unexplained": odd,
            }
        )
    return rows


def _judged(document: dict[str, Any]) -> Judged:
    return document["verdict"], [Problem(**problem) for problem in document["problems"]]


def _documents(inspected: dict[str, Any]) -> dict[tuple[int, int, int], dict[str, Any]]:
    """Documents by their place: interchange, group, document."""
    return {
        (i, g, d): document
        for i, interchange in enumerate(inspected["interchanges"])
        for g, group in enumerate(interchange["groups"])
        for d, document in enumerate(group["documents"])
    }
