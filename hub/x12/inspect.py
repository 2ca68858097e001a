"""Reading and validating a source as one JSON object; nothing is stored."""

from __future__ import annotations

from typing import Any, BinaryIO

from hub.x12.document import Document, Group, Interchange
from hub.x12.limits import Limits
from hub.x12.reader import read

__all__ = ["inspect"]


def inspect(source: bytes | BinaryIO, name: str, limits: Limits | None = None) -> dict[str, Any]:
    """What the file holds and what is wrong with it: file, syntax, bytes, bytes_accounted, problems, interchanges.

    Keeps the result of every document; read a large file with `hub.x12.read` instead. Never raises for its content.
    """
    reader = read(source, limits)
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
