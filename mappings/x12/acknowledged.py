"""Faults as 997 and 999 tell them, a segment with its elements, and as we keep them, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from hub.canonical import AcknowledgedContext, AcknowledgedError
from hub.canonical.values import Canonical
from hub.mapping.codecs import Codec
from hub.mapping.notation import Via
from hub.x12.outgoing import COMPONENT

__all__ = ["CONTEXT_NAME", "ELEMENT", "FAULTS", "POSITION"]

IN_ELEMENTS = "8"
"""AK304 and IK304: the segment has element errors, which AK4 and IK4 tell."""
_PLACE = ("element", "component", "repetition")


class ContextNote(Canonical):
    """CTX."""

    said: str
    segment: str | None = None
    position: int | None = None
    loop: str | None = None
    place: str | None = None


class ElementNote(Canonical):
    """AK4 or IK4."""

    place: str
    code: str | None = None
    value: str | None = None
    context: tuple[ContextNote, ...] = ()


class SegmentNote(Canonical):
    """AK3 or IK3 with its elements; one AcknowledgedError for each element, or one for the segment."""

    segment: str
    position: int | None = None
    loop: str | None = None
    code: str | None = None
    context: tuple[ContextNote, ...] = ()
    elements: tuple[ElementNote, ...] = ()


def _unfold(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What could not be read is missing here, and told already."""
    errors = []
    for note in notes:
        where = _kept(note, "segment", "position", "loop")
        context = [_context(entry) for entry in note.get("context", ())]
        for element in note.get("elements", ()):
            own = {**_places(element.get("place", "")), **_kept(element, "code", "value")}
            inner = [_context(entry) for entry in element.get("context", ())]
            errors.append({**where, **own, "context": inner, "segment_context": context})
        if not note.get("elements"):
            errors.append({**where, **_kept(note, "code"), "context": context})
    return errors


def _fold(errors: Sequence[AcknowledgedError]) -> list[SegmentNote]:
    notes: list[SegmentNote] = []
    for error in errors:
        where: dict[str, Any] = {"segment": error.segment, "position": error.position, "loop": error.loop}
        if error.element is None:
            notes.append(SegmentNote(**where, code=error.code, context=_noted(error.context)))
            continue
        element = ElementNote(place=_place(error), code=error.code, value=error.value, context=_noted(error.context))
        around = SegmentNote(**where, code=IN_ELEMENTS, context=_noted(error.segment_context))
        last = notes[-1] if notes else None
        if last and last.elements and last.model_copy(update={"elements": ()}) == around:
            notes[-1] = last.model_copy(update={"elements": (*last.elements, element)})
        else:
            notes.append(around.model_copy(update={"elements": (element,)}))
    return notes


def _context(note: dict[str, Any]) -> dict[str, Any]:
    name, _, value = note.get("said", "").partition(COMPONENT)
    own = _kept(note, "segment", "position", "loop") | _places(note.get("place", ""))
    return {"name": name, **own, **({"value": value} if value else {})}


def _kept(note: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: note[name] for name in names if name in note}


def _noted(context: Iterable[AcknowledgedContext]) -> tuple[ContextNote, ...]:
    return tuple(
        ContextNote(
            said=entry.name + (COMPONENT + entry.value if entry.value else ""),
            segment=entry.segment,
            position=entry.position,
            loop=entry.loop,
            place=_place(entry) if entry.element else None,
        )
        for entry in context
    )


def _places(place: str) -> dict[str, Any]:
    return {name: int(text) for name, text in zip(_PLACE, place.split(COMPONENT), strict=False) if text}


def _place(entry: AcknowledgedError | AcknowledgedContext) -> str:
    numbers = (entry.element, entry.component, entry.repetition)
    return COMPONENT.join("" if number is None else str(number) for number in numbers).rstrip(COMPONENT)


def _read_position(text: str) -> str:
    match = re.fullmatch(r"(\d{1,4})(?:\D(\d{0,2})(?:\D(\d{0,4}))?)?", text)
    if match is None:
        raise ValueError(text)
    return COMPONENT.join(part or "" for part in match.groups()).rstrip(COMPONENT)


def _read_element(text: str) -> str:
    return _read_position(text).partition(COMPONENT)[0]


def _read_name(text: str) -> str:
    match = re.fullmatch(r"([A-Z0-9 ]+)(?:[^A-Z0-9 ](.*))?", text)
    if match is None:
        raise ValueError(text)
    return match[1] + (COMPONENT + match[2] if match[2] else "")


POSITION = Codec(name="position", kinds=(str,), expects="the element's position", read=_read_position)
"""AK401, IK401 and CTX05: element, component, repetition; whatever separates them."""

ELEMENT = Codec(name="element", kinds=(int,), expects="the element's position", read=_read_element)
"""TED05: the element alone."""

CONTEXT_NAME = Codec(name="context", kinds=(str,), expects="the name of a context", read=_read_name)
"""CTX01: a name in capitals, and what it refers to."""

FAULTS = Via(model=SegmentNote, read=_unfold, write=_fold)
