"""Documents to canonical messages and back: translate, write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.exits import Exit
from hub.cli.options import Files, Home, Json, PartnerName
from hub.cli.output import emit, emit_bytes, emit_json, text
from hub.cli.profile import agreement
from hub.cli.profile import profile as profile_of
from hub.cli.sources import Input, Inputs
from hub.cli.words import problem_lines
from hub.errors import BadDocument, Misconfigured
from hub.problem import Problem
from hub.visible import visible

if TYPE_CHECKING:
    from hub.canonical import Canonical
    from hub.contracts.mapping import Context, Reading
    from hub.contracts.mapping import Mapping as DocumentMapping
    from hub.contracts.partner import Partner
    from hub.x12 import Document

__all__ = ["translate", "write"]


def translate(
    files: Files,
    partner: PartnerName = None,
    document: Annotated[
        str,
        typer.Option(
            "--document", metavar="NAME", help="What a JSON file is: shipment_confirmation, …", show_default=False
        ),
    ] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Translate documents to canonical messages. Stores nothing; needs a home only with --partner.

    Leaves with 5 where a document has problems. With --json: one line a document.

    \b
    Examples:
      crossdock translate order.edi
      crossdock translate order.edi --partner bigbox --json
      crossdock translate shipped.json --document shipment_confirmation
    """
    profile = profile_of(home, partner)
    faulty = 0
    inputs = Inputs(files)
    for source in inputs:
        try:
            for line in _lines(source, profile, document):
                faulty += any(problem["severity"] == "error" for problem in line.problems)
                if json:
                    emit_json(line.as_json())
                else:
                    _print(line)
        except (BadDocument, Misconfigured) as error:
            inputs.refuse(error, was_read=True)
    if inputs.code is not Exit.OK:
        raise typer.Exit(inputs.code)
    if faulty:
        raise typer.Exit(Exit.PROBLEMS)


