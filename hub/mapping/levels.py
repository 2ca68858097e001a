"""HL loops: trees built from HL01 and HL02, whatever order and depth they come in.

A level that the mapping does not know (a pallet, HL03 T) is passed through: what hangs below it hangs above it. A level
that is left out (no pack between order and item) is made, once for each parent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.mapping.cells import Cells
from hub.mapping.plan import Block
from hub.mapping.value_objects import Memo
from hub.x12.levels import number_of

__all__ = ["LevelFault", "open_level"]


_BROKEN = -1
"""In place of a block: what hangs below a level that could not be read is not read either, nor told again."""


class LevelFault(ValueError):
    """Levels do not stand as the document needs them."""


def open_level(levels: Mapping[str, Block], cells: Cells, resets: list[int]) -> Callable[[list[str], list[Any]], None]:
    """The handler of an HL segment. ``resets``: markers of the HL loop and of all in it; the first is HL's own."""
    marker, nodes_cell, loose = resets[0], cells.nodes, cells.loose
    slots = {block.number: next(slot for slot in block.slots if slot.head) for block in levels.values()}
    lists = {block.number: block.target.parts[0] for block in levels.values() if block.target}
    numbers = Memo(number_of)

    def handle(s: list[str], c: list[Any]) -> None:
        for cell in resets:
            c[cell] = 0
        nodes = c[nodes_cell]
        _, own, above, level, *_ = s if len(s) > 3 else [*s, "", "", ""]
        own, above = numbers[own], numbers[above]
        if own in nodes or above not in nodes:
            what = f"two levels have the number {own}" if own in nodes else f"HL02 names {above!r}, which has not come"
            _tell(c[cells.trace], s, what)
            return
        up, data = nodes[above]
        block = levels.get(level)
        if block is None or up == _BROKEN:
            nodes[own] = (up, data)
            c[loose].append((s, 0))
            return
        number = block.number
        if block.parent is not None and block.parent.number == up and number in lists:
            node: dict[str, Any] = {}
            data.setdefault(lists[number], []).append(node)
        else:
            try:
                node = _attach(block, up, data, nodes, above)
            except LevelFault as fault:
                nodes[own] = (_BROKEN, {})
                _tell(c[cells.trace], s, f"level {level} cannot stand here: {fault}")
                return
        nodes[own] = (number, node)
        c[marker] = number
        c[number] = node
        if c[cells.trace] is not None:
            c[cells.trace].open(node, s, slots[number])

    return handle


def _attach(block: Block, up: int, data: dict[str, Any], nodes: dict[Any, Any], above: str) -> dict[str, Any]:
    """A new object of this block below the node ``above``, with the levels between them made where they are missing."""
    parent = block.parent
    assert parent is not None
    if parent.number != up:
        if parent.parent is None:
            raise LevelFault("HL02 names a level that it cannot stand below")
        known = nodes.get((above, parent.number))
        if known is None:
            known = nodes[above, parent.number] = _attach(parent, up, data, nodes, above)
        data = known
    if block.target is None:
        if (block.number, "seen") in nodes:
            raise LevelFault("the document is read with one such level, and this is the second")
        nodes[block.number, "seen"] = True
        return data
    (key,) = block.target.parts
    child: dict[str, Any] = {}
    data.setdefault(key, []).append(child)
    return child


def _tell(trace: Any, segment: list[str], message: str) -> None:
    if trace is None:
        raise LevelFault(message)
    trace.structure(segment, message, "number the levels so that each HL02 names an earlier HL01")
