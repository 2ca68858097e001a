"""What is agreed with a partner beforehand: what it is allowed that X12 is not, reported all the same; its guide."""

from __future__ import annotations

from dataclasses import dataclass

from hub.x12.document import Delimiters
from hub.x12.guide import Guide

__all__ = ["Agreement", "Naked"]


@dataclass(frozen=True, slots=True)
class Naked:
    """How to read documents or groups that come without ISA: what ISA and GS would have said."""

    delimiters: Delimiters
    version: str = "004010"
    """The release of documents without GS."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """``counts``: a wrong SE01, GE01 or IEA01 is a warning, not an error. ``repetition``: False where ISA11 is no
    separator though it looks like one. ``naked``: read ST…SE and GS…GE without ISA, told as a note. ``guide``: what its
    documents must hold beyond X12."""

    counts: bool = False
    repetition: bool = True
    naked: Naked | None = None
    guide: Guide | None = None