def write(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A canonical message as JSON; - is standard input.")],
    as_: Annotated[str, typer.Option("--as", metavar="DOCUMENT", help="855, 856, 810, erp_order, …")],
    partner: PartnerName = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """Write a canonical message as a document; control numbers begin at 1. Stores nothing.

    FILE holds the message itself, or a line of `crossdock translate --json`.

    \b
    Examples:
      crossdock write notice.json --as 856 --partner bigbox > notice.edi
      crossdock translate order.edi --json | crossdock write - --as 850
    """
    from hub.mapping.x12_mapping import X12Mapping

    profile = profile_of(home, partner)
    mapping = _mapping_to_write(as_, profile)
    with Input(file) as source:
        message = _message(source.read(), mapping, file)
    written = mapping.write(message, _context(profile))
    if isinstance(mapping, X12Mapping):
        data = _interchange(as_, written, mapping.group, profile)
    else:
        from hub.mapping.json_text import dumps

        data = dumps(written)
    if json:
        emit({"document": as_, "bytes": len(data), "text": data.decode("utf-8", "replace")})
    else:
        emit_bytes(data)


def _context(profile: Partner | None) -> Context:
    from hub.contracts.mapping import Context

    if profile is None:
        return Context(now=time.time())
    return Context(currency=profile.currency, values=profile.values, now=time.time())


@dataclass(frozen=True, slots=True)
class _Line:
    """What is told of one document. ``reading`` is None where no mapping read it."""

    document: str
    control_number: str | None
    type: str | None
    problems: list[dict[str, Any]]
    reading: Reading | None = None

    def as_json(self) -> bytes:
        import orjson

        reading = self.reading
        message = None if reading is None or reading.stopped else orjson.Fragment(reading.json())
        return orjson.dumps(
            {
                "document": self.document,
                "control_number": self.control_number,
                "type": self.type,
                "message": message,
                "unmapped": [entry.as_json() for entry in reading.unmapped] if reading else [],
                "problems": self.problems,
            }
        )


def _lines(source: Input, profile: Partner | None, document: str) -> Iterator[_Line]:
    """What is told of each document of a file."""
    with source.open() as file:
        is_json = file.read(64).lstrip()[:1] in {b"{", b"["}
    if document or is_json:
        yield _json_line(source.read(), profile, document)
        return
    from hub.x12 import Document
    from hub.x12 import read as read_x12

    context = _context(profile)
    with source.open() as file:
        reader = read_x12(file, agreement=agreement(profile))
        for event in reader:
            if isinstance(event, Document):
                yield _x12_line(event, profile, context)
    if reader.syntax != "x12":
        raise source.no_x12(reader.syntax, "for JSON documents add --document NAME")


def _x12_line(document: Document, profile: Partner | None, context: Context) -> _Line:
    import mappings

    mapping = mappings.find(
        f"x12/{document.document}", partner=profile.id if profile else "", version=document.group.version
    )
    problems = [problem.as_json() for problem in document.problems]
    if mapping is None:
        missing = Problem(
            code="no_mapping",
            message=f"No mapping reads {document.document} {document.group.version}.",
            fix=f"Mappings are there for: {', '.join(sorted(mappings.CATALOG))}.",
        )
        return _Line(document.document, document.control_number, None, [*problems, missing.as_json()])
    kind = mapping.model.__name__
    if document.verdict == "rejected":
        return _Line(document.document, document.control_number, kind, problems)
    reading = mapping.read(document, context)
    problems += [problem.as_json() for problem in reading.problems]
    return _Line(document.document, document.control_number, kind, problems, reading)


def _json_line(data: bytes, profile: Partner | None, document: str) -> _Line:
    import mappings
    from hub.mapping.json_text import loads

    mapping = mappings.find(f"json/{document}", partner=profile.id if profile else "", version="") if document else None
    if mapping is None:
        known = ", ".join(sorted(name.removeprefix("json/") for name in mappings.CATALOG if name.startswith("json/")))
        raise Misconfigured("A JSON file does not say what it is.", fix=f"Add --document with one of: {known}.")
    reading = mapping.read(loads(data), _context(profile))
    problems = [problem.as_json() for problem in reading.problems]
    return _Line(document, None, mapping.model.__name__, problems, reading)


def _print(line: _Line) -> None:
    import json

    head = f"{line.document} {line.control_number or ''}  {line.type or 'no mapping'}"
    text(visible(head), "bold")
    for number, problem in enumerate(line.problems, 1):
        for words in problem_lines(problem, number):
            text("  " + words)
    if line.reading is None:
        return
    for entry in line.reading.unmapped:
        where = f" in segment {entry.position}" if entry.position else ""
        text(visible(f'  not mapped: {entry.path}{where} "{entry.value}"'), "yellow")
    if line.reading.message is not None:
        text(json.dumps(line.reading.message.model_dump(mode="json", exclude_none=True), indent=2))


def _mapping_to_write(document: str, profile: Partner | None) -> DocumentMapping:
    import mappings

    for syntax in ("x12", "json"):
        found = mappings.find(
            f"{syntax}/{document}",
            partner=profile.id if profile else "",
            version=profile.x12.version if profile else "004010",
        )
        if found is not None:
            return found
    raise Misconfigured(
        f"No mapping writes {document!r}.", fix=f"Mappings are there for: {', '.join(sorted(mappings.CATALOG))}."
    )


def _message(data: bytes, mapping: DocumentMapping, name: str) -> Canonical:
    """The canonical message in a file, bare or in a line of ``translate --json``; raises BadDocument."""
    from pydantic import ValidationError

    from hub.mapping.json_text import loads

    value = loads(data)
    if isinstance(value, dict) and {"document", "type", "message"} <= value.keys():
        value = value["message"]
    try:
        return mapping.model.model_validate(value)
    except ValidationError as error:
        problems = [
            Problem(
                code="not_canonical",
                message=f"{'.'.join(str(part) for part in fault['loc']) or 'the message'}: {fault['msg']}",
                fix=f"`crossdock translate` shows what a {mapping.model.__name__} looks like.",
            )
            for fault in error.errors(include_url=False, include_input=False)[:20]
        ]
        raise BadDocument(f"{name} holds no {mapping.model.__name__}.", problems=problems) from None


def _interchange(document: str, segments: list[list[str]], group: str, profile: Partner | None) -> bytes:
    """One document in an interchange with control numbers 1; without a partner to RECEIVER as a test."""
    from hub.flow.envelope import envelope
    from hub.x12.control import document_control
    from hub.x12.outgoing import DocumentBody, Envelope, GroupBody
    from hub.x12.write import write_interchange

    body = DocumentBody(document=document, control_number=document_control(1), segments=segments)
    groups = [GroupBody(type=group, control=1, documents=(body,))]
    if profile is not None:
        return write_interchange(envelope(profile, control=1, at_seconds=time.time()), groups)
    nobody = Envelope(
        sender_qualifier="ZZ", sender="SENDER", receiver_qualifier="ZZ", receiver="RECEIVER",
        control=1, at_seconds=time.time(), usage="T", newline="\n",
    )  # fmt: skip
    return write_interchange(nobody, groups)
