"""Reading and judging files without storing anything: inspect."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.exits import Exit
from hub.cli.options import Files, Home, Json, PartnerName
from hub.cli.output import STYLES, emit_line, emit_pieces, note, text
from hub.cli.profile import agreement, profile
from hub.cli.sources import Input, Inputs
from hub.cli.words import problem_lines
from hub.visible import visible

if TYPE_CHECKING:
    from hub.x12.agreement import Agreement

__all__ = ["Engine", "inspect"]


class Engine(StrEnum):
    """Whose verdict is asked for."""

    OWN = "own"
    PYX12 = "pyx12"
    BOTH = "both"


def inspect(
    files: Files,
    engine: Annotated[
        Engine,
        typer.Option(help="own; pyx12, the second opinion, some hundred times slower; or both, with what differs."),
    ] = Engine.OWN,
    partner: PartnerName = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Read and judge files, and say in words what is wrong with each document. Stores nothing; needs a home only with
    --partner: then that partner's settings and guide are laid over X12.

    Leaves with 5 where problems were found. With --json: one line a file.

    \b
    Examples:
      crossdock inspect order.edi
      crossdock inspect --json inbox/ | jq .interchanges
      crossdock inspect --partner bigbox order.edi
      crossdock inspect --engine both order.edi
    """
    agreed = agreement(profile(home, partner))
    counts = {"files": 0, "documents": 0, "problems": 0}
    inputs = Inputs(files)
    for source in inputs:
        counts["files"] += 1
        if json and engine is Engine.OWN:
            _stream(source, counts, agreed)
            continue
        result = _judged(source, engine, agreed)
        counts["documents"] += sum(1 for _ in _documents(result))
        counts["problems"] += sum(1 for problem in _problems(result) if problem["severity"] != "note")
        if json:
            emit_line(result)
        else:
            _print(result, source, agreed)
    if not json:
        note(", ".join(f"{count} {name if count != 1 else name[:-1]}" for name, count in counts.items()))
    if inputs.code is not Exit.OK:
        raise typer.Exit(inputs.code)
    if counts["problems"]:
        raise typer.Exit(Exit.PROBLEMS)


def _stream(source: Input, counts: dict[str, int], agreed: Agreement | None) -> None:
    """The JSON of a file of any size, a document at a time."""
    from hub.x12.inspect import Count, pieces

    count = Count()
    with source.open() as file:
        emit_pieces(pieces(file, source.name, count=count, agreement=agreed))
    counts["documents"] += count.documents
    counts["problems"] += count.problems


def _judged(source: Input, engine: Engine, agreed: Agreement | None) -> dict[str, Any]:
    from hub.x12.inspect import inspect as own

    if engine is Engine.OWN:
        with source.open() as file:
            return own(file, source.name, agreement=agreed)
    from hub.x12 import second_opinion
    from hub.x12.second_opinion import differences

    if engine is Engine.PYX12:
        return second_opinion.inspect(source.read(), source.name)
    with source.open() as file:
        result = own(file, source.name, agreement=agreed)
    other = second_opinion.inspect(source.read(), source.name)
    rows = differences.compare(result, other)
    agree = all(row["agree"] for row in rows)
    return {**result, "engine": "both", "agree": agree, "compared": rows, "second_opinion": other}


def _documents(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for interchange in result["interchanges"]:
        for group in interchange["groups"]:
            yield from group["documents"]


def _problems(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from result["problems"]
    for interchange in result["interchanges"]:
        yield from interchange["problems"]
        for group in interchange["groups"]:
            yield from group.get("problems", ())
            for document in group["documents"]:
                yield from document["problems"]


def _print(result: dict[str, Any], source: Input, agreed: Agreement | None) -> None:
    accounted = result["bytes_accounted"]
    every = "all accounted for" if accounted == result["bytes"] else f"{accounted} accounted for"
    text(visible(f"{result['file']}  {result['syntax']}  {result['bytes']} bytes, {every}"), "bold")
    _list(result["problems"], 1)
    segments = _segments(source, agreed) if any(document["problems"] for document in _documents(result)) else iter(())
    for interchange in result["interchanges"]:
        delimiters = " ".join(f"{name} {_named(value)}" for name, value in interchange["delimiters"].items() if value)
        text(
            visible(
                f"  interchange {interchange['control_number']}  {interchange['sender']} to {interchange['receiver']}"
                f"  {interchange['version']}  ({delimiters})"
            )
        )
        _list(interchange["problems"], 2)
        for group in interchange["groups"]:
            text(visible(f"    group {group['type']} {group['control_number']}  {group['version']}"))
            _list(group.get("problems", ()), 3)
            for document in group["documents"]:
                _print_document(document, next(segments, []))
    if "second_opinion" in result:
        _print_other(result)
    text()


def _print_document(document: dict[str, Any], segments: list[str]) -> None:
    verdict = document["verdict"]
    line = (
        f"      {document['document']} {document['control_number']}  {verdict.replace('_', ' ').upper()}"
        f"  {document['segments']} segments{''.join(f'  {segment}' for segment in segments[1:2])}"
    )
    text(visible(line), STYLES.get(verdict, ""))
    _list(document["problems"], 4, segments)


def _list(problems: Any, level: int, segments: list[str] | None = None) -> None:
    for number, problem in enumerate(problems, 1):
        position = problem["position"]
        own = segments[position - 1] if segments and position and position <= len(segments) else ""
        for line in problem_lines(problem, number, own):
            text("  " * level + line)


def _segments(source: Input, agreed: Agreement | None) -> Iterator[list[str]]:
    """The segments of each document as they came, in order of the documents."""
    from hub.x12 import Document
    from hub.x12 import read as read_x12

    with source.open() as file:
        for event in read_x12(file, agreement=agreed):
            if isinstance(event, Document):
                delimiters = event.group.interchange.delimiters
                yield [delimiters.element.join(segment) + delimiters.segment for segment in event.segments]


def _named(delimiter: str) -> str:
    return delimiter if delimiter.isprintable() and delimiter != " " else f"0x{ord(delimiter):02x}"


def _print_other(result: dict[str, Any]) -> None:
    other = result["second_opinion"]
    text(f"  pyx12 {'agrees' if result['agree'] else 'does not agree'}", "" if result["agree"] else "yellow")
    for document in _documents(other):
        text(visible(f"      {document['document']} {document['control_number']}  {document['verdict']}"))
        _list(document["problems"], 4)
    for row in result["compared"]:
        for why in row["because"]:
            text(visible(f"      {row['document']} {row['control_number']}: a known difference. {why}"))
