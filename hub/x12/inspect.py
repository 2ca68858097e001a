"""Reading and validating a source as one JSON object; nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from hub.problem import Problem
from hub.x12.agreement import Agreement
from hub.x12.document import Document, Group, Interchange
from hub.x12.limits import Limits
from hub.x12.reader import read

__all__ = ["Count", "inspect", "pieces"]


@dataclass(slots=True)
class Count:
    """Of documents, and of problems that are more than notes, while they pass."""

    documents: int = 0
    problems: int = 0

    def add(self, problems: list[Problem]) -> None:
        self.problems += sum(problem.severity != "note" for problem in problems)


def inspect(
    source: bytes | BinaryIO, name: str, limits: Limits | None = None, agreement: Agreement | None = None
) -> dict[str, Any]:
    """What the file holds and what is wrong with it: file, syntax, bytes, bytes_accounted, problems, interchanges.

    Keeps the result of every document; `pieces` does not. Never raises for its content.
    """
    reader = read(source, limits, agreement)
    interchanges: list[dict[str, Any]] = []
    for event in reader:
        if isinstance(event, Document):
            interchanges[-1]["groups"][-1]["documents"].append(event.as_json())
        elif isinstance(event, Interchange):
            if event.closed:
                interchanges[-1]["problems"] = [problem.as_json() for problem in event.problems]
            else:
                interchanges.append(_interchange(event))
        elif event.closed:
            interchanges[-1]["groups"][-1]["problems"] = [problem.as_json() for problem in event.problems]
        else:
            interchanges[-1]["groups"].append(_group(event))
    return {
        "file": name,
        "syntax": reader.syntax,
        "bytes": reader.size,
        "bytes_accounted": reader.bytes_accounted,
        "problems": [problem.as_json() for problem in reader.problems],
        "interchanges": interchanges,
    }


def pieces(
    source: bytes | BinaryIO,
    name: str,
    limits: Limits | None = None,
    count: Count | None = None,
    agreement: Agreement | None = None,
) -> Iterator[str]:
    """The object of `inspect` as JSON text on one line, piece by piece, with one document in memory at a time.

    The members are the same; those that are known last, ``problems`` for instance, come last. ``count`` is added to.
    """
    reader, count = read(source, limits, agreement), count or Count()
    yield f'{{"file":{_json(name)},"interchanges":['
    interchanges = groups = documents = 0
    for event in reader:
        if isinstance(event, Document):
            yield _comma(documents) + _json(event.as_json())
            documents += 1
            count.documents += 1
            count.add(event.problems)
        elif isinstance(event, Interchange):
            if event.closed:
                count.add(event.problems)
                yield f'],"problems":{_json([problem.as_json() for problem in event.problems])}}}'
                continue
            yield _comma(interchanges) + _opened(_interchange(event), "groups")
            interchanges, groups = interchanges + 1, 0
        elif event.closed:
            count.add(event.problems)
            yield f'],"problems":{_json([problem.as_json() for problem in event.problems])}}}'
        else:
            yield _comma(groups) + _opened(_group(event), "documents")
            groups, documents = groups + 1, 0
    count.add(reader.problems)
    whole = {"syntax": reader.syntax, "bytes": reader.size, "bytes_accounted": reader.bytes_accounted}
    yield f"],{_json({**whole, 'problems': [problem.as_json() for problem in reader.problems]})[1:]}"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _comma(count: int) -> str:
    return "," if count else ""


def _opened(value: dict[str, Any], last: str) -> str:
    """The object without its end: its last member is a list that follows."""
    head = {key: member for key, member in value.items() if key not in (last, "problems")}
    return f'{_json(head)[:-1]},"{last}":['


def _interchange(interchange: Interchange) -> dict[str, Any]:
    return {
        "control_number": interchange.control_number,
        "sender": interchange.sender,
        "receiver": interchange.receiver,
        "version": interchange.version,
        "delimiters": interchange.delimiters.as_json(),
        "problems": [],
        "groups": [],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "type": group.type,
        "control_number": group.control_number,
        "version": group.version,
        "problems": [],
        "documents": [],
    }
