"""Writing a JSON document: a canonical message to plain JSON values, keys in the order of the rows."""

from __future__ import annotations

from typing import Any

from hub.contracts.mapping import Context
from hub.mapping.json_plan import JsonBlock, JsonOp
from hub.mapping.notation import Const, CurrencyRow, Made, Row, Skip, Unit
from hub.mapping.target import Target
from hub.problem import Problem

__all__ = ["JsonWriting"]


class JsonWriting:
    """One message being written. ``nulls``: keys without a value are written as null, else left out."""

    def __init__(self, currency: str, context: Context, *, nulls: bool) -> None:
        self.problems: list[Problem] = []
        self._currency = currency
        self._context = context
        self._nulls = nulls

    def block(self, block: JsonBlock, message: Any, made: dict[str, Any] | None = None) -> dict[str, Any]:
        """The object of a block."""
        made = {} if made is None else made
        for item in block.items:
            if isinstance(item, JsonBlock):
                self._child(item, message, made)
            else:
                self._put(made, item.keys, self._value(item, message))
        return made

    def _child(self, child: JsonBlock, message: Any, made: dict[str, Any]) -> None:
        if child.target is None:
            self._put(made, child.keys, self.block(child, message))
            return
        value = _get(message, child.target)
        if child.many:
            items = child.via.write(value) if child.via else value or ()
            self._put(made, child.keys, [self.block(child, item) for item in items])
        else:
            self._put(made, child.keys, None if value is None else self.block(child, value))

    def _value(self, op: JsonOp, message: Any) -> Any:
        note = op.note
        if isinstance(note, Const):
            return note.text
        if isinstance(note, CurrencyRow):
            return self._currency
        if isinstance(note, Made):
            return note.write(message, self._context)
        if isinstance(note, Unit):
            return self._unit(op, message)
        if isinstance(note, Skip) or (isinstance(note, Row) and note.forbidden):
            return None
        assert isinstance(note, Row)
        value = _get(message, op.targets[0])
        if op.many:
            return [self._said(op, note, item) for item in value or ()]
        if value is None:
            if note.required and note.default is None:
                self._tell("missing_value", op, f"the message has no {op.targets[0].name}")
            return note.default
        return self._said(op, note, value)

    def _said(self, op: JsonOp, note: Row, value: Any) -> Any:
        if note.codec.money:
            if value.currency != self._currency:
                self._tell("currency_differs", op, f"it is in {value.currency}, the document in {self._currency}")
            value = value.amount
        try:
            return note.codec.to_text(value)
        except (LookupError, ValueError, ArithmeticError):
            self._tell("value_not_writable", op, f"{str(value)[:99]!r} cannot be said: {note.codec.expects}")
            return None

    def _unit(self, op: JsonOp, message: Any) -> str | None:
        units = {value.uom for target in op.targets if (value := _get(message, target)) is not None}
        if len(units) > 1:
            self._tell("value_not_writable", op, f"quantities of one object are in {', '.join(sorted(units))}")
        return min(units) if units else None

    def _put(self, made: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
        if value is None and not self._nulls:
            return
        for key in keys[:-1]:
            made = made.setdefault(key, {})
        if keys:
            made[keys[-1]] = value
        elif value:
            made.update(value)

    def _tell(self, code: str, op: JsonOp, words: str) -> None:
        where = "/" + "/".join(op.keys)
        self.problems.append(
            Problem(code=code, message=f"{where}: {words}.", fix="Correct the message.", segment="", loop=where)
        )


def _get(message: Any, target: Target) -> Any:
    for part in target.parts:
        if message is None:
            return None
        message = getattr(message, part)
    return message
