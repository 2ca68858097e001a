"""Cutting a document segment by segment, whatever stands in it."""

from __future__ import annotations

from typing import NamedTuple

from hub.problem import Problem
from hub.x12.cursor import Cursor
from hub.x12.header import begins
from hub.x12.limits import Limits
from hub.x12.problems import found

__all__ = ["Cut", "cut_document"]

_ENVELOPE = frozenset({b"ST", b"GS", b"GE", b"IEA"})


class Cut(NamedTuple):
    """A document's segments, raw and split. ``whole``: SE was there. ``complete``: none was left out."""

    raws: list[str]
    rows: list[list[str]]
    encoding: str
    whole: bool
    complete: bool
    problems: list[Problem]


def cut_document(cursor: Cursor, limits: Limits) -> Cut:
    """The document at ST, up to SE or to whatever shows that SE is missing."""
    raws: list[str] = []
    rows: list[list[str]] = []
    problems: list[Problem] = []
    encoding = ""
    first, size, whole, complete = True, 0, False, True
    while cursor.settle():
        tag = cursor.tag()
        if not first and (tag in _ENVELOPE or begins(cursor.source.data, cursor.at)):
            break
        first = False
        binary = cursor.binary()
        raw = binary[0] if binary else cursor.segment()
        if raw is None:
            rows = rows or [["ST"]]
            break
        text, found_in = cursor.decode(raw)
        encoding = encoding or found_in
        size += len(raw)
        if len(rows) < limits.document_segments and size <= limits.document_bytes:
            raws.append(text)
            rows.append(_fields(text, tag, cursor.delimiters.element))
            if binary and not binary[1] and len(problems) < limits.problems:
                message = f"The data of {rows[-1][0]} do not end where their length says; read to the next terminator."
                problems.append(
                    found("binary_length", message, segment=rows[-1][0], position=len(rows), element=len(rows[-1]) - 1)
                )
        else:
            complete = False
        if tag == b"SE":
            whole = True
            break
    if not complete:
        message = f"The document has more than {limits.document_segments} segments or {limits.document_bytes} bytes."
        problems.append(found("document_too_large", message))
    return Cut(raws, rows, encoding, whole, complete, problems)


def _fields(text: str, tag: bytes, separator: str) -> list[str]:
    """Binary data are one element, whatever they hold."""
    most = {b"BIN": 2, b"BDS": 3}.get(tag, -1)
    return text.split(separator, most)
