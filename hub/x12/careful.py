"""Cutting a document segment by segment, whatever stands in it."""

from __future__ import annotations

import re
from typing import NamedTuple

from hub.problem import Problem
from hub.x12.cursor import Cursor
from hub.x12.header import begins
from hub.x12.limits import Limits
from hub.x12.problems import found

__all__ = ["Cut", "cut_document"]

_ENVELOPE = frozenset({b"ST", b"GS", b"GE", b"IEA"})


class Cut(NamedTuple):
    """A document's segments. ``whole``: SE was there. ``complete``: none was left out."""

    rows: list[list[str]]
    encoding: str
    whole: bool
    complete: bool
    problems: list[Problem]


def cut_document(cursor: Cursor, limits: Limits) -> Cut:
    """The document at ST, up to SE or to whatever shows that SE is missing."""
    rows: list[list[str]] = []
    problems: list[Problem] = []
    encoding, size, whole, complete = "", 0, False, True
    separator = cursor.delimiters.element
    while not whole and cursor.settle():
        tag = cursor.tag()
        if size and (tag in _ENVELOPE or begins(cursor.source.data, cursor.at)):
            break
        binary = cursor.binary()
        raw = binary[0] if binary else cursor.segment()
        if raw is None:
            break
        text, found_in = cursor.decode(raw)
        encoding = encoding or found_in
        size += max(len(raw), 1)
        lines = [text] if binary or not cursor.pad else _lines(text, separator)
        if len(rows) + len(lines) > limits.document_segments or size > limits.document_bytes:
            complete, whole = False, tag == b"SE"
            continue
        rows += [line.split(separator, _BINARY.get(tag, -1)) for line in lines]
        whole = rows[-1][0] == "SE"
        if len(problems) < limits.problems:
            problems += _oddities(rows, binary, len(lines))
    if not complete:
        message = f"The document has more than {limits.document_segments} segments or {limits.document_bytes} bytes."
        problems.append(found("document_too_large", message))
    return Cut(rows or [["ST"]], encoding, whole, complete, problems)


_BINARY = {b"BIN": 2, b"BDS": 3}
"""Where the data stand; they are one element, whatever they hold."""
_TAG = r"[A-Z][A-Z0-9]{1,2}"


def _lines(text: str, separator: str) -> list[str]:
    """The segments of a line-oriented file that run on because a terminator is missing at the end of a line."""
    return re.split(rf"[\r\n]+(?={_TAG}{re.escape(separator)})", text) if "\n" in text else [text]


def _oddities(rows: list[list[str]], binary: tuple[bytes, bool] | None, lines: int) -> list[Problem]:
    """What was odd about the last ``lines`` segments."""
    tag, last = rows[-1][0], len(rows)
    if binary and not binary[1]:
        message = f"The data of {tag} do not end where their length says; read to the next terminator."
        return [found("binary_length", message, segment=tag, position=last, element=len(rows[-1]) - 1)]
    problems = []
    for position in range(last - lines, last - 1):
        tag = rows[position][0]
        message = f"{tag} ends with its line, without the terminator."
        problems.append(found("line_unterminated", message, segment=tag, position=position + 1))
    return problems
