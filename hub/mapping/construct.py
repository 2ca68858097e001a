"""Messages made from plain values by a function of their own, some times faster than pydantic makes them.

For each model a Python function is generated from pydantic's own schema of it: it tests what a line can test (text and
its length, dates, numbers, amounts), gives every other value to pydantic's validator of that field, and fills the
frozen object. What it makes equals what ``model_validate`` makes; all its fields count as set. Where it raises,
``model_validate`` has the word: it may still take the values, and says what is wrong where it does not.

On the way the plain values become those of the message's JSON: nothing is left for `as_json` but to write them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from functools import cache, partial
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic_core import SchemaSerializer, SchemaValidator

from hub.canonical.gs1 import gtin14
from hub.canonical.values import Canonical, Money, Quantity, exact
from hub.mapping.source import Source
from hub.mapping.value_objects import decimal_of, digits, money_of, quantity_of

__all__ = ["NOT_PLAIN", "Construct", "as_json", "constructor"]

Lines = list[tuple[int, str]]
Construct = Callable[[dict[str, Any]], Any]
NOT_PLAIN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What a constructor raises for values that it does not take."""

_SHARED: dict[type[Canonical], tuple[Any, str, str]] = {
    Quantity: (quantity_of, "value", "uom"),
    Money: (money_of, "amount", "currency"),
}
_MISSING = object()
"""In place of a required field that has not come; no test and no validator takes it."""
_HUGE = 1 << 63
"""Larger numbers are left to pydantic: orjson does not write them."""
_TEXT = {"type", "min_length", "max_length", "metadata"}
_NAMES = {
    "new": object.__new__,
    "fill": vars(BaseModel)["__dict__"].__set__,
    "mark": vars(BaseModel)["__pydantic_fields_set__"].__set__,
    "extra": vars(BaseModel)["__pydantic_extra__"].__set__,
    "private": vars(BaseModel)["__pydantic_private__"].__set__,
    "date": date,
    "gtin14": gtin14,
    "decimal_of": decimal_of,
    "digits": digits,
}


@cache
def constructor(model: type[Canonical]) -> Construct:
    """The function for a model: plain values to the message, and in place to those of its JSON. Raises `NOT_PLAIN`."""
    writer = _Writer(model.__pydantic_core_schema__)
    construct: Construct = writer.source.functions(f"making {model.__name__}")[writer.root]
    return construct


def as_json(plain: Any) -> bytes:
    """The JSON of a message whose plain values went through its constructor; nothing is null in it."""
    return orjson.dumps(plain)


