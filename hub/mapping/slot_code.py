"""The source of one function a slot: what is done with one segment.

It comes in two versions. The quick one proves each value to be what the model takes and stores it as its JSON has it;
it raises where it does not take one. The traced one leaves the values as they are and tells a `Trace` where each came
from. Rows below a `Via` fill no message yet, and their values are left as they are too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.mapping.cells import Cells
from hub.mapping.codecs import Codec
from hub.mapping.moments import read_moment
from hub.mapping.notation import Const, Count, CurrencyRow, Moment, Pair, Pairs, Row, Size, Skip, Spread
from hub.mapping.placing import Placing
from hub.mapping.plan import Op, Slot
from hub.mapping.schemas import Schemas, text_limits
from hub.mapping.source import Source
from hub.mapping.target import Target
from hub.mapping.value_objects import amounts, quantities, value_of, values

__all__ = ["SlotWriter", "Stop"]

_WIDEST = 64
"""More than the elements of any segment."""


class Stop(Exception):
    """A signal inside this package: the quick reading cannot go on; the traced one will say why."""


class SlotWriter:
    """Writes ``s<number>(s, c)`` for each slot. ``d`` is the object of its block, ``x0`` … objects in it."""

    def __init__(self, cells: Cells, placing: Placing, *, traced: bool) -> None:
        self.source = Source({"read_moment": read_moment, "Stop": Stop, "pads": [""] * _WIDEST})
        self._cells = cells
        self._placing = placing
        self._traced = traced
        self._boxes: dict[tuple[str, ...], str] = {}
        self._schemas: Schemas | None = None
        """Of the model whose values are proven as they are read; None where they are left as they are."""

    def slot(self, slot: Slot) -> None:
        """Write the function."""
        add = self.source.add
        self._schemas = None if self._traced or slot.block.reshaped else Schemas(slot.block.model)
        add(0, f"def s{slot.number}(s, c):")
        add(1, "n = len(s)")
        width = _width(slot)
        add(1, f"e = s if n >= {width} else s + pads[n - {width}:]")
        self._open(slot)
        if self._traced:
            add(1, f"t = c[{self._cells.trace}]")
            add(1, f"t.open(d, s, {self.source.name(slot)})")
        once = not slot.head or slot.block.same
        counted = self._quantities(slot)
        self._boxes = {(): "d"}
        for path in dict.fromkeys(path for op in slot.ops for target in op.targets for path in _around(op, target)):
            if path not in counted:
                self._box(path, fresh=not once)
        for op in slot.ops:
            quantity = next((path for path, pair in counted.items() if op in pair), None)
            if quantity is None:
                self._op(op, once)
            elif op is counted[quantity][1]:
                self._quantity(quantity, *counted[quantity], once=once)
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
        self._box(path[:-1], fresh=fresh)
        name = self._boxes[path] = f"x{len(self._boxes)}"
        known = "" if fresh else f"{self._boxes[path[:-1]]}.get({path[-1]!r}) or "
        self.source.add(1, f"{name} = {known}{{}}")

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
        depth = 1
        if note.required and not self._traced:
            add(depth, "if not v: raise Stop")
        else:
            add(depth, "if v:")
            depth += 1
        if once and not target.many:
            depth = self._once(depth, target, op.element)
        self._store(depth, op, note.codec, target, str(op.element))

    def _once(self, depth: int, target: Target, *elements: int) -> int:
        """What comes a second time is not read."""
        box = self._boxes[target.parts[:-1]]
        self.source.add(depth, f"if {target.parts[-1]!r} in {box}: {'; '.join(map(self._lose, elements))}")
        self.source.add(depth, "else:")
        return depth + 1

    def _store(self, depth: int, op: Op, codec: Codec, target: Target, element: str) -> None:
        """Put ``v`` through the codec into its field."""
        add, box, key = self.source.add, self._boxes[target.parts[:-1]], target.parts[-1]
        schema = self._schemas and self._schemas.item(self._schemas.at(target.parts))
        longest = _text_limit(codec, schema) if schema else 0
        value = "v" if longest else self._proven(codec, schema) if schema else self._read(codec)
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
            if longest:
                add(depth, f"if len(v) > {longest}: raise Stop")
            add(depth, place)
            return
        add(depth, "try:")
        add(depth + 1, place)
        add(depth + 1, f"t.at({told})")
        add(depth, "except (LookupError, ValueError, ArithmeticError):")
        add(depth + 1, f"t.bad({told}, {codec.expects!r})")

    def _read(self, codec: Codec) -> str:
        """The value as its codec reads it."""
        if codec.table is not None:
            table = self.source.name(codec.codes)
            value = f"{table}.get(v, v)" if codec.others else f"{table}[v]"
        else:
            value = "v" if codec.read is None else f"{self.source.name(codec.read)}(v)"
        return f"{{'amount': {value}, 'currency': c[{self._cells.currency}]}}" if codec.money else value

    def _proven(self, codec: Codec, schema: Any) -> str:
        """The value as the JSON has it, proven."""
        if codec.money:
            return f"{self.source.name(amounts(codec.read))}[c[{self._cells.currency}]][v]"
        return f"{self.source.name(_known(codec, schema))}[v]"

    def _quantities(self, slot: Slot) -> dict[tuple[str, ...], tuple[Op, Op]]:
        """Quantities that two plain rows of the slot make, as pairs of number and unit."""
        found: dict[tuple[str, ...], dict[str, Op]] = {}
        for op in slot.ops:
            if self._schemas and isinstance(op.note, Row) and _is_plain(op.note):
                *path, key = op.targets[0].parts
                found.setdefault(tuple(path), {})[key] = op
        return {
            path: (ops["value"], ops["uom"])
            for path, ops in found.items()
            if ops.keys() == {"value", "uom"} and self._schemas and self._schemas.is_quantity(path)
        }

    def _quantity(self, path: tuple[str, ...], number: Op, unit: Op, *, once: bool) -> None:
        """Both values at once: the same few quantities come again and again."""
        assert self._schemas
        assert isinstance(number.note, Row)
        assert isinstance(unit.note, Row)
        add, box = self.source.add, self._boxes[path[:-1]]
        known = self.source.name(
            quantities(_known(unit.note.codec, self._schemas.at((*path, "uom"))), number.note.codec.read)
        )
        add(1, f"v, u = e[{number.element}], e[{unit.element}]")
        depth = 1
        if number.note.required or unit.note.required:
            add(1, "if not v or not u: raise Stop")
        else:
            add(1, "if v and u:")
            depth += 1
        if once:
            add(depth, f"if {path[-1]!r} in {box}: {self._lose(number.element)}; {self._lose(unit.element)}")
            add(depth, "else:")
            depth += 1
        add(depth, f"{box}[{path[-1]!r}] = {known}[u][v]")
        if not (number.note.required or unit.note.required):
            add(1, "elif v or u: raise Stop")

    def _pairs(self, op: Op, note: Pairs) -> None:
        add, last = self.source.add, op.element + 2 * note.most
        add(1, f"k, last = {op.element}, n if n < {last} else {last}")
        add(1, "while k < last:")
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
        add(2, "k += 2")

    def _spread(self, op: Op, note: Spread) -> None:
        add, (target,) = self.source.add, op.targets
        box, key = self._boxes[target.parts[:-1]], target.parts[-1]
        add(1, f"for v in s[{op.element}:{op.element + note.across}]:")
        add(2, "if v:")
        if self._schemas:
            longest = _text_limit(note.codec, self._schemas.item(self._schemas.at(target.parts)))
            add(3, f"if len(v) > {longest}: raise Stop")
        add(3, f"{box}.setdefault({key!r}, []).append(v)")
        if self._traced:
            add(1, f"t.at({box}, {key!r}, s, {op.element}, {self.source.name(op)})")

    def _moment(self, op: Op, note: Moment, once: bool) -> None:
        add, (target,) = self.source.add, op.targets
        box, key = self._boxes[target.parts[:-1]], target.parts[-1]
        parts = [f"e[{at}]" if at else "''" for at in (op.element, note.time, note.zone)]
        add(1, f"if e[{op.element}]:")
        depth = self._once(2, target, op.element) if once else 2
        value = f"read_moment({', '.join(parts)}, c[{self._cells.context}])"
        if self._schemas:
            value = f"{self.source.name(value_of(self._schemas.at(target.parts)))}({value})"
        store = f"{box}[{key!r}] = {value}"
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


def _known(codec: Codec, schema: Any) -> Mapping[str, Any]:
    """Texts of an element and the values of the JSON, proven."""
    prove = value_of(schema)
    if codec.table is None:
        return values(codec.read, prove)
    if codec.others:
        return values(_meaning(codec.codes), prove)
    return {text: prove(meaning) for text, meaning in codec.codes.items()}


def _text_limit(codec: Codec, schema: Any) -> int:
    """The longest that is taken where the element's text is the value; 0 where it is not."""
    limits = text_limits(schema) if codec.table is None and codec.read is None else None
    return limits[1] if limits else 0


def _meaning(codes: Mapping[str, Any]) -> Callable[[str], Any]:
    return lambda text: codes.get(text, text)


def _is_plain(note: Row) -> bool:
    return not note.forbidden and note.default is None and note.codec.longest is None


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
