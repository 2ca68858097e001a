"""ISA: the delimiters and who sends what to whom, read afresh for every interchange (X12.5, segment ISA).

ISA is 106 bytes of fixed width, so byte 3 is the element separator, byte 104 the component separator and byte 105
the terminator. Where the width does not hold, its sixteen separators are counted instead and the fault is told.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from hub.problem import Problem
from hub.x12.document import Delimiters
from hub.x12.grammar import segments, word
from hub.x12.judge import date_is_valid, time_is_valid
from hub.x12.problems import found
from hub.x12.source import Source, Wrap, wrap_of

__all__ = ["LONGEST", "Header", "begins", "is_exact", "read_header"]

LONGEST = 512
"""Bytes within which an ISA must end."""
_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
_FOLLOWS = re.compile(rb"[\r\n \t\x00]*(?:GS|TA1|ISB|IEA|ISA|ST)(?![A-Za-z0-9])")
_RUN_ON = re.compile(rb"[\r\n]\s*(?:GS|TA1|ST|IEA)$").search
"""ISA has too few elements where one of them ends with the tag of the next line."""
_LINE = re.compile(rb"[\r\n]+([^\r\n]{2,4096})[\r\n]").match
_PADDING = re.compile(rb"[\r\n \t]*")
_COMMON_VERSIONS = re.compile(r"00[2-9]\d\d").fullmatch


class Header(NamedTuple):
    """``isa`` as it came, blanks and all; ``end``: the index after the terminator in the source's window.

    ``element``, ``segment``: the delimiters as bytes; ``pad``: the line end that follows terminators, as bytes.
    """

    isa: list[str]
    delimiters: Delimiters
    element: bytes
    segment: bytes
    pad: bytes
    end: int
    problems: list[Problem]


def begins(data: bytes, at: int) -> bool:
    """Whether ISA with a separator stands here; ISAAC does not."""
    return data.startswith(b"ISA", at) and not data[at + 3 : at + 4].isalnum() and len(data) > at + 3


def is_exact(data: bytes, at: int) -> bool:
    """Whether an ISA of exactly 106 bytes stands here, with a known tag behind it."""
    window = data[at : at + LONGEST]
    return _fixed(window, window[3:4]) is not None and _FOLLOWS.match(window, 106) is not None


def read_header(source: Source, at: int) -> Header | Problem:
    """The header at ``source.data[at]``, where `begins` holds. Joins wrapped lines in the source, so ``at`` becomes 0
    when ``source.data`` has changed. A problem where ISA cannot be read."""
    cut = _cut(source.data, at)
    lines = _wrapped(source, at, cut)
    if lines is not None:
        source.join_lines(at, lines)
        at = 0
        cut = _cut(source.data, at)
    if cut is None:
        return _unreadable(source.data, at)
    parts, component, terminator, end = cut
    problems = [_lines_wrapped(lines)] if lines is not None else []
    parts = [part.replace(b"\r", b"").replace(b"\n", b"") for part in parts]
    isa = [part.decode("latin-1") for part in (*parts, component)]
    element = _character(source.data, at + 3)
    problems += _widths(parts, component, terminator, source.data[at:end])
    text = _text(element), _text(terminator), _text(component)
    delimiters, faults = _delimiters(isa, *text)
    if delimiters is None:
        return faults[0]
    problems += faults
    problems += _values(isa)
    pad = _PADDING.match(source.data, end)
    newline = pad.group().lstrip(b" \t").rstrip(b" \t") if pad else b""
    return Header(isa, delimiters, element, terminator, newline, end, problems)


def _character(data: bytes, at: int) -> bytes:
    """One character, which may be several bytes of UTF-8."""
    for length in (2, 3, 4):
        if data[at : at + 1] >= b"\xc2":
            try:
                if len(data[at : at + length].decode("utf-8")) == 1:
                    return data[at : at + length]
            except UnicodeDecodeError:
                continue
    return data[at : at + 1]


def _text(delimiter: bytes) -> str:
    return delimiter.decode("utf-8" if len(delimiter) > 1 else "latin-1")


class _Cut(NamedTuple):
    parts: list[bytes]
    component: bytes
    terminator: bytes
    end: int


def _cut(data: bytes, at: int) -> _Cut | None:
    """ISA as ``["ISA", ISA01, … ISA15]``, ISA16 and the terminator; by width if it holds, else by separators."""
    separator = _character(data, at + 3)
    window = data[at : at + LONGEST]
    fixed = _fixed(window, separator)
    parts = fixed or window.split(separator, 16)
    if len(parts) < 17 or any(len(part) > 40 or _RUN_ON(part) for part in parts[:16]):
        return None
    rest = at + sum(len(part) for part in parts[:16]) + 16 * len(separator)
    component = _character(data, rest)
    after = rest + len(component)
    blanks = re.compile(rb" *").match(data, after)
    ends = blanks.end() if blanks else after
    if component.strip() and _FOLLOWS.match(data, after) and not data[after : after + 1].isspace():
        return _Cut(parts[:16], b"", component, after)
    terminator = _character(data, ends)
    if not terminator:
        return None
    if terminator in b"\r\n" and _line_end(data, ends).endswith(component):
        return _Cut(parts[:16], b"", component, after)
    return _Cut(parts[:16], component, terminator, ends + len(terminator))


def _line_end(data: bytes, at: int) -> bytes:
    """How the line after this line end ends: where it is ISA16 again, that is the terminator and ISA16 is missing."""
    line = _LINE(data, at)
    return line[1] if line else b""


def _fixed(window: bytes, separator: bytes) -> list[bytes] | None:
    step = len(separator)
    parts, at = [b"ISA"], 3
    for width in _WIDTHS:
        if window[at : at + step] != separator:
            return None
        parts.append(window[at + step : at + step + width])
        at += step + width
    return [*parts, b""] if window[at : at + step] == separator else None


def _wrapped(source: Source, at: int, cut: _Cut | None) -> Wrap | None:
    data, ended = source.data, source.ended
    if cut is None or any(b"\n" in part or b"\r" in part for part in cut.parts):
        first = re.compile(rb"\r?\n|\r").search(data, at, at + 110)
        if first is None:
            return None
        joined = data[at : at + 600].replace(b"\r", b"").replace(b"\n", b"")
        inner = _cut(joined, 0)
        if inner is None or _fixed(joined, _character(joined, 3)) is None:
            return None
        return wrap_of(data, at, inner.terminator, ended=ended)
    return wrap_of(data, at, cut.terminator, ended=ended)


def _lines_wrapped(lines: Wrap) -> Problem:
    message = f"Lines are cut every {lines.width} bytes, through segments; the line ends were taken out."
    return found("lines_wrapped", message, segment="ISA")


def _unreadable(data: bytes, at: int) -> Problem:
    window = data[at : at + LONGEST]
    separator = _character(data, at + 3)
    parts = window.split(separator)
    message = (
        f"ISA cannot be read: after it {len(parts) - 1} element separators {_text(separator)!r} follow within "
        f"{len(window)} bytes, 16 are expected. It begins with the bytes {window[:20].hex(' ')}."
    )
    return found("isa_unreadable", message, segment="ISA", value=window[:99].decode("latin-1"))


def _widths(parts: list[bytes], component: bytes, terminator: bytes, whole: bytes) -> list[Problem]:
    wrong = [
        f"ISA{number:02d} has {len(part)} (expected {width})"
        for number, (part, width) in enumerate(zip(parts[1:], _WIDTHS, strict=True), 1)
        if len(part) != width
    ]
    if not component:
        wrong.append("ISA16 is missing")
    problems = []
    if wrong:
        message = f"ISA is {len(whole)} bytes, expected 106: {', '.join(wrong)}."
        problems.append(found("isa_length", message, segment="ISA", value=whole.decode("latin-1")))
    if whole[-len(terminator) - 1 : -len(terminator)] == b" " and component:
        message = f"There is a blank between ISA16 and the terminator, so ISA is {len(whole)} bytes; expected 106."
        problems.append(found("isa_terminator", message, segment="ISA"))
    return problems


def _delimiters(
    isa: list[str], element: str, segment: str, component: str
) -> tuple[Delimiters | None, list[Problem]]:  # fmt: skip
    """The delimiters; None where segments or elements cannot be told apart, then the first problem says why."""

    def bad(character: str) -> bool:
        return (character.isascii() and character.isalnum()) or character == " "

    if bad(element) or bad(segment) or element == segment:
        which = f"element separator {element!r}, terminator {segment!r}"
        code = "026" if bad(element) else "004"
        message = f"The delimiters cannot be used: {which}. They must differ and be no letter, digit or blank."
        return None, [found("delimiters_unusable", message, segment="ISA", ack={"TA105": code})]
    problems = []
    if component and (bad(component) or component in (element, segment)):
        message = f"ISA16 is {component!r}, which cannot separate components; composites are not taken apart."
        problems.append(found("delimiters_unusable", message, segment="ISA", element=16, ack={"TA105": "027"}))
        component = ""
    repetition = ""
    if isa[12].strip() >= "00402":
        repetition = isa[11]
        if len(repetition) != 1 or bad(repetition) or repetition in (element, segment, component):
            message = f"ISA11 is {isa[11][:10]!r}, which cannot separate repetitions; nothing is taken to repeat."
            problems.append(found("repetition_ignored", message, segment="ISA", element=11, value=isa[11]))
            repetition = ""
    return Delimiters(element, segment, component, repetition), problems


_CODED = {1: "010", 3: "012", 5: "005", 7: "007", 14: "019", 15: "020"}


def _values(isa: list[str]) -> list[Problem]:
    """ISA elements that hold what they may not. I13 is read leniently: our list for 005010 may hold later values."""
    cells = segments("005010" if isa[12] > "00401" else "004010")["ISA"].cells
    problems = []

    def tell(number: int, code: str, expected: str, **more: Any) -> None:
        message = f"ISA{number:02d} ({cells[number - 1].name}) is {isa[number].strip()[:40]!r}; expected {expected}."
        problems.append(
            found("isa_value", message, segment="ISA", element=number, value=isa[number], ack={"TA105": code}, **more)
        )

    for number, code in _CODED.items():
        element = cells[number - 1].element
        if element is not None and element.codes and isa[number] not in element.codes:
            few = sorted(element.codes) if len(element.codes) <= 6 else []
            words = ", ".join(f"{x} ({word(element.number, x)})" if word(element.number, x) else x for x in few)
            tell(number, code, words or "a code of the list")
    for number, code in ((6, "006"), (8, "008")):
        if not isa[number].strip():
            tell(number, code, "an identifier")
    if not date_is_valid(isa[9], 6, 6):
        tell(9, "014", "a date YYMMDD")
    if not time_is_valid(isa[10], 4, 4):
        tell(10, "015", "a time HHMM")
    if not _COMMON_VERSIONS(isa[12]):
        tell(12, "017", "a version such as 00401")
    if not (isa[13].strip().isascii() and isa[13].strip().isdecimal()):
        tell(13, "018", "nine digits", severity="error")
    return problems
