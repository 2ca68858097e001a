"""The second opinion: pyx12, a validator with another history, over the same grammar tables.

`judge` and `inspect` answer as our own reader does, so that the two can be laid side by side. It is about a hundred
times slower; meant for onboarding, for documents we rejected, and for tests. It writes no acknowledgments.
`hub.x12.second_opinion.differences` lists where the two are known to disagree, and why.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hub.problem import Problem
from hub.x12.document import Verdict
from hub.x12.problems import found
from hub.x12.second_opinion.engine import judged_interchanges
from hub.x12.second_opinion.maps import write_directory

__all__ = ["Judgement", "inspect", "judge", "write_directory"]

_PADDING = b"\xef\xbb\xbf \t\r\n\0\x1a"


class Judgement(NamedTuple):
    """What pyx12 says of one document, found by the control numbers GS06 and ST02."""

    group_control_number: str
    control_number: str
    verdict: Verdict
    problems: tuple[Problem, ...]


def judge(data: bytes) -> list[Judgement]:
    """Every document of every interchange, in order. Never raises for what the data hold."""
    return [
        Judgement(group.control_number, document.control_number, document.verdict, tuple(document.problems))
        for interchange in judged_interchanges(data)
        for group in interchange.groups
        for document in group.documents
    ]


def inspect(source: bytes, name: str) -> dict[str, Any]:
    """The JSON of ``crossdock inspect`` with ``"engine": "pyx12"``; ``name`` is shown as the file."""
    interchanges = list(judged_interchanges(source))
    outside = source[: len(source) - sum(interchange.size for interchange in interchanges)]
    problems = []
    if not source:
        problems.append(found("empty_file", "There are no bytes."))
    elif not interchanges:
        problems.append(found("not_x12", "There is no ISA."))
    elif outside.strip(_PADDING):
        problems.append(found("junk_outside", f"{len(outside)} bytes stand before the first ISA."))
    return {
        "file": name,
        "engine": "pyx12",
        "syntax": "x12" if interchanges else "unknown" if source else "empty",
        "bytes": len(source),
        "bytes_accounted": len(source),
        "problems": [problem.as_json() for problem in problems],
        "interchanges": [interchange.as_json() for interchange in interchanges],
    }
