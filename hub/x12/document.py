"""What reading X12 gives: interchange, functional group, document, each with its problems.

Plain slotted classes, filled by the reader as it goes; segments are lists of strings, ``segment[0]`` is the tag, so
``segment[3]`` is element 03. Composites and repetitions stay joined in the element as they came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from hub.problem import Problem

__all__ = ["Delimiters", "Document", "Group", "Interchange", "Place", "Verdict"]

Verdict = Literal["accepted", "accepted_with_errors", "rejected"]


@dataclass(frozen=True, slots=True)
class Delimiters:
    """One character each; ``repetition`` is empty where ISA11 is no separator (before 00402, or a letter)."""

    element: str = "*"
    segment: str = "~"
    component: str = ">"
    repetition: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "element": self.element,
            "segment": self.segment,
            "component": self.component,
            "repetition": self.repetition,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a segment stands in the grammar of its set; one object for each use, so that `is` compares.

    ``id``: index in the set's table, stable for one release and set. ``path``: ids of the loops around it, outermost
    first, so a PID under PO1 has ``("PO1", "PID")``. ``opens``: the segment begins a new pass of the innermost loop.
    """

    id: int
    segment: str
    path: tuple[str, ...]
    opens: bool


@dataclass(slots=True)
class Interchange:
    """ISA to IEA. Identifiers are stripped of padding; ``control_number`` is ISA13 as it came."""

    index: int
    offset: int
    isa: list[str]
    delimiters: Delimiters
    version: str
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    control_number: str
    date: str
    time: str
    ack_requested: bool
    usage: str
    problems: list[Problem] = field(default_factory=list)
    ta1: list[list[str]] = field(default_factory=list)
    complete: bool = False
    """IEA was there."""
    closed: bool = False
    """Nothing more comes: the reader hands it out a second time."""
    length: int = 0
    """Its bytes in the source, known when closed."""


@dataclass(slots=True)
class Group:
    """GS to GE. ``type`` is GS01, ``version`` GS08 as it came."""

    interchange: Interchange
    type: str
    sender: str
    receiver: str
    date: str
    time: str
    control_number: str
    version: str
    problems: list[Problem] = field(default_factory=list)
    documents: int = 0
    complete: bool = False
    """GE was there."""
    declared: int | None = None
    """GE01 as it came."""
    closed: bool = False
    """Nothing more comes: the reader hands it out a second time."""


@dataclass(slots=True)
class Document:
    """ST to SE. ``segments`` include both; ``places`` runs beside them, None where a segment has no place.

    ``release``: the table it was judged by, ``004010``. ``offset``, ``length``: its bytes in the source, so that
    ``source[offset:offset+length]`` is exactly this document.
    """

    group: Group
    document: str
    control_number: str
    release: str
    segments: list[list[str]]
    places: list[Place | None]
    problems: list[Problem]
    verdict: Verdict
    offset: int
    length: int

    def as_json(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "control_number": self.control_number,
            "segments": len(self.segments),
            "verdict": self.verdict,
            "problems": [problem.as_json() for problem in self.problems],
        }
