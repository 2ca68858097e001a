"""Rules for segments and loops: needed, not used, how often, further notes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from hub.problem import Problem
from hub.x12.document import Place
from hub.x12.elements import Note
from hub.x12.guide.check import Check, Sheet
from hub.x12.judge import note_words

__all__ = ["SegmentCheck"]


class SegmentCheck(Check):
    __slots__ = ()

    def places(self) -> Iterator[Place]:
        yield from super().places()
        loop = self.target.counted_in
        if loop.name:
            yield loop.trigger.place

    def problems(self, sheet: Sheet) -> Iterable[Problem]:
        indexes, own = sheet.at[self.target.use.place], self.target.own
        if own:
            indexes = [index for index in indexes if own.value in sheet.rows[index][own.element : own.element + 1]]
        return () if self._plainly(sheet, indexes) else self._judged(sheet, indexes)

    def _plainly(self, sheet: Sheet, indexes: Sequence[int]) -> bool:
        """Whether it is quickly seen that nothing is wrong."""
        rule = self.rule
        if rule.note or self.target.around:
            return False
        if rule.usage == "must":
            starts = self._starts(sheet)
            if len({bisect_right(starts, index) for index in indexes}) < len(starts):
                return False
        return not (rule.usage == "not" and indexes) and (not rule.most or len(indexes) <= rule.most)

    def _judged(self, sheet: Sheet, indexes: Sequence[int]) -> Iterator[Problem]:
        rule = self.rule
        if rule.note:
            yield from self._noted(sheet, indexes)
        for start, end in self._passes(sheet):
            first, last = bisect_left(indexes, start), bisect_left(indexes, end)
            if rule.usage == "must" and first == last:
                yield self._missing(sheet, start, end)
            elif rule.usage == "not":
                for index in indexes[first:last]:
                    yield self._unused(sheet, index)
            if rule.most and last - first > rule.most and not self.allows:
                yield self._too_often(indexes[first + rule.most])

    def _starts(self, sheet: Sheet) -> Sequence[int]:
        """Where the loop that it is counted in begins anew."""
        loop = self.target.counted_in
        return sheet.at[loop.trigger.place] if loop.name else (0,)

    def _passes(self, sheet: Sheet) -> Iterator[tuple[int, int]]:
        """Each pass of that loop, its end not included, as far as the conditions hold."""
        starts = self._starts(sheet)
        for start, stop in zip(starts, [*starts[1:], len(sheet.rows)], strict=True):
            if sheet.holds(self.target.around, start):
                yield start, stop

    @property
    def _name(self) -> str:
        use, own = self.target.use, self.target.own
        what = f"{use.tag} ({use.segment.name})" + (f" with {use.tag}{own.element:02d} {own.value}" if own else "")
        return f"loop {what}" if use.place.opens else what

    def _missing(self, sheet: Sheet, start: int, end: int) -> Problem:
        place, inside = self.target.use.place, self.target.counted_in
        depth = len(inside.trigger.place.path) if inside.name else 0
        index = next(
            (
                index
                for index in range(start + 1, end)
                if (other := sheet.places[index]) and (other.id > place.id or other.path[:depth] != place.path[:depth])
            ),
            end,
        )
        code = "I6" if self.conditions else "I7" if place.opens else "I8"
        text = f"Missing{self.when(self.target.around)}: {self._name}; {self.by} asks for it"
        context = self.trigger(sheet, start, self.target.around)
        return self.tell(
            "guide_segment_missing", text, situational=context, ack={"IK304": code}, position=min(index, end) + 1
        )

    def _unused(self, sheet: Sheet, index: int) -> Problem:
        text = f"{self._name} must not be sent{self.when(self.target.around)} by {self.by}"
        ack = {"IK304": "I9"} if self.conditions else {}
        context = self.trigger(sheet, index, self.conditions)
        return self.tell("guide_segment_unused", text, situational=context, ack=ack, position=index + 1)

    def _too_often(self, index: int) -> Problem:
        times = "once" if self.rule.most == 1 else f"{self.rule.most} times"
        code = "4" if self.target.use.place.opens else "5"
        text = f"{self._name} may come {times} here by {self.by}"
        return self.tell("guide_repeats", text, situational={}, ack={"AK304": code}, position=index + 1)

    def _noted(self, sheet: Sheet, indexes: Sequence[int]) -> Iterator[Problem]:
        note, use = Note.parse(self.rule.note), self.target.use
        cells = use.segment.cells
        for index in indexes:
            row = sheet.rows[index]
            present = [bool(value.strip()) for value in row]
            if not note.broken(present) or not sheet.holds(self.target.around, index):
                continue
            have = [p for p in note.positions if p < len(row) and present[p]]
            lack = [p for p in note.positions if p not in have]
            names = {p: f"{use.tag}{p:02d} ({cells[p - 1].name})" for p in note.positions}
            _, text = note_words(note, [names[p] for p in have], [names[p] for p in lack])
            exclusive = note.kind == "E"
            at = have[-1] if exclusive else lack[0]
            yield self.tell(
                "guide_note",
                f"{text} (note {note}), by {self.by}",
                situational={},
                ack={"AK403": "10", "IK403": "I13"} if exclusive else {},
                position=index + 1,
                element=at,
                value=row[at] if exclusive else None,
            )

    def covers(self, sheet: Sheet, problem: Problem) -> bool:
        use = self.target.use
        if problem.segment != use.tag or problem.loop != "/".join(use.place.path):
            return False
        if problem.code == "segment_missing":
            return not self.conditions
        index, most = (problem.position or 0) - 1, self.rule.most or 0
        indexes = sheet.at[use.place]
        for start, end in self._passes(sheet):
            if start <= index < end:
                return not most or bisect_left(indexes, end) - bisect_left(indexes, start) <= most
        return False
