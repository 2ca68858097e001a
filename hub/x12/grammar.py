"""The grammar of one transaction set in one release: what may stand where.

Facts come from the tables beside this module (``tables/README.md`` says where they are from). Everything is loaded
at first use and kept: `load` for a set, `envelope` for ISA to IEA.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hub.x12.document import Place
from hub.x12.elements import Cell, Element, Note, Segment

__all__ = ["RELEASES", "Grammar", "Loop", "Use", "common", "load", "nearest", "segments", "sets", "word"]

RELEASES = ("004010", "005010")
_TABLES = Path(__file__).with_name("tables")


def _read(*parts: str) -> Any:
    return json.loads(_TABLES.joinpath(*parts).read_text(encoding="utf-8"))


@dataclass(slots=True, eq=False)
class Use:
    """A segment's use at one place of a set. ``maximum`` 0 is unlimited."""

    place: Place
    required: bool
    maximum: int
    loop: Loop
    order: int
    segment: Segment

    @property
    def tag(self) -> str:
        return self.place.segment

    @property
    def trigger(self) -> Use:
        return self


@dataclass(slots=True, eq=False)
class Loop:
    """A loop; the whole set is the outermost one, named ``""``. ``maximum`` 0 is unlimited."""

    name: str
    required: bool
    maximum: int
    parent: Loop | None
    order: int
    items: list[Use | Loop] = field(default_factory=list)

    @property
    def trigger(self) -> Use:
        return self.items[0].trigger


@dataclass(frozen=True, slots=True)
class Hop:
    """A way from one use to another. ``again``: the target's loop begins another pass. ``missing``: what is skipped."""

    use: Use
    again: bool
    missing: tuple[Use | Loop, ...]


class Grammar:
    """One set: ``places`` in the order of the table, ``uses`` beside them; ``uses[0]`` is ST."""

    def __init__(self, release: str, document: str, table: Mapping[str, Any]) -> None:
        self.release = release
        self.document = document
        self.name: str = table["name"]
        self.group: str = table["group"]
        self.uses: list[Use] = []
        self.root = Loop("", True, 1, None, 0)
        rows = [row for area in ("heading", "detail", "summary") for row in table[area]]
        self._grow(self.root, rows, (), segments(release))
        self.places = tuple(use.place for use in self.uses)
        self.tags = frozenset(place.segment for place in self.places)
        self.hierarchical = "HL" in self.tags
        self.binary = not self.tags.isdisjoint({"BIN", "BDS"})
        self._hops: dict[int, dict[str, tuple[Hop, ...]]] = {}
        self.compiled: dict[Any, Any] = {}

    def _grow(self, loop: Loop, rows: list[Any], path: tuple[str, ...], known: Mapping[str, Segment]) -> None:
        for order, row in enumerate(rows):
            tag, required, maximum = row[0], row[1] == "M", row[2]
            if len(row) == 4:
                child = Loop(tag, required, maximum, loop, order)
                loop.items.append(child)
                self._grow(child, row[3], (*path, tag), known)
            else:
                place = Place(len(self.uses), tag, path, order == 0 and bool(path))
                use = Use(place, required, maximum, loop, order, known[tag])
                loop.items.append(use)
                self.uses.append(use)

    def hops(self, use: Use) -> dict[str, tuple[Hop, ...]]:
        """Where a tag may lead from here, nearest place first."""
        known = self._hops.get(use.place.id)
        if known is None:
            found: dict[str, list[Hop]] = {}
            for hop in _ways(use):
                found.setdefault(hop.use.tag, []).append(hop)
            known = self._hops[use.place.id] = {tag: tuple(hops) for tag, hops in found.items()}
        return known


def _ways(use: Use) -> Iterator[Hop]:
    if not use.place.opens:
        yield Hop(use, False, ())
    missing: list[Use | Loop] = []
    loop: Loop | None = use.loop
    order = use.order
    while loop is not None:
        for item in loop.items[order + 1 :]:
            yield Hop(item.trigger, False, tuple(missing))
            if item.required:
                missing.append(item)
        if loop.parent is not None:
            yield Hop(loop.trigger, True, tuple(missing))
        order, loop = loop.order, loop.parent


@cache
def segments(release: str) -> Mapping[str, Segment]:
    """Every segment of a release by tag, envelope included."""
    codes: dict[str, list[str]] = _read(release, "codes.json")
    elements = {
        number: Element(number, name, kind, low, high, tuple(codes.get(number, ())))
        for number, (name, kind, low, high) in _read(release, "elements.json").items()
    }
    composites = _read(release, "composites.json")

    def cell(text: str) -> Cell:
        use, _, repeat = text.partition("*")
        number, required = use[:-1], use[-1] == "M"
        if number in elements:
            return Cell(number, required, int(repeat or 1), elements[number], (), ())
        parts, notes = composites[number]
        return Cell(
            number,
            required,
            int(repeat or 1),
            None,
            tuple(map(cell, parts.split())),
            tuple(map(Note.parse, notes.split())),
        )

    return {
        tag: Segment(tag, name, tuple(map(cell, cells.split())), tuple(map(Note.parse, notes.split())), release)
        for tag, (name, cells, notes, _) in _read(release, "segments.json").items()
    }


@cache
def sets(release: str) -> frozenset[str]:
    """The transaction sets this release has a table for."""
    return frozenset(path.stem for path in (_TABLES / release / "sets").glob("*.json"))


@cache
def load(release: str, document: str) -> Grammar:
    """The grammar of a set: ``load("004010", "850")``. Raises KeyError where there is no table; see `nearest`."""
    if release not in RELEASES or document not in sets(release):
        raise KeyError(f"no table for {document} in {release}")
    return Grammar(release, document, _read(release, "sets", f"{document}.json"))


def nearest(version: str, document: str) -> str | None:
    """The release whose table reads this set best: GS08 ``004030VICS`` gives ``004010``; None without any table."""
    having = [release for release in RELEASES if document in sets(release)]
    if version[:6] in having or not having:
        return version[:6] if having else None
    digits = version[:6]
    wanted = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) == 6 else int(RELEASES[0])
    return min(having, key=lambda release: abs(int(release) - wanted))


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    words: Mapping[str, Mapping[str, str]] = _read("words.json")
    return words


def common(element: str) -> tuple[str, ...]:
    """The codes of an element that supply chains use, those we have words for."""
    return tuple(_words().get(element, ()))


def word(element: str, code: str) -> str:
    """What a code means, in our words; empty where we have none: ``word("98", "ST")``."""
    return _words().get(element, {}).get(code, "")
