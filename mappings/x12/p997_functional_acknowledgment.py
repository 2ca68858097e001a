"""997 Functional Acknowledgment ⇄ FunctionalAcknowledgment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hub.canonical import AcknowledgedError, FunctionalAcknowledgment
from hub.canonical.values import Canonical
from hub.mapping.codecs import Codec, an, n0
from hub.mapping.notation import M, Via, each, loop, row, skip, spread
from hub.mapping.x12_mapping import document
from mappings.x12.codes import DOCUMENT_STATUS, GROUP_STATUS

__all__ = ["FUNCTIONAL_ACKNOWLEDGMENT"]

IN_ELEMENTS = "8"
"""AK304: the segment has element errors, which AK4 tells."""


class ElementNote(Canonical):
    """AK4."""

    element: int
    code: str | None = None
    value: str | None = None


class SegmentNote(Canonical):
    """AK3 with its AK4s; one AcknowledgedError for each element, or one for the segment."""

    segment: str
    position: int | None = None
    code: str | None = None
    elements: tuple[ElementNote, ...] = ()


def _unfold(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    errors = []
    for note in notes:
        where = {name: note[name] for name in ("segment", "position") if name in note}
        if note.get("elements"):
            errors += [{**where, **element} for element in note["elements"]]
        else:
            errors.append({**where, **({"code": note["code"]} if "code" in note else {})})
    return errors


def _fold(errors: Sequence[AcknowledgedError]) -> list[SegmentNote]:
    notes: list[SegmentNote] = []
    for error in errors:
        if error.element is None:
            notes.append(SegmentNote(segment=error.segment, position=error.position, code=error.code))
            continue
        element = ElementNote(element=error.element, code=error.code, value=error.value)
        last = notes[-1] if notes else None
        if last and last.elements and (last.segment, last.position) == (error.segment, error.position):
            notes[-1] = last.model_copy(update={"elements": (*last.elements, element)})
        else:
            notes.append(
                SegmentNote(segment=error.segment, position=error.position, code=IN_ELEMENTS, elements=(element,))
            )
    return notes


def _position(text: str) -> str:
    match = re.match(r"\d+", text)
    if match is None:
        raise ValueError(text)
    return match[0]


POSITION = Codec(name="position", kinds=(int,), expects="the element's position", read=_position)
"""AK401 is a composite: position, component, repetition; the position is read."""

FUNCTIONAL_ACKNOWLEDGMENT = document(
    "997",
    group="FA",
    model=FunctionalAcknowledgment,
    rows=(
        row("AK101", "group_type", an, M),
        row("AK102", "group_control_number", an, M),
        skip("AK103", why="the version of the group, known from what we sent"),
        loop(
            "AK2",
            "documents[]",
            row("AK201", "document", an, M),
            row("AK202", "control_number", an, M),
            skip("AK203", why="the convention of the document, known from what we sent"),
            loop(
                "AK3",
                "errors[]",
                row("AK301", "segment", an, M),
                row("AK302", "position", n0, M),
                skip("AK303", why="the loop follows from the position"),
                row("AK304", "code", an),
                each(
                    "AK4",
                    "elements[]",
                    row("AK401", "element", POSITION, M),
                    skip("AK402", why="the dictionary number follows from the position"),
                    row("AK403", "code", an, M),
                    row("AK404", "value", an),
                ),
                via=Via(model=SegmentNote, read=_unfold, write=_fold),
            ),
            row("AK501", "status", DOCUMENT_STATUS, M),
            spread("AK502", "codes[]", an, across=5),
        ),
        row("AK901", "status", GROUP_STATUS, M),
        row("AK902", "included", n0, M),
        row("AK903", "received", n0, M),
        row("AK904", "accepted", n0, M),
    ),
)
