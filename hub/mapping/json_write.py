"""Writing a JSON document, compiled: for one mapping, a Python function a block, made from its rows.

A function gets a canonical object and the `JsonDesk`, and gives plain JSON values, keys in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.contracts.mapping import Context
from hub.mapping.codecs import Codec
from hub.mapping.json_plan import JsonBlock, JsonOp
from hub.mapping.notation import Const, CurrencyRow, Made, Row, Skip, Unit
from hub.mapping.source import Source
from hub.mapping.target import Target
from hub.problem import Problem

__all__ = ["JsonDesk", "JsonWriter", "json_writer"]


class JsonDesk:
    """One message being written: what its rows may ask for, and the problems found."""

    def __init__(self, currency: str, context: Context) -> None:
        self.problems: list[Problem] = []
        self.currency = currency
        self.context = context

    def absent(self, op: JsonOp) -> None:
        """A required row has no value."""
        self._tell("missing_value", op, f"the message has no {op.targets[0].name}")

    def bad(self, op: JsonOp, codec: Codec, value: Any) -> None:
        """The codec has no text for the value."""
        self._tell("value_not_writable", op, f"{str(value)[:99]!r} cannot be said: {codec.expects}")

    def other_currency(self, op: JsonOp, currency: str) -> None:
        """One document, one currency."""
        self._tell("currency_differs", op, f"it is in {currency}, the document in {self.currency}")

    def unit(self, op: JsonOp, *quantities: Any) -> str | None:
        """The one unit of several quantities."""
        units = {quantity.uom for quantity in quantities if quantity is not None}
        if len(units) > 1:
            self._tell("value_not_writable", op, f"quantities of one object are in {', '.join(sorted(units))}")
        return min(units) if units else None

    def _tell(self, code: str, op: JsonOp, words: str) -> None:
        where = "/" + "/".join(op.keys)
        self.problems.append(
            Problem(code=code, message=f"{where}: {words}.", fix="Correct the message.", segment="", loop=where)
        )


JsonWriter = Callable[[Any, JsonDesk], dict[str, Any]]


def json_writer(root: JsonBlock, document: str, *, nulls: bool) -> JsonWriter:
    """``nulls``: keys without a value are written as null, else left out."""
    writing = _Writer(nulls=nulls)
    name = writing.block(root)
    made: JsonWriter = writing.source.functions(f"writing {document}")[name]
    return made


class _Writer:
    """Writes the source of one function a block."""

    def __init__(self, *, nulls: bool) -> None:
        self.source = Source({"faults": (LookupError, ValueError, ArithmeticError)})
        self._nulls = nulls
        self._blocks = 0
        self._lines: list[tuple[int, str]] = []

    def block(self, block: JsonBlock) -> str:
        """The name of the block's function."""
        name, self._blocks = f"block{self._blocks}", self._blocks + 1
        around, self._lines = self._lines, []
        self._add(0, f"def {name}(m, desk):")
        self._add(1, "out = {}")
        for item in block.items:
            if isinstance(item, JsonBlock):
                self._child(item)
            else:
                self._row(item)
        self._add(1, "return out")
        for depth, line in self._lines:
            self.source.add(depth, line)
        self._lines = around
        return name

    def _add(self, depth: int, line: str) -> None:
        self._lines.append((depth, line))

    def _child(self, child: JsonBlock) -> None:
        name = self.block(child)
        if child.target is None:
            self._add(1, f"v = {name}(m, desk)")
        elif child.many:
            items = f"{self.source.name(child.via.write)}(v)" if child.via else "v or ()"
            self._add(1, f"v = {_get(child.target)}")
            self._add(1, f"v = [{name}(i, desk) for i in {items}]")
        else:
            self._add(1, f"v = {_get(child.target)}")
            self._add(1, f"if v is not None: v = {name}(v, desk)")
        self._put(child.keys)

    def _row(self, op: JsonOp) -> None:
        note = op.note
        if isinstance(note, Row) and not note.forbidden:
            self._value(op, note)
        else:
            self._add(1, f"v = {self._fixed(op)}")
        self._put(op.keys)

    def _fixed(self, op: JsonOp) -> str:
        """What a row that no codec writes gives."""
        note = op.note
        if isinstance(note, Const):
            return self.source.name(note.text)
        if isinstance(note, CurrencyRow):
            return "desk.currency"
        if isinstance(note, Made):
            return f"{self.source.name(note.write)}(m, desk.context)"
        if isinstance(note, Unit):
            return f"desk.unit({', '.join([self.source.name(op), *map(_get, op.targets)])})"
        if isinstance(note, Skip | Row):
            return "None"
        raise AssertionError(note)

    def _value(self, op: JsonOp, note: Row) -> None:
        add, (target,) = self._add, op.targets
        if op.many:
            add(1, f"every = {_get(target)}")
            add(1, "said = []")
            add(1, "for v in every or ():")
            self._text(2, op, note.codec)
            add(2, "said.append(v)")
            add(1, "v = said")
            return
        add(1, f"v = {_get(target)}")
        add(1, "if v is None:")
        if note.default is not None:
            add(2, f"v = {note.default!r}")
        else:
            add(2, f"desk.absent({self.source.name(op)})" if note.required else "pass")
        add(1, "else:")
        add(2, "pass")  # a text is its own
        self._text(2, op, note.codec)

    def _text(self, depth: int, op: JsonOp, codec: Codec) -> None:
        """``v``, which is a value, becomes the JSON's."""
        add, said = self._add, f"{self.source.name(op)}, {self.source.name(codec)}"
        if codec.money:
            add(depth, f"if v.currency != desk.currency: desk.other_currency({self.source.name(op)}, v.currency)")
            add(depth, "v = v.amount")
        if codec.table is None and codec.write is None:
            if codec.kinds != (str,):
                add(depth, "v = str(v)")
            return
        if codec.table is not None:
            table = self.source.name(codec.outward)
            made = f"{table}.get(v, v)" if codec.others else f"{table}[v]"
        else:
            made = f"{self.source.name(codec.write)}(v)"
        add(depth, "try:")
        add(depth + 1, f"v = {made}")
        add(depth, "except faults:")
        add(depth + 1, f"v = desk.bad({said}, v)")

    def _put(self, keys: tuple[str, ...]) -> None:
        """``v`` at its keys; without keys its own ones."""
        if not keys:
            self._add(1, "if v: out.update(v)")
            return
        depth = 1
        if not self._nulls:
            self._add(1, "if v is not None:")
            depth = 2
        holder = "out" + "".join(f".setdefault({key!r}, {{}})" for key in keys[:-1])
        self._add(depth, f"{holder}[{keys[-1]!r}] = v")


def _get(target: Target) -> str:
    """An expression for the field's value; None where something on the way is None."""
    here = "m"
    guards = []
    for part, nullable in zip(target.parts, (*target.guards, False), strict=True):
        here = f"{here}.{part}"
        if nullable:
            guards.append(here)
    return f"(None if {' or '.join(f'{guard} is None' for guard in guards)} else {here})" if guards else here
