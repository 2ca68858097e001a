"""Where a rule of a partner guide points: ``PO1/PO103``, ``REF[DP]02``, ``N1[ST]/N4``, ``HL[P]/MAN``, ``SLN/MEA04-1``.

Loops, named by their first segments, lead to the segment; a path ends there, or in one of its elements or components. A
qualifier in brackets is what an element must hold: 03 of HL, 01 of all others, or the one named, ``N9[02=X]``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub.errors import Misconfigured
from hub.x12.document import Place
from hub.x12.grammar import Grammar, Loop, Use

__all__ = ["Condition", "Path", "Target", "parse", "targets"]

_STEP = re.compile(
    r"(?P<tag>[A-Z][A-Z0-9]{1,2})(?:\[(?:(?P<at>\d\d)=)?(?P<value>[^\]]+)\])?(?:(?P<element>\d\d)(?:-(?P<part>\d\d?))?)?"
)
_QUALIFIER_AT = {"HL": 3}


@dataclass(frozen=True, slots=True)
class Step:
    """``at`` 0: any such segment; else its element ``at`` must hold ``value``."""

    tag: str
    at: int
    value: str


@dataclass(frozen=True, slots=True)
class Path:
    """``element``, ``component`` 0: the segment, or the element, as a whole."""

    loops: tuple[Step, ...]
    segment: Step
    element: int
    component: int


@dataclass(frozen=True, slots=True)
class Condition:
    """The last segment at this place holds this value."""

    place: Place
    element: int
    value: str


@dataclass(frozen=True, slots=True)
class Target:
    """A use that a path points at, under conditions on the loops around it (``around``) and on itself (``own``)."""

    use: Use
    around: tuple[Condition, ...]
    own: Condition | None

    @property
    def counted_in(self) -> Loop:
        """The loop whose passes the segment, or the loop that it opens, is counted in."""
        use = self.use
        return (use.loop.parent if use.place.opens else use.loop) or use.loop


def parse(text: str) -> Path:
    """Raises Misconfigured for what is no path."""
    *loops, last = (_STEP.fullmatch(part) for part in text.split("/"))
    if last is None or any(loop is None or loop["element"] for loop in loops):
        raise Misconfigured(f"{text!r} is no path in a guide", fix="write BEG03, REF[DP]02, PO1/PO103 or N1[ST]/N4")
    steps = tuple(_step(loop) for loop in loops if loop is not None)
    return Path(steps, _step(last), int(last["element"] or 0), int(last["part"] or 0))


def _step(match: re.Match[str]) -> Step:
    at = int(match["at"] or _QUALIFIER_AT.get(match["tag"], 1)) if match["value"] else 0
    return Step(match["tag"], at, match["value"] or "")


def targets(path: Path, grammar: Grammar) -> list[Target]:
    """Every use in a grammar that a path points at; a segment's own loop may be named or left out."""
    names = tuple(step.tag for step in path.loops)
    found = []
    for use in grammar.uses:
        inside = use.place.path
        if use.tag == path.segment.tag and (inside == names or (use.place.opens and inside[:-1] == names)):
            found.append(Target(use, _around(path, use), _own(path, use)))
    return found


def _own(path: Path, use: Use) -> Condition | None:
    step = path.segment
    return Condition(use.place, step.at, step.value) if step.at else None


def _around(path: Path, use: Use) -> tuple[Condition, ...]:
    triggers: list[Place] = []
    loop: Loop | None = use.loop
    while loop is not None and loop.name:
        triggers.insert(0, loop.trigger.place)
        loop = loop.parent
    steps = zip(path.loops, triggers, strict=False)
    return tuple(Condition(place, step.at, step.value) for step, place in steps if step.at)
