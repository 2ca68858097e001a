"""A file cut and smoothed into what pyx12 can read, one interchange at a time.

pyx12 takes the delimiters of the first ISA for the whole file, so each interchange is given to it alone; an empty
segment ends its reading, so those go, and blanks before tags with them; it refuses ISA12 other than 00401 and 00501, so
the nearest goes in; it has no repetitions, so only the first of each is shown; it knows ASCII only, so other characters
become ``x``.
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
_ISA = 106


def pieces(data: bytes) -> Iterator[bytes]:
    """The interchanges of a file. An ISA counts at its beginning and right after a terminator and padding."""
    starts: list[int] = []
    for match in _START.finditer(data):
        at = match.start()
        terminator = data[starts[-1] + _ISA - 1 : starts[-1] + _ISA] if starts else b""
        gap = at - 1
        while gap >= 0 and data[gap] in _PADDING and data[gap : gap + 1] != terminator:
            gap -= 1
        if not starts or data[gap : gap + 1] == terminator:
            starts.append(at)
    for start, end in pairwise([*starts, len(data)]):
        yield data[start:end]


def smoothed(piece: bytes) -> str:
    """The text of one interchange for pyx12; a piece too short for ISA stays as it is, for pyx12 to refuse."""
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        text = piece.decode("latin-1")
    text = re.sub(r"[^\x00-\x7f]", "x", text)
    if len(text) < _ISA:
        return text
    element, repetition, version, terminator = text[3], text[82], text[84:89], text[_ISA - 1]
    release = "004010" if version < "00402" else "005010"
    segments = [part.lstrip(" \t\r\n") for part in text[_ISA:].split(terminator)]
    if release == "005010" and not repetition.isalnum():
        segments = [_first_only(segment, element, repetition) for segment in segments]
    isa = text[:84] + INTERCHANGE_VERSIONS[release] + text[89:_ISA]
    return isa + "".join(segment + terminator for segment in segments if segment.strip("\0\x1a"))


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
