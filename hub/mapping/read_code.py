"""Reading, compiled: for one mapping and one release, a Python function a segment.

The source of the functions is made from the rows, never from input. Two versions are made from the same rows: one that
proves each value to be what the model takes and stores it as its JSON has it, and one that leaves the values as they
are and tells a `Trace` where each came from; the second runs when the first has failed.

A handler gets the segment and the list of cells ``c``: the current object of each block, then the cells named in
`Cells`. What no row reads is appended to the cell ``loose`` as (segment, element), element 0 for all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hub.mapping.cells import Cells
from hub.mapping.levels import open_level
from hub.mapping.placing import Placing
from hub.mapping.plan import LEVEL, Block, Slot
from hub.mapping.slot_code import SlotWriter
from hub.x12.document import Place
from hub.x12.grammar import Grammar

__all__ = ["Handler", "handlers"]

Handler = Callable[[list[str], list[Any]], None]
_ENVELOPE = frozenset({"ST", "SE"})


def handlers(root: Block, grammar: Grammar, placing: Placing, *, traced: bool) -> Sequence[Handler]:
    """A handler for each place of the grammar, in the order of ``Place.id``."""
    blocks = 1 + max(block.number for block in root.walk())
    cells = Cells(blocks)
    writer = SlotWriter(cells, placing, traced=traced)
    for block in root.walk():
        for slot in block.slots:
            writer.slot(slot)
    made = writer.source.functions(f"reading {grammar.document} {grammar.release}{' traced' if traced else ''}")
    return tuple(_handler(place, placing, cells, made) for place in grammar.places)


def _handler(place: Place, placing: Placing, cells: Cells, made: dict[str, Handler]) -> Handler:
    if place.segment in _ENVELOPE and not place.path:
        return _ignore
    loose = cells.loose

    def lose(s: list[str], c: list[Any]) -> None:
        c[loose].append((s, 0))

    contexts = placing.contexts.get(place.id)
    if contexts is None:
        return lose
    own = [cells.marker(index) for path, index in placing.markers.items() if path[: len(place.path)] == place.path]
    resets = own if place.opens else []
    if place.segment == LEVEL and placing.levels:
        return open_level(placing.levels, cells, resets)
    chosen = {block.number: _by_qualifier(slots, made, _losing(loose, resets)) for block, slots in contexts.items()}
    first = next(iter(contexts))
    marker = placing.markers.get(first.path)
    if marker is None:
        return chosen[first.number]
    return _by_block(chosen, cells.marker(marker), lose)


def _ignore(s: list[str], c: list[Any]) -> None:
    """ST and SE are the envelope's."""


def _losing(loose: int, resets: list[int]) -> Handler:
    def lose(s: list[str], c: list[Any]) -> None:
        for cell in resets:
            c[cell] = 0
        c[loose].append((s, 0))

    return lose


def _by_qualifier(slots: list[Slot], made: dict[str, Handler], lose: Handler) -> Handler:
    plain = next((made[f"s{slot.number}"] for slot in slots if slot.qualifier is None), lose)
    at = {slot.qualifier[0]: slot for slot in slots if slot.qualifier}
    if not at:
        return plain
    if len(at) > 1:
        raise AssertionError("one segment, one place for its qualifier")
    element = next(iter(at))
    table = {slot.qualifier[1]: made[f"s{slot.number}"] for slot in slots if slot.qualifier}

    def choose(s: list[str], c: list[Any]) -> None:
        table.get(s[element] if len(s) > element else "", plain)(s, c)

    return choose


def _by_block(chosen: dict[int, Handler], marker: int, lose: Handler) -> Handler:
    def choose(s: list[str], c: list[Any]) -> None:
        chosen.get(c[marker], lose)(s, c)

    return choose
