"""Segments to bytes. Whatever the data holds, the result is whole segments or an error, never a broken segment.

A document is joined once with four control characters that cannot be data, checked as one string, and turned into the
partner's delimiters by one translation; the cost stays near that of the join. Trailing empty elements, repetitions and
components are trimmed, segments without data dropped, other control characters become blanks; SE, GE and IEA count what
was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from hub.errors import BadDocument
from hub.problem import Problem
from hub.x12.clash import free_delimiters, settled
from hub.x12.control import interchange_control
from hub.x12.outgoing import (
    COMPONENT,
    ELEMENT,
    REPETITION,
    SEGMENT,
    DocumentBody,
    Envelope,
    GroupBody,
    check_document,
)

__all__ = ["write_document", "write_interchange"]

_STRUCTURE = SEGMENT + ELEMENT + REPETITION + COMPONENT
_EMPTY_IN_ELEMENT = re.compile(r"(?<![\x1e\x1f])[\x1e\x1f]++(?=\x1d)")
_EMPTY_IN_REPETITION = re.compile(r"(?<!\x1f)\x1f++(?=\x1e)")
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,2}").fullmatch
_RESERVED = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"})
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), " ")
_MOST_DOCUMENTS, _MOST_GROUPS = 999_999, 99_999


def write_interchange(envelope: Envelope, groups: Sequence[GroupBody], *, ta1: Iterable[Sequence[str]] = ()) -> bytes:
    """One interchange, ISA to IEA. ``ta1``: TA1 segments, written between ISA and the first GS (X12.5).

    Raises BadDocument for data that cannot be written and Misconfigured for settings that cannot.
    """
    texts = [[_structured(document) for document in group.documents] for group in groups]
    envelope = _chosen(envelope, groups, texts)
    parts = [ELEMENT.join(segment) for segment in ta1]
    for group, bodies in zip(groups, texts, strict=True):
        parts += _group(envelope, group, bodies)
    if len(groups) > _MOST_GROUPS or not parts:
        raise BadDocument("an interchange holds 1 to 99999 groups or a TA1", fix="split it, or give it a document")
    parts.append(ELEMENT.join(("IEA", str(len(groups)), interchange_control(envelope.control))))
    isa = envelope.isa() + envelope.line_end
    return isa.encode("ascii") + _encoded(envelope, SEGMENT.join(parts) + SEGMENT)


def write_document(envelope: Envelope, document: DocumentBody) -> bytes:
    """One document, ST to SE, in the envelope's delimiters but without it. Raises like `write_interchange`."""
    text = _structured(document)
    if envelope.clash == "choose":
        envelope = replace(envelope, delimiters=free_delimiters(envelope.effective, [text]))
    return _encoded(envelope, _document(envelope, document, text) + SEGMENT)


def _chosen(envelope: Envelope, groups: Sequence[GroupBody], texts: Sequence[Sequence[str]]) -> Envelope:
    if envelope.clash != "choose":
        return envelope
    data = [
        text
        for group, bodies in zip(groups, texts, strict=True)
        for document, text in zip(group.documents, bodies, strict=True)
        if document.clash != "replace"
    ]
    ids = [envelope.sender, envelope.receiver, envelope.group_sender, envelope.group_receiver]
    ids += [name for group in groups for name in (group.sender, group.receiver)]
    return replace(envelope, delimiters=free_delimiters(envelope.effective, data + ids))


def _group(envelope: Envelope, group: GroupBody, bodies: Sequence[str]) -> list[str]:
    different = len({document.control_number for document in group.documents})
    if not 1 <= different == len(bodies) <= _MOST_DOCUMENTS:
        msg = f"group {group.control} has {len(bodies)} documents with {different} different control numbers"
        raise BadDocument(msg, fix="a group takes 1 to 999999 documents, each with its own control number")
    gs = envelope.gs(group)
    documents = zip(group.documents, bodies, strict=True)
    return [
        ELEMENT.join(gs),
        *(_document(envelope, document, text) for document, text in documents),
        ELEMENT.join(("GE", str(len(bodies)), gs[6])),
    ]


