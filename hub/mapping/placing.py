"""Slots at their places in the grammar of one release, and the limits of their elements there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hub.errors import Misconfigured
from hub.mapping.plan import LEVEL, Block, Slot
from hub.x12.document import Place
from hub.x12.elements import Element
from hub.x12.grammar import RELEASES, Grammar, load, segments, sets

__all__ = ["Placing", "element_of", "place_all"]


@dataclass(frozen=True, slots=True)
class Placing:
    """``contexts[place]``: for each block that may be current when a segment of this place comes, its slots there.

    A head's context is its parent block: it is the parent that must be current when the loop opens. ``levels``: blocks
    by HL03. ``unplaced``: slots that only another release has a place for. ``markers``: loop paths whose current block
    must be remembered, because several may be meant.
    """

    contexts: dict[int, dict[Block, list[Slot]]]
    unplaced: frozenset[Slot]
    levels: dict[str, Block]
    markers: dict[tuple[str, ...], int]


def place_all(root: Block, grammar: Grammar) -> Placing:
    """Raises Misconfigured for a row whose segment has no place in any release."""
    contexts: dict[int, dict[Block, list[Slot]]] = {}
    levels: dict[str, Block] = {}
    unplaced: set[Slot] = set()
    for block in root.walk():
        if block.only and block.only != grammar.release:
            unplaced.update(block.slots)
            continue
        if block.head is not None and block.head.tag == LEVEL and block.head.qualifier:
            levels[block.head.qualifier[1]] = block
        for slot in block.slots:
            places = [place for place in grammar.places if _stands(slot, place)]
            if not places and _elsewhere(slot, grammar):
                unplaced.add(slot)
            elif not places:
                where = f"the {block.address} loop" if block.address else "the document"
                raise Misconfigured(
                    f"{slot.tag} has no place in {where} of {grammar.document} {grammar.release}",
                    fix="name the loop it stands in, as the grammar table has it",
                )
            context = block.parent if slot.head and block.parent else block
            for place in places:
                contexts.setdefault(place.id, {}).setdefault(context, []).append(slot)
    return Placing(contexts, frozenset(unplaced), levels, _markers(root))


def _elsewhere(slot: Slot, grammar: Grammar) -> bool:
    return any(
        _stands(slot, place)
        for release in RELEASES
        if release != grammar.release and grammar.document in sets(release)
        for place in load(release, grammar.document).places
    )


def _stands(slot: Slot, place: Place) -> bool:
    if place.segment != slot.tag:
        return False
    if slot.block.single:
        return place.path == slot.block.path and not place.opens
    if slot.head:
        return place.opens and place.path == slot.block.path
    return place.path == (*slot.block.path, slot.tag) if place.opens else place.path == slot.block.path


def _markers(root: Block) -> dict[tuple[str, ...], int]:
    by_path: dict[tuple[str, ...], list[Block]] = {}
    for block in root.walk():
        if block.head is not None and not block.single:
            by_path.setdefault(block.path, []).append(block)
    unsure: set[tuple[str, ...]] = set()
    for path in sorted(by_path, key=len):
        blocks = by_path[path]
        qualified = any(block.head and block.head.qualifier for block in blocks)
        if qualified or len(blocks) > 1 or path[:-1] in unsure:
            unsure.add(path)
    return {path: index for index, path in enumerate(sorted(unsure))}


@cache
def element_of(release: str, tag: str, position: int) -> Element | None:
    """The dictionary's entry for an element, None for composites and past the end."""
    segment = segments(release).get(tag)
    if segment is None or not 0 < position <= len(segment.cells):
        return None
    return segment.cells[position - 1].element
