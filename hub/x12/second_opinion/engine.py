"""pyx12 4.0.0 driven over a file: its reader, its walker and its validators, with our verdicts and problems.

Its own driver is left aside: it loads maps anew for each file, looks GS08 up exactly, loses the codes of syntax notes
and stops at what it does not know. Whatever pyx12 raises becomes the problem ``second_opinion_failed`` where it
happened, and the rest of that interchange stays unjudged.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyx12.map_walker import walk_tree
from pyx12.x12file import X12Reader

from hub.problem import Problem
from hub.x12 import grammar
from hub.x12.document import Verdict
from hub.x12.problems import found
from hub.x12.second_opinion.maps import INTERCHANGE_VERSIONS, control_map, set_map
from hub.x12.second_opinion.pieces import pieces, smoothed
from hub.x12.second_opinion.words import broke_down, from_element, from_reader, from_walker

__all__ = ["JudgedDocument", "JudgedGroup", "JudgedInterchange", "judged_interchanges"]

_LOOP = "/ISA_LOOP/GS_LOOP/ST_LOOP"
_PATHS = {
    "ISA": "/ISA_LOOP/ISA",
    "IEA": "/ISA_LOOP/IEA",
    "TA1": "/ISA_LOOP/TA1",
    "GS": "/ISA_LOOP/GS_LOOP/GS",
    "GE": "/ISA_LOOP/GS_LOOP/GE",
}
_MOST_PROBLEMS = 1000
_MOST_BYTES = 64 << 20
"""Of one interchange: at about 300 KB a second, what pyx12 takes some minutes for."""


@dataclass(slots=True)
class JudgedDocument:
    """One document as pyx12 saw it. ``segments`` counts ST and SE."""

    document: str
    control_number: str
    segments: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        """pyx12 knows no warnings: any error rejects."""
        return "rejected" if any(problem.severity == "error" for problem in self.problems) else "accepted"

    def as_json(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "control_number": self.control_number,
            "segments": self.segments,
            "verdict": self.verdict,
            "problems": [problem.as_json() for problem in self.problems],
        }


@dataclass(slots=True)
class JudgedGroup:
    """One functional group."""

    type: str
    control_number: str
    version: str
    problems: list[Problem] = field(default_factory=list)
    documents: list[JudgedDocument] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "control_number": self.control_number,
            "version": self.version,
            "problems": [problem.as_json() for problem in self.problems],
            "documents": [document.as_json() for document in self.documents],
        }


@dataclass(slots=True)
class JudgedInterchange:
    """One interchange; ``size`` is its bytes in the file. ``delimiters`` are named as in `Delimiters`."""

    size: int
    control_number: str = ""
    sender: str = ""
    receiver: str = ""
    version: str = ""
    delimiters: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    groups: list[JudgedGroup] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "control_number": self.control_number,
            "sender": self.sender,
            "receiver": self.receiver,
            "version": self.version,
            "delimiters": self.delimiters,
            "problems": [problem.as_json() for problem in self.problems],
            "groups": [group.as_json() for group in self.groups],
        }


def judged_interchanges(data: bytes) -> Iterator[JudgedInterchange]:
    """Each interchange of the file, judged. Never raises for what the data hold."""
    # pyx12 logs each error as it finds it; they are told as problems
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    for piece in pieces(data):
        judged = JudgedInterchange(len(piece))
        reading = _Reading(judged)
        try:
            reading.run(piece)
        except Exception as error:  # noqa: BLE001 - pyx12 raises IndexError, X12Error and others for bad data
            reading.place().append(broke_down(error))
        yield judged


class _Reading:
    """One interchange on its way through pyx12."""

    def __init__(self, judged: JudgedInterchange) -> None:
        self.judged = judged
        self.document: JudgedDocument | None = None
        self.node: Any = None
        self.walker: Any = None
        self.control: Any = None

    def place(self) -> list[Problem]:
        """Where a problem of this moment belongs: the open document, else the group, else the interchange."""
        if self.document:
            return self.document.problems
        return self.judged.groups[-1].problems if self.judged.groups else self.judged.problems

    def run(self, piece: bytes) -> None:
        if len(piece) > _MOST_BYTES:
            raise ValueError(f"{len(piece)} bytes; at most {_MOST_BYTES} are judged")
        reader = X12Reader(io.StringIO(smoothed(piece)))
        release = next(release for release, version in INTERCHANGE_VERSIONS.items() if version == reader.icvn)
        self.control = control_map(release)
        self.judged.version = piece[84:89].decode("latin-1")
        self.judged.delimiters = {
            "element": reader.ele_term,
            "segment": reader.seg_term,
            "component": reader.subele_term,
            "repetition": reader.repetition_term or "",
        }
        for segment in reader:
            self._segment(segment, reader)
            self._drain(reader, segment.get_seg_id())
            if segment.get_seg_id() == "SE":
                self.document = None
        reader.cleanup()
        self._drain(reader, "SE")

    def _segment(self, segment: Any, reader: Any) -> None:
        tag = segment.get_seg_id()
        if tag in _PATHS:
            self._close()
            self._envelope(tag, segment)
            self._validate(self.control.getnodebypath(_PATHS[tag]), segment, None)
        elif tag == "ST":
            self._close()
            self._open(segment)
        elif self.document is None:
            self.place().append(found("group_content", f"{tag} stands outside any document", segment=tag))
        else:
            self.document.segments += 1
            self._walk(segment, reader, self.document.segments)

    def _envelope(self, tag: str, segment: Any) -> None:
        if tag == "ISA":
            self.judged.control_number = segment.get_value("ISA13") or ""
            self.judged.sender = (segment.get_value("ISA06") or "").strip()
            self.judged.receiver = (segment.get_value("ISA08") or "").strip()
        elif tag == "GS":
            kind, number, version = (segment.get_value(name) or "" for name in ("GS01", "GS06", "GS08"))
            self.judged.groups.append(JudgedGroup(kind, number, version))

    def _open(self, segment: Any) -> None:
        if not self.judged.groups:
            self.judged.groups.append(JudgedGroup("", "", ""))
        group = self.judged.groups[-1]
        name, number = segment.get_value("ST01") or "", segment.get_value("ST02") or ""
        self.document = JudgedDocument(name, number, 1)
        group.documents.append(self.document)
        release = grammar.nearest(group.version, name)
        if release is None:
            self.node = None
            self.document.problems.append(found("document_unsupported", f"There is no map for {name!r}.", segment="ST"))
            return
        self.node = set_map(release, name).getnodebypath(f"{_LOOP}/ST")
        self.walker = walk_tree()
        self.walker.forceWalkCounterToLoopStart(_LOOP, f"{_LOOP}/ST")
        self._validate(self.node, segment, 1)

    def _walk(self, segment: Any, reader: Any, position: int) -> None:
        if self.node is None or self.document is None or len(self.document.problems) >= _MOST_PROBLEMS:
            return
        node, _, _, errors = self.walker.walk_errors(self.node, segment, position, reader.get_cur_line(), None)
        self.document.problems += [from_walker(error) for error in errors]
        if node is not None:
            self.node = node
            self._validate(node, segment, position)

    def _validate(self, node: Any, segment: Any, position: int | None) -> None:
        _, errors = node.is_valid_errors(segment)
        tag = segment.get_seg_id()
        self.place().extend(from_element(error, tag, position) for error in errors)

    def _drain(self, reader: Any, tag: str) -> None:
        """Tells what pyx12's reader found at this segment: of a document, a group or the interchange."""
        for kind, code, text, _, _ in reader.pop_errors():
            problems = self.place()
            if kind == "isa":
                problems = self.judged.problems
            elif kind == "gs" and self.judged.groups:
                problems = self.judged.groups[-1].problems
            position = self.document.segments if self.document else None
            problems.append(from_reader(kind, code, text, tag, position))

    def _close(self) -> None:
        """An open document here has no SE; pyx12 would tell that to its group only."""
        if self.document is not None:
            self.document.problems.append(found("document_unfinished", "SE is missing.", segment="SE"))
            self.document = None
