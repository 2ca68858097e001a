"""Reading and judging files without storing anything: inspect."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.exits import Exit
from hub.cli.inspect_words import tell, tell_other
from hub.cli.options import Files, Home, Json, PartnerName
from hub.cli.output import emit_line, emit_pieces, note
from hub.cli.profile import agreement, profile
from hub.cli.sources import Input, Inputs

if TYPE_CHECKING:
    from hub.x12.agreement import Agreement
    from hub.x12.inspect import Count

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
    """Read and judge files, and say in words what is wrong with each document. Stores nothing.

    Needs a home only with --partner: then that partner's settings and guide are laid over X12. Leaves with 5 where
    problems were found. With --json: one line a file.

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
        if engine is Engine.OWN:
            count = (_stream if json else _tell)(source, agreed)
            counts["documents"] += count.documents
            counts["problems"] += count.problems
            continue
        result = _judged(source, engine, agreed)
        counts["documents"] += sum(1 for _ in _documents(result))
        counts["problems"] += sum(1 for problem in _problems(result) if problem["severity"] != "note")
        if json:
            emit_line(result)
        elif engine is Engine.BOTH:
            _tell(source, agreed)
            tell_other(result["second_opinion"], compared=result["compared"])
        else:
            tell_other(result)
    if not json:
        note(", ".join(f"{count} {name if count != 1 else name[:-1]}" for name, count in counts.items()))
    if inputs.code is not Exit.OK:
        raise typer.Exit(inputs.code)
    if counts["problems"]:
        raise typer.Exit(Exit.PROBLEMS)


def _stream(source: Input, agreed: Agreement | None) -> Count:
    """The JSON of a file of any size, a document at a time."""
    from hub.x12.inspect import Count, pieces

    count = Count()
    with source.open() as file:
        emit_pieces(pieces(file, source.name, count=count, agreement=agreed))
    return count


def _tell(source: Input, agreed: Agreement | None) -> Count:
    """The same in words for people."""
    from hub.x12.inspect import Count

    count = Count()
    with source.open() as file:
        tell(file, source.name, agreed, count)
    return count


def _judged(source: Input, engine: Engine, agreed: Agreement | None) -> dict[str, Any]:
    """The second opinion, alone or beside ours; everything is kept, as pyx12 takes no large files anyway."""
    from hub.x12 import second_opinion
    from hub.x12.inspect import inspect as own
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