class _Writer:
    """Writes the source of one function a model."""

    def __init__(self, schema: Any) -> None:
        self.source = Source(_NAMES)
        self._definitions: dict[str, Any] = {}
        self._made: dict[type, str] = {}
        self.root = self._model(schema)

    def _resolved(self, schema: Any) -> Any:
        if schema["type"] == "definitions":
            self._definitions |= {definition["ref"]: definition for definition in schema["definitions"]}
            return self._resolved(schema["schema"])
        return self._definitions[schema["schema_ref"]] if schema["type"] == "definition-ref" else schema

    def _model(self, schema: Any) -> str:
        """The name of the model's function, which is written where it was not yet."""
        schema, checks = self._resolved(schema), []
        while schema["type"] == "function-after":
            checks.append(schema["function"]["function"])
            schema = self._resolved(schema["schema"])
        model = schema["cls"]
        if model not in self._made:
            self._made[model] = f"make_{model.__name__}"
            self._write(model, schema["schema"]["fields"], checks)
        return self._made[model]

    def _write(self, model: type[BaseModel], fields: dict[str, Any], checks: list[Any]) -> None:
        add, name = self.source.add, self.source.name
        schemas = {key: self._resolved(field["schema"]) for key, field in fields.items()}
        start = {key: schema.get("default", _MISSING) for key, schema in schemas.items()}
        bodies = [self._field(key, schema) for key, schema in schemas.items()]
        add(0, f"def {self._made[model]}(d):")
        add(1, f"m = {name(start)} | d")
        add(1, f"if len(m) != {len(fields)}: raise ValueError(d)")
        for depth, line in itertools.chain.from_iterable(bodies):
            add(1 + depth, line)
        add(1, f"o = new({name(model)})")
        add(1, "fill(o, m)")
        add(1, f"mark(o, {name(set(fields))})")
        add(1, "extra(o, None)")
        add(1, "private(o, None)")
        for check in checks:
            add(1, f"o = {name(check)}(o)")
        add(1, "return o")

    def _field(self, key: str, schema: Any) -> Lines:
        """Lines that make the value of ``m`` the message's own, and that of ``d`` the JSON's."""
        first = (0, f"v = m[{key!r}]")
        if schema["type"] != "default":
            return [first, *self._value(key, schema)]
        usual, inner = schema["default"], self._resolved(schema["schema"])
        if inner["type"] == "nullable":
            inner = self._resolved(inner["schema"])
        given = [(1 + depth, line) for depth, line in self._value(key, inner)]
        if usual is None:
            absent = [(0, "if v is None:"), (1, f"if {key!r} in d: del d[{key!r}]")]
        else:
            absent = [(0, f"if v is {self.source.name(usual)}:"), (1, f"d[{key!r}] = v")]
        return [first, *absent, (0, "else:"), *given]

    def _value(self, key: str, schema: Any) -> Lines:
        """Lines for a value ``v`` that is given."""
        both = f"m[{key!r}] = d[{key!r}]"
        kind = schema["type"]
        if _is_model(schema):
            return self._object(key, schema)
        if kind == "tuple" and _is_model(self._resolved(schema["items_schema"][0])):
            few = schema.get("min_length", 0)
            test = "v.__class__ is not list and v.__class__ is not tuple" + (f" or len(v) < {few}" if few else "")
            made = f"m[{key!r}] = tuple([{self._model(schema['items_schema'][0])}(i) for i in v])"
            return [(0, f"if {test}: raise ValueError(v)"), (0, made)]
        if kind == "function-before" and schema["function"]["function"] is exact:
            return [(0, f"m[{key!r}], d[{key!r}] = decimal_of(v if v.__class__ is str else digits(v))")]
        if kind == "function-after" and schema["function"]["function"] is gtin14:
            return [(0, f"{both} = gtin14(v)")]
        judge = self.source.name(SchemaValidator(schema).validate_python)
        if test := self._test(schema):
            return [(0, f"if {test}: {both} = {judge}(v)")]
        said = self.source.name(partial(SchemaSerializer(schema).to_python, mode="json"))
        huge = [(0, f"if not {-_HUGE} < v < {_HUGE}: raise ValueError(v)")] if kind == "int" else []
        return [(0, f"v = m[{key!r}] = {judge}(v)"), *huge, (0, f"d[{key!r}] = {said}(v)")]

    def _test(self, schema: Any) -> str:
        """True where the value is not plainly good."""
        if schema["type"] == "str" and set(schema) <= _TEXT:
            low, high = schema.get("min_length", 0), schema.get("max_length", 1 << 62)
            return f"v.__class__ is not str or not {low} <= len(v) <= {high}"
        if schema["type"] == "date":
            return "v.__class__ is not date"
        if schema["type"] == "enum":
            return f"v.__class__ is not {self.source.name(schema['cls'])}"
        return ""

    def _object(self, key: str, schema: Any) -> Lines:
        shared = _SHARED.get(schema.get("cls"))
        if shared is None:
            model = schema["cls"] if "cls" in schema else schema["schema"]["cls"]
            judge = self.source.name(model.__pydantic_validator__.validate_python)
            return [
                (0, f"if v.__class__ is dict: m[{key!r}] = {self._model(schema)}(v)"),
                (0, f"else: v = m[{key!r}] = {judge}(v); d[{key!r}] = v.model_dump(mode='json', exclude_none=True)"),
            ]
        function, number, unit = shared
        return [
            (0, "if len(v) != 2: raise ValueError(v)"),
            (0, f"a = v[{number!r}]"),
            (0, "if a.__class__ is not str: a = digits(a)"),
            (0, f"m[{key!r}], d[{key!r}] = {self.source.name(function)}(a, v[{unit!r}])"),
        ]


def _is_model(schema: Any) -> bool:
    return schema["type"] == "model" or (schema["type"] == "function-after" and "cls" in schema["schema"])
