"""Reading a JSON document: rows to plain values, each with the JSON pointer (RFC 6901) it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from hub.contracts.mapping import Context, Unmapped
from hub.mapping.codecs import Codec
from hub.mapping.finish import compute
from hub.mapping.json_plan import JsonBlock, JsonOp
from hub.mapping.notation import Const, CurrencyRow, Made, Row, Skip, Unit
from hub.mapping.target import Target
from hub.mapping.trace import first_faults
from hub.problem import Problem

__all__ = ["JsonReading"]

_LONGEST = 99
_CODE = re.compile(r"[A-Z]{3}").fullmatch
_ABSENT = (None, "")


class JsonReading:
    """One document being read. ``problems`` fills as it goes."""

    def __init__(self, source: Any, context: Context) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._context = context
        self._currency = context.currency
        self._used: set[str] = set()
        self._from: dict[tuple[int, str], str] = {}
        self._objects: dict[int, str] = {}
        self._bad: set[tuple[int, str]] = set()
        self._kept: list[Any] = []

    def document(self, root: JsonBlock) -> dict[str, Any]:
        """The plain values of the whole document."""
        if not isinstance(self._source, dict):
            self._tell("bad_value", "", self._source, "the document must be an object")
            return {}
        for op in root.ops:
            if isinstance(op.note, CurrencyRow):
                self._document_currency(op)
        return self._object(root, self._source, "", {})

    def _document_currency(self, op: JsonOp) -> None:
        value = _get(self._source, op.keys)
        if isinstance(value, str) and _CODE(value):
            self._currency = value
        elif value not in _ABSENT:
            self._tell("bad_value", _pointer("", op.keys), value, "a currency code such as USD is expected")

    def unmapped(self) -> tuple[Unmapped, ...]:
        """Every value that no row has read."""
        found = _leaves(self._source, "")
        return tuple(
            Unmapped(path=pointer, position=None, value=str(value)[:_LONGEST])
            for pointer, value in found
            if pointer not in self._used
        )

    def explain(self, error: ValidationError, root: JsonBlock, data: Any) -> None:
        """What the canonical model found, told by pointer."""
        for fault in first_faults(error):
            self._fault(fault["type"], fault["loc"], fault["msg"].removeprefix("Value error, "), root, data)

    # rows

    def _object(self, block: JsonBlock, source: dict[str, Any], pointer: str, data: dict[str, Any]) -> dict[str, Any]:
        self._objects.setdefault(id(data), pointer)
        for op in block.ops:
            if not isinstance(op.note, Unit):
                self._op(op, source, pointer, data)
        for op in block.ops:
            if isinstance(op.note, Unit):
                self._unit(op, source, pointer, data)
        for child in block.blocks:
            self._child(child, source, pointer, data)
        for note, target in block.computed:
            compute(note, target, data, self._context)
        return data

    def _op(self, op: JsonOp, source: dict[str, Any], pointer: str, data: dict[str, Any]) -> None:
        where = _pointer(pointer, op.keys)
        value = _get(source, op.keys)
        if isinstance(op.note, Skip | Made):
            self._use_all(value, where)
        elif value in _ABSENT:
            if isinstance(op.note, Row) and op.note.required:
                self._missing(op, where, data)
            elif isinstance(op.note, Row) and op.note.default is not None:
                self._take(op.note, op.targets[0], op.note.default, where, data)
            elif isinstance(op.note, CurrencyRow) and op.targets:
                data[op.targets[0].parts[-1]] = self._currency
        elif isinstance(op.note, Const):
            self._used.add(where)
            if value != op.note.text and value not in op.note.also:
                self._tell("bad_value", where, value, f"it must be {op.note.text!r}")
        elif isinstance(op.note, CurrencyRow):
            self._used.add(where)
            if op.targets:
                self._put(op.targets[0], self._currency, where, data)
        elif isinstance(op.note, Row):
            self._row(op, op.note, value, where, data)

    def _row(self, op: JsonOp, note: Row, value: Any, where: str, data: dict[str, Any]) -> None:
        self._used.add(where)
        if note.forbidden:
            self._tell("not_allowed", where, value, f"it must not be sent: {note.why}")
        elif not op.many:
            self._take(note, op.targets[0], value, where, data)
        elif not isinstance(value, list):
            self._tell("bad_value", where, value, "it must be a list")
        else:
            for index, item in enumerate(value):
                self._used.add(f"{where}/{index}")
                self._take(note, op.targets[0], item, f"{where}/{index}", data)

    def _take(self, note: Row, target: Target, value: Any, where: str, data: dict[str, Any]) -> None:
        codec = note.codec
        try:
            made = codec.to_value(value)
        except (LookupError, ValueError, TypeError):
            self._bad.add((id(data), target.parts[0]))
            self._kept.append(data)
            self._tell("bad_value", where, value, f"{codec.expects} is expected")
            return
        if codec.longest is not None and not (codec.shortest or 0) <= len(str(value)) <= codec.longest:
            self._tell("bad_length", where, value, f"it must have {codec.shortest} to {codec.longest} characters")
        self._put(target, self._priced(codec, made), where, data)

    def _priced(self, codec: Codec, value: Any) -> Any:
        return {"amount": value, "currency": self._currency} if codec.money else value

    def _put(self, target: Target, value: Any, where: str, data: dict[str, Any]) -> None:
        for part in target.parts[:-1]:
            data = data.setdefault(part, {})
        key = target.parts[-1]
        self._from[id(data), key] = where
        if target.many:
            data.setdefault(key, []).append(value)
        else:
            data[key] = value

    def _unit(self, op: JsonOp, source: dict[str, Any], pointer: str, data: dict[str, Any]) -> None:
        """One unit for several quantities of the object."""
        where = _pointer(pointer, op.keys)
        unit = self._string(source, op.keys)
        self._used.add(where)
        for target in op.targets:
            quantity = _get(data, target.parts)
            if isinstance(quantity, dict) and unit:
                quantity["uom"] = unit
                self._from[id(quantity), "uom"] = where

    def _child(self, child: JsonBlock, source: dict[str, Any], pointer: str, data: dict[str, Any]) -> None:
        where = _pointer(pointer, child.keys)
        value = _get(source, child.keys)
        if child.target is None:
            if isinstance(value, dict):
                self._object(child, value, where, data)
            return
        if value is None:
            if child.required:
                self._tell("missing_value", where, None, "it is missing")
                self._bad.add((id(data), child.target.parts[0]))
            return
        items = value if child.many else [value]
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            self._used.add(where)
            self._bad.add((id(data), child.target.parts[0]))
            self._tell(
                "bad_value", where, value, "a list of objects is expected" if child.many else "an object is expected"
            )
            return
        made = [
            self._object(child, item, f"{where}/{index}" if child.many else where, {})
            for index, item in enumerate(items)
        ]
        if child.via:
            made = child.via.read(made)
        holder = data
        for part in child.target.parts[:-1]:
            holder = holder.setdefault(part, {})
        self._from[id(holder), child.target.parts[-1]] = where
        if child.many or made[0]:
            holder[child.target.parts[-1]] = made if child.many else made[0]

    def _string(self, source: dict[str, Any], keys: tuple[str, ...]) -> str:
        value = _get(source, keys)
        return value if isinstance(value, str) else ""

    def _use_all(self, value: Any, where: str) -> None:
        self._used.add(where)
        self._used.update(pointer for pointer, _ in _leaves(value, where))

    # problems

    def _missing(self, op: JsonOp, where: str, data: dict[str, Any]) -> None:
        self._bad.add((id(data), op.targets[0].parts[0]))
        self._kept.append(data)
        self._tell("missing_value", where, None, "it is missing")

    def _fault(self, kind: str, location: tuple[int | str, ...], words: str, root: JsonBlock, data: Any) -> None:
        where, block = "", root
        for step in location:
            if isinstance(data, dict):
                if (id(data), str(step)) in self._bad:
                    return
                known = self._from.get((id(data), str(step)))
                guess = next((key for key in _keys_of(block, str(step))), None)
                where = known or (_pointer(where, guess) if guess else where)
                data = data.get(str(step))
                block = next((b for b in block.blocks if b.target and b.target.parts[-1] == step), block)
            else:
                data = data[int(step)] if isinstance(data, list) and int(step) < len(data) else None
                where = self._objects.get(id(data), where)
        if any(holder == id(data) for holder, _ in self._bad):
            return  # the object does not agree with itself because one of its values could not be read
        if kind == "missing" and self.problems and not _keys_of(block, str(location[-1])):
            return  # it is computed from what is missing
        code = "missing_value" if kind == "missing" else "bad_value" if where else "not_consistent"
        self._tell(
            code,
            where,
            None if isinstance(data, dict | list) else data,
            "it is missing" if kind == "missing" else words,
        )

    def _tell(self, code: str, where: str, value: Any, words: str) -> None:
        name = where or "The document"
        fix = "Send it." if code == "missing_value" else "Correct the value and send the document again."
        self.problems.append(
            Problem(
                code=code,
                message=f"{name}: {words}.",
                fix=fix,
                segment=where.rpartition("/")[0],
                value=None if value is None or isinstance(value, dict | list) else str(value)[:_LONGEST],
                loop=where,
            )
        )


def _keys_of(block: JsonBlock, name: str) -> list[tuple[str, ...]]:
    """Keys of the row that fills a field."""
    rows = [op.keys for op in block.ops if isinstance(op.note, Row) and any(name == t.parts[0] for t in op.targets)]
    return rows + [child.keys for child in block.blocks if child.target and child.target.parts[0] == name]


def _get(source: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if isinstance(source, list) and key.isdecimal():
            source = source[int(key)] if int(key) < len(source) else None
        elif isinstance(source, dict):
            source = source.get(key)
        else:
            return None
    return source


def _pointer(above: str, keys: tuple[str, ...]) -> str:
    return above + "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(child, _pointer(pointer, (key,)))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _leaves(child, f"{pointer}/{index}")
    elif value not in _ABSENT:
        yield pointer, value
