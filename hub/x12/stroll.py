"""Through a document whose segments all stand right, in a few look-ups each; the first thing out of order ends it."""

from __future__ import annotations

from hub.x12.document import Delimiters, Place
from hub.x12.grammar import Grammar, Use
from hub.x12.shapes import Shapes, learn

__all__ = ["Ground", "Stroll", "stroll"]

_GROUNDS = 8
"""Delimiter sets kept ready for one grammar; nobody needs more, and nobody may fill the memory with them."""
_UNLIMITED = 1 << 60


Step = tuple["Steps", Place, Shapes, int]
"""One segment's turn: where the next one leads, its place, its shapes, and how often it may come in a row or, where it
begins another pass, how often its loop may come. A bare tuple is taken apart in half the time of a named one."""


class Steps(dict[str, Step]):
    """Where each tag leads from one use, found when a tag is first met. Raises LookupError where only the exact walk
    can tell."""

    def __init__(self, ground: Ground, use: Use) -> None:
        self._ground = ground
        self._use = use

    def __missing__(self, tag: str) -> Step:
        for hop in self._ground.grammar.hops(self._use).get(tag, ()):
            target = hop.use
            maximum = target.loop.maximum if hop.again else target.maximum if target is self._use else 0
            if maximum == 1:
                continue
            if hop.missing:
                break
            step = self[tag] = self._ground.step(target, maximum)
            return step
        raise LookupError(tag)


class Ground:
    """A grammar made ready for one set of delimiters."""

    def __init__(self, grammar: Grammar, delimiters: Delimiters) -> None:
        self.grammar = grammar
        self.delimiters = delimiters
        self._steps = [Steps(self, use) for use in grammar.uses]
        self._shapes: dict[str, Shapes] = {}
        self.start = {grammar.uses[0].tag: self.step(grammar.uses[0], 0)}

    @classmethod
    def of(cls, grammar: Grammar, delimiters: Delimiters) -> Ground:
        ground: Ground | None = grammar.compiled.get(delimiters)
        if ground is None:
            if len(grammar.compiled) >= _GROUNDS:
                grammar.compiled.clear()
            ground = grammar.compiled[delimiters] = cls(grammar, delimiters)
        return ground

    def step(self, use: Use, limit: int) -> Step:
        """The step to a use that may be repeated ``limit`` times, 0 for any number."""
        shapes = self._shapes.get(use.tag)
        if shapes is None:
            shapes = self._shapes[use.tag] = Shapes(use.segment, self.delimiters)
        return self._steps[use.place.id], use.place, shapes, limit or _UNLIMITED

    def around(self, place: Place) -> Place:
        """Where the loop begins around the loop that ``place`` opens."""
        loop = self.grammar.uses[place.id].loop.parent or self.grammar.root
        return loop.trigger.place


Stroll = tuple[list[Place | None], list[int]]
"""The place of each segment, and the indexes of those to be judged exactly."""


def stroll(ground: Ground, shapes: list[str], rows: list[list[str]]) -> Stroll | None:
    """None where the order is not plainly right, or a segment must be cut with care. ``shapes`` as `hub.x12.shapes`
    has them. Every instruction in the loop counts: it takes much of the time of reading."""
    places: list[Place | None] = []
    append = places.append
    doubts: list[int] = []
    watched: dict[Place, int] = {}
    steps: dict[str, Step] = ground.start
    length = len(rows)
    try:
        for shape, fields in zip(shapes, rows):  # noqa: B905  both come from one split; strict costs time here
            steps, place, known, limit = steps[fields[0]]
            append(place)
            if limit < length:
                if place.opens:
                    watched[place] = limit
                elif places[~limit:].count(place) > limit:
                    return None
            left = known[shape]
            if left is not None:
                pick, seen, _ = left
                if pick(fields) not in seen and not learn(left, fields):
                    doubts.append(len(places) - 1)
    except LookupError:
        return None
    for place, limit in watched.items():
        if places.count(place) > limit and _exceeds(places, place, limit, ground):
            return None
    return places, doubts


def _exceeds(places: list[Place | None], place: Place, limit: int, ground: Ground) -> bool:
    """Whether a loop comes more than ``limit`` times within one pass of the loop around it."""
    around, passes = ground.around(place), 0
    for here in places:
        if here is around:
            passes = 0
        elif here is place:
            passes += 1
            if passes > limit:
                return True
    return False
