"""A file cut and smoothed into what pyx12 can read, one interchange at a time.

pyx12 takes the delimiters of the first ISA for the whole file, so each interchange is given to it alone; it wants ISA
in 106 characters, so one of other length is padded; an empty segment ends its reading, so those go, and blanks before
tags with them; it refuses ISA12 other than 00401 and 00501, so the nearest goes in; it has no repetitions, so only the
first of each is shown; it knows ASCII only, so other characters become ``x``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from hub.x12 import grammar
from hub.x12.second_opinion.maps import INTERCHANGE_VERSIONS

__all__ = ["pieces", "smoothed"]

_START = re.compile(rb"ISA[^A-Za-z0-9 \r\n]")
_PADDING = b" \t\r\n\0\x1a"
_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
_LONGEST_HEADER = 300


def pieces(data: bytes) -> Iterator[bytes]:
    """The interchanges of a file. An ISA counts at its beginning and right after a terminator and padding."""
    starts: list[int] = []
    terminator = b""
    for match in _START.finditer(data):
        at = match.start()
        gap = at - 1
        while gap >= 0 and data[gap] in _PADDING and data[gap : gap + 1] != terminator:
            gap -= 1
        if not starts or data[gap : gap + 1] == terminator:
            starts.append(at)
            header = _header(data[at : at + _LONGEST_HEADER].decode("latin-1"))
            terminator = (header[0] if header else "~")[-1].encode("latin-1")
    for start, end in pairwise([*starts, len(data)]):
        yield data[start:end]


def smoothed(piece: bytes) -> str:
    """The text of one interchange for pyx12; one without a whole ISA stays as it is, for pyx12 to refuse."""
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        text = piece.decode("latin-1")
    text = re.sub(r"[^\x00-\x7f]", "x", text)
    header = _header(text)
    if header is None:
        return text
    isa, rest = header
    element, repetition, version, terminator = isa[3], isa[82], isa[84:89], isa[-1]
    release = "004010" if version < "00402" else "005010"
    segments = [part.lstrip(" \t\r\n") for part in rest.split(terminator)]
    if release == "005010" and not repetition.isalnum():
        segments = [_first_only(segment, element, repetition) for segment in segments]
    isa = isa[:84] + INTERCHANGE_VERSIONS[release] + isa[89:]
    return isa + "".join(segment + terminator for segment in segments if segment.strip("\0\x1a"))


def _header(text: str) -> tuple[str, str] | None:
    """ISA in 106 characters, however it was padded, and what follows; None where it has no 16 elements."""
    fields = text[:_LONGEST_HEADER].split(text[3:4] or "*", 16)
    if len(fields) < 17:
        return None
    component, terminator = fields[16][:1], fields[16][1:].lstrip(" ")[:1]
    if not terminator:
        return None
    padded = [field.strip()[:width].ljust(width) for field, width in zip(fields[1:16], _WIDTHS, strict=True)]
    end = text.index(terminator, sum(len(field) + 1 for field in fields[:16]) + 1)
    return text[3].join(["ISA", *padded, component]) + terminator, text[end + 1 :]


def _first_only(segment: str, element: str, repetition: str) -> str:
    tag = segment.partition(element)[0]
    positions = _repeating().get(tag)
    if positions is None or repetition not in segment:
        return segment
    values = segment.split(element)
    return element.join(
        value.partition(repetition)[0] if position in positions else value for position, value in enumerate(values)
    )


@cache
def _repeating() -> dict[str, frozenset[int]]:
    """Elements that may repeat, by tag."""
    found = {
        tag: frozenset(n for n, cell in enumerate(segment.cells, 1) if cell.repeat > 1)
        for tag, segment in grammar.segments("005010").items()
    }
    return {tag: positions for tag, positions in found.items() if positions}
