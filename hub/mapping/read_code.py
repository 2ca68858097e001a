"""Reading, compiled: for one mapping and one release, a Python function a segment.

The source of the functions is made from the rows, never from input. Two versions are made from the same rows: one that
only reads, and one that also tells a `Trace` where each value came from; the second runs when the first has failed.

A handler gets the segment and the list of cells ``c``: the current object of each block, then the cells named in
`Cells`. What no row reads is appended to the cell ``loose`` as (segment, element), element 0 for all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hub.mapping.codecs import Codec
from hub.mapping.levels import open_level
from hub.mapping.moments import read_moment
from hub.mapping.notation import Const, Count, CurrencyRow, Moment, Pair, Pairs, Row, Size, Skip, Spread
from hub.mapping.placing import Placing
from hub.mapping.plan import LEVEL, Block, Op, Slot
from hub.mapping.source import Source
from hub.mapping.target import Target
from hub.x12.document import Place
from hub.x12.grammar import Grammar

__all__ = ["Cells", "Handler", "Stop", "handlers"]

Handler = Callable[[list[str], list[Any]], None]
_WIDEST = 64
"""More than the elements of any segment."""
_ENVELOPE = frozenset({"ST", "SE"})


class Stop(Exception):
    """A signal inside this package: the fast reading cannot go on; the traced one will say why."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Where things are in ``c``: block objects first, then these."""

    blocks: int

    @property
    def loose(self) -> int:
        return self.blocks

    @property
    def currency(self) -> int:
        return self.blocks + 1

    @property
    def context(self) -> int:
        return self.blocks + 2

    @property
    def trace(self) -> int:
        return self.blocks + 3

    @property
    def nodes(self) -> int:
        return self.blocks + 4

    def marker(self, index: int) -> int:
        return self.blocks + 5 + index

    def make(self, root: dict[str, Any], currency: str, context: Any, trace: Any, markers: int) -> list[Any]:
        return [root, *[None] * (self.blocks - 1), [], currency, context, trace, {"": (0, root)}, *[0] * markers]


def handlers(root: Block, grammar: Grammar, placing: Placing, *, traced: bool) -> Sequence[Handler]:
    """A handler for each place of the grammar, in the order of ``Place.id``."""
    blocks = 1 + max(block.number for block in root.walk())
    cells = Cells(blocks)
    writer = _SlotWriter(cells, placing, traced)
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


