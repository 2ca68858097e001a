"""From segment to segment through the grammar of a set: what is missing, misplaced or too often, one fault told once.

`hub.x12.stroll` is quicker, and gives up at the first thing out of order.
"""

from __future__ import annotations

from hub.problem import Problem
from hub.x12.document import Place
from hub.x12.grammar import Grammar, Hop, Loop, Use, segments
from hub.x12.problems import found

__all__ = ["Walk", "loop_path"]


def loop_path(place: Place) -> str:
    return "/".join(place.path)


class Walk:
    """Feed it the tags of a document in order; ``places`` and ``problems`` grow."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.places: list[Place | None] = []
        self.problems: list[Problem] = []
        self._known = segments(grammar.release)
        self._use = grammar.uses[0]
        self._times = 0
        self._passes: dict[Loop, int] = {}
        self._absent: dict[Place, Problem] = {}
        self._lost = False
        self._strange: str | None = None

    def step(self, tag: str) -> Place | None:
        """Take the next segment; its place, or None where it has none."""
        place = self._enter() if not self.places else self._follow(tag)
        self.places.append(place)
        return place

    def _enter(self) -> Place:
        self._times = 1
        return self._use.place

    def _follow(self, tag: str) -> Place | None:
        hops = self.grammar.hops(self._use).get(tag)
        if not hops:
            self._misplaced(tag)
            return None
        hop = self._choose(hops)
        if hop.missing:
            self._missing(hop)
        self._lost, self._strange = False, None
        self._take(hop)
        return hop.use.place

    def _choose(self, hops: tuple[Hop, ...]) -> Hop:
        """The nearest place with room; where the nearest is full and others skip something, the nearest."""
        for hop in hops:
            if not hop.missing and self._has_room(hop):
                return hop
        if not self._has_room(hops[0]):
            return hops[0]
        return next(hop for hop in hops if self._has_room(hop))

    def _has_room(self, hop: Hop) -> bool:
        if hop.again:
            return not hop.use.loop.maximum or self._passes.get(hop.use.loop, 0) < hop.use.loop.maximum
        return hop.use is not self._use or not hop.use.maximum or self._times < hop.use.maximum

    def _take(self, hop: Hop) -> None:
        use = hop.use
        if hop.again:
            count = self._passes[use.loop] = self._passes.get(use.loop, 0) + 1
            if use.loop.maximum and count == use.loop.maximum + 1:
                self._report(
                    "loop_repeats", f"Loop {use.loop.name} comes more than {use.loop.maximum} times here.", use
                )
        elif use is not self._use:
            if use.place.opens:
                self._passes[use.loop] = 1
            self._times = 1
        else:
            self._times += 1
            if use.maximum and self._times == use.maximum + 1:
                times = "once" if use.maximum == 1 else f"{use.maximum} times"
                self._report("segment_repeats", f"{_name(use)} may come {times} here.", use)
        self._use = use

    def _report(self, code: str, message: str, use: Use) -> Problem:
        problem = found(code, message, segment=use.tag, position=len(self.places) + 1, loop=loop_path(use.place))
        self.problems.append(problem)
        return problem

    def _missing(self, hop: Hop) -> None:
        if self._strange is not None and self._strange not in self.grammar.tags and len(hop.missing) == 1:
            return
        before = _name(hop.use)
        for item in hop.missing:
            use = item.trigger
            what = f"Loop {item.name}, beginning with {_name(use)}," if isinstance(item, Loop) else _name(use)
            self._absent[use.place] = self._report("segment_missing", f"{what} is missing before {before}.", use)

    def _misplaced(self, tag: str) -> None:
        known = self._known.get(tag)
        if known is None or tag not in self.grammar.tags:
            if tag != self._strange:
                self._strangers(tag, known.name if known else "")
            self._lost, self._strange = True, tag
            return
        if self._lost or tag == self._strange:
            return
        self._strange = tag
        uses = [use for use in self.grammar.uses if use.tag == tag]
        late = next((use for use in uses if use.place in self._absent), None)
        if late is not None:
            self.problems.remove(self._absent.pop(late.place))
        earlier = late or next((use for use in uses if self._passed(use)), None)
        position, name = len(self.places) + 1, f"{tag} ({known.name})"
        if earlier is not None:
            message = f"{name} comes after {_name(self._use)}, but belongs before it."
            self.problems.append(
                found("segment_out_of_order", message, segment=tag, position=position, loop=loop_path(self._use.place))
            )
        else:
            inside = sorted({loop_path(use.place) or "the heading or summary" for use in uses})
            message = f"{name} has no place after {_name(self._use)}; it belongs into {', '.join(inside[:5])}."
            self.problems.append(
                found("segment_unexpected", message, segment=tag, position=position, loop=loop_path(self._use.place))
            )
        self._lost = any(use.place.opens for use in uses)

    def _passed(self, use: Use) -> bool:
        """Whether this use stands before the current one, in a loop that is open."""
        item: Use | Loop = self._use
        while item.order is not None:
            loop = item.loop if isinstance(item, Use) else item.parent
            if loop is None:
                return False
            if use.loop is loop and use.order < item.order and not use.place.opens:
                return True
            item = loop
        return False

    def _strangers(self, tag: str, name: str) -> None:
        position, loop = len(self.places) + 1, loop_path(self._use.place)
        if name:
            message = f"{tag} ({name}) is not part of {self.grammar.document} ({self.grammar.name})."
            code = "segment_not_in_document"
        else:
            message = f"There is no segment {tag[:40]!r} in {self.grammar.release}."
            code = "segment_unknown"
        self.problems.append(found(code, message, segment=tag[:3], position=position, value=tag, loop=loop))


def _name(use: Use) -> str:
    return f"{use.tag} ({use.segment.name})"
