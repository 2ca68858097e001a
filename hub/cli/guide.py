"""A partner guide made from a mapping: guide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.options import Home, Json
from hub.cli.output import emit, note, text
from hub.errors import NotFound

__all__ = ["guide"]

_SAMPLES = Path(__file__).resolve().parents[2] / "edi_samples" / "x12"
_CASES = ("full", "plain")


def guide(
    document: Annotated[str, typer.Argument(metavar="SET", help="Transaction set, such as 850.")],
    partner: Annotated[
        str, typer.Option("--partner", metavar="ID", help="Partner whose rules and overlay apply.", show_default=False)
    ] = "",
    release: Annotated[
        str,
        typer.Option(
            "--release", metavar="RELEASE", help="004010 or 005010; the first that has it.", show_default=False
        ),
    ] = "",
    as_html: Annotated[bool, typer.Option("--html", help="One HTML page instead of Markdown.")] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Write a partner guide of a document: segments, elements, codes, and what the partner does differently.

    It is made from the mapping that reads and writes the document. Stores nothing, needs no home.

    \b
    Examples:
      crossdock guide 850
      crossdock guide 850 --partner bigbox --html > bigbox-850.html
    """
    from hub.mapping.guide import guide as collect
    from hub.mapping.guide_page import html, markdown
    from hub.mapping.x12_mapping import X12Mapping
    from hub.x12.grammar import RELEASES, sets
    from mappings import CATALOG, GUIDES, find
    from mappings.overlays import OVERLAYS

    del home
    release = release or next((known for known in RELEASES if document in sets(known)), "")
    mapping = find(f"x12/{document}", partner=partner, version=release)
    if not isinstance(mapping, X12Mapping):
        known = ", ".join(sorted(name.removeprefix("x12/") for name in CATALOG if name.startswith("x12/")))
        raise NotFound(f"There is no mapping for {document}.", fix=f"Name one of: {known}.")
    if release not in RELEASES or document not in sets(release):
        raise NotFound(f"There is no table for {document} in {release}.", fix=f"Name one of: {', '.join(RELEASES)}.")
    edits = OVERLAYS.get(partner, {}).get(f"x12/{document}", ())
    agreed = GUIDES.get(partner)
    if partner and agreed is None and partner not in OVERLAYS:
        note(f"There is neither a guide nor an overlay of {partner}: this is the document as everybody has it.")
    rules = agreed.of(document, release) if agreed else ()
    found = collect(
        mapping, release=release, edits=edits, rules=rules, partner=agreed.partner if agreed else "",
        example=_example(document, release),
    )  # fmt: skip
    if json:
        emit(found.as_json())
    else:
        text((html(found) if as_html else markdown(found)).rstrip("\n"))


def _example(document: str, release: str) -> str:
    """A sample of the checkout, a segment a line; empty where samples are not installed."""
    for case in _CASES:
        path = _SAMPLES / release / document / f"{case}.edi"
        if path.is_file():
            from hub.x12 import Document
            from hub.x12 import read as read_x12

            found = next(event for event in read_x12(path.read_bytes()) if isinstance(event, Document))
            signs = found.group.interchange.delimiters
            return "".join(signs.element.join(segment) + signs.segment.strip() + "\n" for segment in found.segments)
    return ""