def _document(envelope: Envelope, document: DocumentBody, text: str) -> str:
    check_document(document)
    text = settled(envelope, document, text)
    count = text.count(SEGMENT) + 3
    convention = ELEMENT + document.convention if document.convention else ""
    return (
        f"ST{ELEMENT}{document.document}{ELEMENT}{document.control_number}{convention}{SEGMENT}"
        f"{text}{SEGMENT}SE{ELEMENT}{count}{ELEMENT}{document.control_number}"
    )


def _encoded(envelope: Envelope, text: str) -> bytes:
    delimiters = envelope.effective
    written = {
        **_CONTROL,
        ord(SEGMENT): delimiters.segment,
        ord(ELEMENT): delimiters.element,
        ord(REPETITION): delimiters.repetition,
        ord(COMPONENT): delimiters.component,
    }
    text = text.translate(written)
    if envelope.line_end:
        text = text.replace(delimiters.segment, delimiters.segment + envelope.line_end)
    return text.encode(envelope.charset)


def _structured(document: DocumentBody) -> str:
    """The body as one string, parts joined by the structure characters, trimmed; tags checked."""
    segments = [segment for segment in document.segments if segment]
    for tag in {segment[0] for segment in segments}:
        if not _writable(tag):
            raise _bad_tag(document, tag)
    text = SEGMENT.join(map(ELEMENT.join, segments))
    breaks, separators = len(segments) - 1, sum(map(len, segments)) - len(segments)
    if text.count(SEGMENT) != breaks or text.count(ELEMENT) != separators or _joined_by_structure(document):
        text = SEGMENT.join(ELEMENT.join(_cleaned(document, value) for value in segment) for segment in segments)
    elif document.joined_by:
        text = _neutral(document, text)
    text = _trimmed(text, min(map(len, segments), default=0))
    if not text:
        msg = f"{document.document} {document.control_number} has no segment with data"
        raise BadDocument(msg, fix="look at what the mapping was given")
    return text


def _joined_by_structure(document: DocumentBody) -> bool:
    """Whether the body came joined by characters that are structure here (0x1C to 0x1F are in use as delimiters)."""
    by = document.joined_by
    return by is not None and any(c in _STRUCTURE for c in by.component + by.repetition)


def _cleaned(document: DocumentBody, value: str) -> str:
    value = _neutral(document, value)
    return value.replace(SEGMENT, " ").replace(ELEMENT, " ")


def _neutral(document: DocumentBody, text: str) -> str:
    by = document.joined_by
    if by is None:
        return text
    roles: dict[str, int | str | None] = {
        **dict.fromkeys(by.component, COMPONENT),
        **dict.fromkeys(by.repetition, REPETITION),
    }
    return text.translate(str.maketrans(roles))


def _trimmed(text: str, shortest: int) -> str:
    if shortest > 1 and text[-1] not in _STRUCTURE and not _loose(text):
        return text
    segments = (segment.rstrip(_STRUCTURE) for segment in text.split(SEGMENT))
    text = SEGMENT.join(segment for segment in segments if ELEMENT in segment)
    text = _EMPTY_IN_ELEMENT.sub("", text)
    return _EMPTY_IN_REPETITION.sub("", text)


def _loose(text: str) -> bool:
    """Whether an empty element, repetition or component stands at the end of what holds it."""
    if ELEMENT + SEGMENT in text:
        return True
    if COMPONENT in text and any(COMPONENT + end in text for end in (SEGMENT, ELEMENT, REPETITION)):
        return True
    return REPETITION in text and any(REPETITION + end in text for end in (SEGMENT, ELEMENT))


@lru_cache(maxsize=4096)
def _writable(tag: str) -> bool:
    return bool(_TAG(tag)) and tag not in _RESERVED


def _bad_tag(document: DocumentBody, tag: str) -> BadDocument:
    position, segment = next((i, s) for i, s in enumerate(document.segments, 2) if s and s[0] == tag)
    message = f"{document.document} {document.control_number}: {tag[:20]!r} cannot be the tag of a segment of its body"
    fix = "a tag is 2 or 3 capital letters and digits; envelope segments are written by the writer"
    value = "*".join(segment)[:99]
    problem = Problem(
        code="tag_not_writable", message=message, fix=fix, segment=tag[:3], position=position, value=value
    )
    return BadDocument(message, fix=fix, problems=[problem])
