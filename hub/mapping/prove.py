"""Plain values of a message proven to be what its model takes, and turned in place into the values of its JSON.

For each model a function is generated from pydantic's own schema of it. What passes, ``model_validate`` takes, and the
message has just this JSON: so the message itself can wait until somebody wants it (`construct`). Where the function
raises, ``model_validate`` has the word: it may still take the values, and says what is wrong where it does not.

A model's rules across fields need the message, but for those that `RULES` say of the values too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic_core import to_jsonable_python

from hub.canonical.values import Canonical
from hub.mapping.rules import RULES
from hub.mapping.schemas import Schemas, text_limits
from hub.mapping.source import Source
from hub.mapping.value_objects import NUMBERS, digits, value_of, values

__all__ = ["NOT_PLAIN", "Proof", "proof", "value_proof"]

Lines = list[tuple[int, str]]
NOT_PLAIN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What a proof raises for values that it does not take."""


@dataclass(frozen=True, slots=True)
class Proof:
    """``prove`` gives the values back or raises `NOT_PLAIN`. ``whole``: making the message proves nothing more."""

    prove: Callable[[Any], Any]
    whole: bool


def value_proof(schemas: Schemas, schema: Any) -> Proof:
    """The proof of a value of any kind; its ``prove`` gives the value of the JSON."""
    if schemas.is_model(schema):
        return proof(schemas.model(schema)[0])
    if schema["type"] != "tuple" or not schemas.is_model(schemas.item(schema)):
        return Proof(value_of(schema), whole=True)
    inner, least = proof(schemas.model(schemas.item(schema))[0]), schema.get("min_length", 0)

    def prove(values: Sequence[Any]) -> list[Any]:
        if len(values) < least:
            raise ValueError(values)
        return [inner.prove(value) for value in values]

    return Proof(prove, inner.whole)


@cache
def proof(model: type[Canonical], *, leaves: bool = True) -> Proof:
    """Without ``leaves`` only that everything is there: each value that is no object is proven already."""
    writer = _Writer(model, leaves=leaves)
    return Proof(writer.source.functions(f"proving {model.__name__}")["prove"], writer.whole)


class _Writer:
    """Writes the source of the function."""

    def __init__(self, model: type[Canonical], *, leaves: bool) -> None:
        self.source = Source({"numbers": NUMBERS, "digits": digits})
        self.whole = True
        self._leaves = leaves
        self._schemas = Schemas(model)
        self._variables = 0
        self.source.add(0, "def prove(d):")
        for depth, line in self._object("d", self._schemas.root):
            self.source.add(1 + depth, line)
        self.source.add(1, "return d")

    def _variable(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    def _object(self, box: str, schema: Any) -> Lines:
        """Lines for the object in the variable ``box``."""
        model, fields, rules = self._schemas.model(schema)
        lines: Lines = []
        if self._leaves:
            unknown = f"not {box}.keys() <= {self.source.name(frozenset(fields))}"
            if all(field["type"] != "default" for field in fields.values()):
                unknown = f"len({box}) != {len(fields)}"
            lines += [(0, f"if {box}.__class__ is not dict or {unknown}: raise ValueError({box})")]
        elif self._is_full(fields):
            lines += [(0, f"if len({box}) != {len(fields)}: raise ValueError({box})")]
            fields = {}
        for key, field in fields.items():
            lines += self._field(box, key, field)
        if rules and model in RULES:
            lines += [(0, f"{self.source.name(RULES[model])}({box})")]
        elif rules:
            self.whole = False
        return lines

    def _is_full(self, fields: dict[str, Any]) -> bool:
        """All of them must be there, and none holds others."""
        return not any(
            field["type"] in {"default", "tuple"} or self._schemas.is_model(field) for field in fields.values()
        )

    def _field(self, box: str, key: str, schema: Any) -> Lines:
        name = self._variable()
        given = self._value(box, key, name, self._schemas.given(schema))
        if schema["type"] != "default":
            absent = [(0, f"if {key!r} not in {box}: raise ValueError({key!r})")]
            return [(0, f"{name} = {box}[{key!r}]"), *given] if given else absent
        if schema["default"] is None:
            return self._optional(box, key, name, given)
        usual = [(0, f"if {key!r} not in {box}: {box}[{key!r}] = {to_jsonable_python(schema['default'])!r}")]
        given = [(0, f"{name} = {box}[{key!r}]"), *given] if given else []
        return [*usual, *([(0, "else:")] if given else []), *_deeper(given)]

    def _optional(self, box: str, key: str, name: str, given: Lines) -> Lines:
        if not given:
            return []
        absent = [(0, f"elif {key!r} in {box}: del {box}[{key!r}]")] if self._leaves else []
        return [(0, f"{name} = {box}.get({key!r})"), (0, f"if {name} is not None:"), *_deeper(given), *absent]

    def _value(self, box: str, key: str, name: str, schema: Any) -> Lines:
        """Lines for a value, in the variable ``name``, that is given."""
        if self._schemas.is_model(schema):
            return self._object(name, schema)
        if schema["type"] == "tuple" and self._schemas.is_model(self._schemas.item(schema)):
            return self._list(name, schema)
        if not self._leaves:
            return []
        prove, limits = value_of(schema), text_limits(schema)
        if values(None, prove) is NUMBERS:
            return [(0, f"{box}[{key!r}] = numbers[{name}] if {name}.__class__ is str else digits({name})")]
        if schema["type"] == "str" and limits is None:
            return [(0, f"{box}[{key!r}] = {self.source.name(values(None, prove))}[{name}]")]
        value = f"{box}[{key!r}] = {self.source.name(prove)}({name})"
        if limits is None:
            return [(0, value)]
        return [(0, f"if {name}.__class__ is not str or not {limits[0]} <= len({name}) <= {limits[1]}: {value}")]

    def _list(self, name: str, schema: Any) -> Lines:
        entry, least = self._variable(), schema.get("min_length", 0)
        inner = self._object(entry, self._schemas.item(schema))
        lines: Lines = []
        if self._leaves:
            lines += [
                (0, f"if {name}.__class__ is not list and {name}.__class__ is not tuple: raise ValueError({name})")
            ]
        if least > (not self._leaves):  # rows leave no list empty
            lines += [(0, f"if len({name}) < {least}: raise ValueError({name})")]
        return [*lines, *([(0, f"for {entry} in {name}:")] if inner else []), *_deeper(inner)]


def _deeper(lines: Lines) -> Lines:
    return [(1 + depth, line) for depth, line in lines]
