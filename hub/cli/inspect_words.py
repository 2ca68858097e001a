"""What a file holds and what is wrong with it, in words for people, a document at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.cli.output import STYLES, text
from hub.cli.words import problem_lines
from hub.visible import visible

if TYPE_CHECKING:
    from hub.problem import Problem
    from hub.x12 import Document, Group, Interchange
    from hub.x12.agreement import Agreement
    from hub.x12.inspect import Count

__all__ = ["tell", "tell_other"]


def tell(file: BinaryIO, name: str, agreed: Agreement | None, count: Count) -> None:
    """Prints our verdict on a file of any size as it is read; ``count`` is added to. What is wrong with an interchange
    or group stands before its documents where ISA or GS shows it, behind them where IEA or GE does."""
    from hub.x12 import Document, Group, read

    reader = read(file, agreement=agreed)
    text(visible(name), "bold")
    told = {"interchange": 0, "group": 0}
    for event in reader:
        if isinstance(event, Document):
            count.documents += 1
            count.add(event.problems)
            _document(event)
            continue
        kind, level = ("group", 3) if isinstance(event, Group) else ("interchange", 2)
        if not event.closed:
            told[kind] = 0
            text(visible("  " * (level - 1) + (_group(event) if isinstance(event, Group) else _interchange(event))))
        else:
            count.add(event.problems)
        _problems(event.problems, level, told[kind])
        told[kind] = len(event.problems)
    count.add(reader.problems)
    all_of_it = reader.bytes_accounted == reader.size
    text(f"  {reader.syntax}, {reader.size} bytes, {'all' if all_of_it else reader.bytes_accounted} accounted for")
    _problems(reader.problems, 2)
    text()


def tell_other(result: Mapping[str, Any], *, compared: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Prints the second opinion; ``compared``: each document beside ours, where ours was printed before."""
    if compared is None:
        text(visible(f"{result['file']}  by pyx12"), "bold")
    else:
        agree = all(row["agree"] for row in compared)
        text(f"  pyx12 {'agrees' if agree else 'does not agree'}", "" if agree else "yellow")
    _list(result["problems"], 2)
    for interchange in result["interchanges"]:
        _list(interchange["problems"], 2)
        for group in interchange["groups"]:
            _list(group["problems"], 3)
            for document in group["documents"]:
                verdict = document["verdict"].replace("_", " ").upper()
                text(visible(f"      {document['document']} {document['control_number']}  {verdict}"))
                _list(document["problems"], 4)
    for row in compared or ():
        for why in row["because"]:
            text(visible(f"      {row['document']} {row['control_number']}: a known difference. {why}"))
    text()


def _interchange(interchange: Interchange) -> str:
    known = interchange.delimiters.as_json()
    delimiters = " ".join(f"{name} {_named(value)}" for name, value in known.items() if value)
    line = f"interchange {interchange.control_number}  {interchange.sender} to {interchange.receiver}"
    return f"{line}  {interchange.version}  ({delimiters})"


def _named(delimiter: str) -> str:
    return delimiter if delimiter.isprintable() and delimiter != " " else f"0x{ord(delimiter):02x}"


def _group(group: Group) -> str:
    return f"group {group.type} {group.control_number}  {group.version}"


def _document(document: Document) -> None:
    line = (
        f"      {document.document} {document.control_number}  {document.verdict.replace('_', ' ').upper()}"
        f"  {len(document.segments)} segments"
    )
    segments: list[str] = []
    if document.problems:
        delimiters = document.group.interchange.delimiters
        segments = [delimiters.element.join(segment) + delimiters.segment for segment in document.segments]
        line += "".join(f"  {segment}" for segment in segments[1:2])
    text(visible(line), STYLES.get(document.verdict, ""))
    _problems(document.problems, 4, segments=segments)


def _problems(problems: Sequence[Problem], level: int, told: int = 0, segments: Sequence[str] = ()) -> None:
    _list([problem.as_json() for problem in problems[told:]], level, told, segments)


def _list(problems: Sequence[Mapping[str, Any]], level: int, told: int = 0, segments: Sequence[str] = ()) -> None:
    for number, problem in enumerate(problems, told + 1):
        position = problem["position"]
        own = segments[position - 1] if position and position <= len(segments) else ""
        for line in problem_lines(problem, number, own):
            text("  " * level + line)