class _SlotWriter:
    """Writes the source of one function a slot."""

    def __init__(self, cells: Cells, placing: Placing, traced: bool) -> None:
        self.source = Source({"read_moment": read_moment, "Stop": Stop, "pads": [""] * _WIDEST})
        self._cells = cells
        self._placing = placing
        self._traced = traced
        self._boxes: dict[tuple[str, ...], str] = {}

    def slot(self, slot: Slot) -> None:
        add = self.source.add
        add(0, f"def s{slot.number}(s, c):")
        add(1, "n = len(s)")
        width = _width(slot)
        add(1, f"e = s if n >= {width} else s + pads[n - {width}:]")
        self._open(slot)
        if self._traced:
            add(1, f"t = c[{self._cells.trace}]")
            add(1, f"t.open(d, s, {self.source.name(slot)})")
        once = not slot.head or slot.block.same
        self._boxes = {}
        for path in dict.fromkeys(path for op in slot.ops for target in op.targets for path in _around(op, target)):
            self._box(path, fresh=not once)
        for op in slot.ops:
            self._op(op, once)
        for path in reversed(self._boxes):
            if path:
                holder = self._boxes[path[:-1]]
                add(1, f"if {self._boxes[path]}: {holder}[{path[-1]!r}] = {self._boxes[path]}")
        self._unread(slot)

    def _open(self, slot: Slot) -> None:
        add, block = self.source.add, slot.block
        if not slot.head:
            add(1, f"d = c[{block.number}]")
            return
        assert block.parent is not None
        for path, index in self._placing.markers.items():
            if not block.single and path[: len(block.path)] == block.path:
                value = block.number if path == block.path else 0
                add(1, f"c[{self._cells.marker(index)}] = {value}")
        if block.same:
            add(1, f"d = c[{block.number}] = c[{block.parent.number}]")
            return
        assert block.target is not None
        (key,) = block.target.parts
        add(1, f"p = c[{block.parent.number}]")
        if block.target.many:
            add(1, f"c[{block.number}] = d = {{}}")
            add(1, f"if {key!r} in p: p[{key!r}].append(d)")
            add(1, f"else: p[{key!r}] = [d]")
            return
        add(1, f"if {key!r} in p:")
        marker = self._placing.markers.get(block.path)
        if marker is not None and not block.single:
            add(2, f"c[{self._cells.marker(marker)}] = 0")
        else:
            add(2, f"c[{block.number}] = {{}}")
        add(2, f"c[{self._cells.loose}].append((s, 0))")
        add(2, "return")
        add(1, f"c[{block.number}] = d = p[{key!r}] = {{}}")

    def _box(self, path: tuple[str, ...], *, fresh: bool) -> None:
        """A variable for the object that holds a field, made when it is not there yet."""
        if path in self._boxes:
            return
        if not path:
            self._boxes[path] = "d"
            return
        self._box(path[:-1], fresh=fresh)
        name = f"x{len(self._boxes)}"
        self._boxes[path] = name
        self.source.add(
            1, f"{name} = {{}}" if fresh else f"{name} = {self._boxes[path[:-1]]}.get({path[-1]!r}) or {{}}"
        )

    def _op(self, op: Op, once: bool) -> None:
        note = op.note
        if isinstance(note, Row):
            self._row(op, note, once)
        elif isinstance(note, Const):
            known = ("", note.text, *note.also)
            self.source.add(1, f"if e[{op.element}] not in {known!r}: {self._lose(op.element)}")
        elif isinstance(note, Pairs):
            self._pairs(op, note)
        elif isinstance(note, Spread):
            self._spread(op, note)
        elif isinstance(note, Moment):
            self._moment(op, note, once)
        elif not isinstance(note, Count | Size | Skip | CurrencyRow):
            raise AssertionError(note)

    def _row(self, op: Op, note: Row, once: bool) -> None:
        add, (target,) = self.source.add, op.targets
        add(1, f"v = e[{op.element}]" + ("" if note.default is None else f" or {note.default!r}"))
        if note.forbidden:
            add(1, f"if v: {self._signal(f't.forbidden(s, {op.element}, {self.source.name(op)})')}")
            return
        box, key = self._boxes[target.parts[:-1]], target.parts[-1]
        add(1, "if v:")
        depth = 2
        if once and not target.many:
            add(2, f"if {key!r} in {box}: {self._lose(op.element)}")
            add(2, "else:")
            depth = 3
        self._store(depth, op, note.codec, target, str(op.element))

    def _store(self, depth: int, op: Op, codec: Codec, target: Target, element: str) -> None:
        """Put ``v`` through the codec into its field."""
        add, box, key = self.source.add, self._boxes[target.parts[:-1]], target.parts[-1]
        value = self._value(codec)
        place = f"{box}.setdefault({key!r}, []).append({value})" if target.many else f"{box}[{key!r}] = {value}"
        told = f"{box}, {key!r}, s, {element}, {self.source.name(op) if self._traced else ''}"
        if codec.shortest is not None and codec.longest is not None:
            size = "sum(map(str.isdigit, v))" if codec.numeric else "len(v)"
            limits = f"{codec.shortest} to {codec.longest}"
            add(depth, f"if not {codec.shortest} <= {size} <= {codec.longest}:")
            add(depth + 1, self._signal(f"t.length({told}, {limits!r})"))
            add(depth, "else:")
            depth += 1
        if not self._traced:
            add(depth, place)
            return
        add(depth, "try:")
        add(depth + 1, place)
        add(depth + 1, f"t.at({told})")
        add(depth, "except (LookupError, ValueError, ArithmeticError):")
        add(depth + 1, f"t.bad({told}, {codec.expects!r})")

    def _value(self, codec: Codec) -> str:
        if codec.table is not None:
            table = self.source.name(codec.codes)
            value = f"{table}.get(v, v)" if codec.others else f"{table}[v]"
        else:
            value = "v" if codec.read is None else f"{self.source.name(codec.read)}(v)"
        return f"{{'amount': {value}, 'currency': c[{self._cells.currency}]}}" if codec.money else value

    def _pairs(self, op: Op, note: Pairs) -> None:
        add, last = self.source.add, op.element + 2 * note.most
        add(1, f"for k in range({op.element}, n if n < {last} else {last}, 2):")
        add(2, "q = s[k]")
        add(2, "v = s[k + 1] if k + 1 < n else ''")
        word = "if"
        for (target, *_), entries in _alike(op, note).items():
            box, key = self._boxes[target.parts[:-1]], target.parts[-1]
            qualifiers = sorted(entry.qualifier for entry in entries)
            known = f"q in {{{', '.join(map(repr, qualifiers))}}}" if len(qualifiers) > 1 else f"q == {qualifiers[0]!r}"
            add(2, f"{word} {known} and v and {key!r} not in {box}:")
            self._store(3, op, entries[0].codec, target, "k + 1")
            word = "elif"
        add(2, f"elif v: {self._lose('k + 1')}")
        add(2, f"elif q: {self._lose('k')}")

    def _spread(self, op: Op, note: Spread) -> None:
        add, (target,) = self.source.add, op.targets
        box, key = self._boxes[target.parts[:-1]], target.parts[-1]
        add(1, f"v = list(filter(None, s[{op.element}:{op.element + note.across}]))")
        add(1, f"if v: {box}.setdefault({key!r}, []).extend(v)")
        if self._traced:
            add(1, f"t.at({box}, {key!r}, s, {op.element}, {self.source.name(op)})")

    def _moment(self, op: Op, note: Moment, once: bool) -> None:
        add, (target,) = self.source.add, op.targets
        box, key = self._boxes[target.parts[:-1]], target.parts[-1]
        parts = [f"e[{at}]" if at else "''" for at in (op.element, note.time, note.zone)]
        add(1, f"if e[{op.element}]:")
        depth = 2
        if once:
            add(2, f"if {key!r} in {box}: {self._lose(op.element)}")
            add(2, "else:")
            depth = 3
        store = f"{box}[{key!r}] = read_moment({', '.join(parts)}, c[{self._cells.context}])"
        if not self._traced:
            add(depth, store)
            return
        told = f"{box}, {key!r}, s, {op.element}, {self.source.name(op)}"
        add(depth, "try:")
        add(depth + 1, store)
        add(depth + 1, f"t.at({told})")
        add(depth, "except ValueError:")
        add(depth + 1, f"t.bad({told}, 'a date as CCYYMMDD with a time as HHMM')")

    def _unread(self, slot: Slot) -> None:
        """Report every element that has a value and no row."""
        covered = {element for op in slot.ops for element in op.covers}
        if slot.qualifier:
            covered.add(slot.qualifier[0])
        last = max(covered, default=0)
        for element in range(1, last):
            if element not in covered:
                self.source.add(1, f"if e[{element}]: {self._lose(element)}")
        self.source.add(
            1, f"if n > {last + 1}: c[{self._cells.loose}] += [(s, k) for k in range({last + 1}, n) if s[k]]"
        )

    def _lose(self, element: int | str) -> str:
        return f"c[{self._cells.loose}].append((s, {element}))"

    def _signal(self, telling: str) -> str:
        return telling if self._traced else "raise Stop"


def _alike(op: Op, note: Pairs) -> dict[tuple[Target, Any, Any], list[Pair]]:
    """Entries that are read in the same way, whatever their qualifier."""
    found: dict[tuple[Target, Any, Any], list[Pair]] = {}
    for entry, target in zip(note.entries, op.targets, strict=True):
        codec = entry.codec
        way = (codec.read, codec.expects, codec.shortest, codec.longest)
        found.setdefault((target, id(codec) if codec.table else 0, way), []).append(entry)
    return found


def _width(slot: Slot) -> int:
    """As many elements, the tag included, as are looked at by their number; shorter segments are filled up."""
    fixed = [op.element if isinstance(op.note, Pairs) else op.covers[-1] + 1 for op in slot.ops]
    return max([*fixed, 1 + slot.qualifier[0] if slot.qualifier else 1])


def _around(op: Op, target: Target) -> list[tuple[str, ...]]:
    """The objects that must be there before the field can be filled."""
    return [] if isinstance(op.note, CurrencyRow | Size) else [target.parts[:-1]]
