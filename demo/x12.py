"""Just enough X12 for a retailer: writes one interchange with one group, and splits what it gets.

Envelope after ASC X12.5 (ISA, IEA) and X12.22 (GS, GE, ST, SE), release 004010.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Document", "Interchange", "Segment", "Splits", "number", "split", "write"]

Segment = list[str]


@dataclass(frozen=True, slots=True)
class Document:
    """One ST…SE with the numbers of the group it came in; ``segments`` includes ST and SE."""

    kind: str
    control: str
    group_type: str
    group_control: str
    segments: tuple[Segment, ...]

    def all(self, tag: str) -> list[Segment]:
        """The segments with a tag, in order."""
        return [segment for segment in self.segments if segment[0] == tag]

    def value(self, tag: str, element: int) -> str:
        """An element (1-based) of the first segment with a tag; "" if it is not there."""
        for segment in self.all(tag):
            if len(segment) > element:
                return segment[element]
        return ""


@dataclass(frozen=True, slots=True)
class Interchange:
    """What one file holds; ``faults`` are sentences about its envelope and counts."""

    sender: str
    receiver: str
    control: str
    documents: tuple[Document, ...]
    faults: tuple[str, ...]


def write(
    sender: str,
    receiver: str,
    control: int,
    group_type: str,
    documents: Iterable[tuple[str, Sequence[Segment]]],
    at: datetime,
) -> str:
    """One interchange with one group. ``documents``: set id and the segments between ST and SE."""
    lines = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15}*ZZ*{receiver:15}*{at:%y%m%d}*{at:%H%M}*U*00401*{control:09d}*0*T*>",
        f"GS*{group_type}*{sender}*{receiver}*{at:%Y%m%d}*{at:%H%M}*{control}*X*004010",
    ]
    count = 0
    for count, (kind, body) in enumerate(documents, 1):
        lines.append(f"ST*{kind}*{count:04d}")
        lines.extend("*".join(segment).rstrip("*") for segment in body)
        lines.append(f"SE*{len(body) + 2}*{count:04d}")
    lines += [f"GE*{count}*{control}", f"IEA*1*{control:09d}"]
    return "~\n".join(lines) + "~\n"


def split(text: str) -> Interchange:
    """Split one interchange naively, by the separators its ISA stands on, and count.

    Raises ValueError where it does not begin with an ISA.
    """
    if not text.startswith("ISA") or len(text) < 106:
        raise ValueError("this is no X12 interchange: it does not begin with an ISA segment")
    separator, terminator = text[3], text[105]
    segments = [part.strip("\r\n").split(separator) for part in text.split(terminator) if part.strip()]
    faults = Splits()
    documents = tuple(_documents(segments, faults))
    isa, last = segments[0], segments[-1]
    faults.same("IEA02 and ISA13", last[2:3], isa[13:14])
    faults.same("IEA01 and the groups", last[1:2], [str(sum(segment[0] == "GS" for segment in segments))])
    return Interchange(isa[6].strip(), isa[8].strip(), isa[13], documents, tuple(faults.sentences))


class Splits:
    """Collects what does not agree."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def same(self, what: str, one: list[str], other: list[str]) -> None:
        """Notes a difference; numbers are compared as numbers."""
        if [number(text) for text in one] != [number(text) for text in other]:
            self.sentences.append(f"{what} differ: {one} and {other}")


def number(text: str) -> int | str:
    """Digits as a number, anything else as it is."""
    return int(text) if text.isascii() and text.isdigit() else text


def _documents(segments: list[Segment], faults: Splits) -> Iterable[Document]:
    group: Segment = []
    start = documents = 0
    for index, segment in enumerate(segments):
        match segment[0]:
            case "GS":
                group, documents = segment, 0
            case "ST":
                start, documents = index, documents + 1
            case "SE":
                body = tuple(segments[start : index + 1])
                faults.same(f"SE01 and the segments of {body[0][1:3]}", segment[1:2], [str(len(body))])
                faults.same("SE02 and ST02", segment[2:3], body[0][2:3])
                yield Document(body[0][1], body[0][2], group[1], group[6], body)
            case "GE":
                faults.same("GE01 and the documents", segment[1:2], [str(documents)])
                faults.same("GE02 and GS06", segment[2:3], group[6:7])
