"""Messages made from the proven values of their JSON, some times faster than pydantic makes them.

For each model a Python function is generated from pydantic's own schema of it, that fills the frozen object and tests
nothing: what it is given must have passed a `proof`, or be the JSON of a message. What it makes equals what
``model_validate_json`` makes; all its fields count as set.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from pydantic_core import SchemaValidator

from hub.canonical.values import SLOTS, Canonical, Money, Quantity, exact
from hub.mapping.rules import RULES
from hub.mapping.schemas import Schemas
from hub.mapping.source import Source
from hub.mapping.value_objects import DECIMALS, Memo

__all__ = ["Construct", "constructor"]

Construct = Callable[[dict[str, Any]], Any]

_SHARED: dict[type[Canonical], tuple[str, str]] = {Quantity: ("uom", "value"), Money: ("currency", "amount")}
"""Models whose objects serve many messages, with the field that has few values first."""
_NAMES = {"new": object.__new__, **SLOTS, "dates": Memo(date.fromisoformat), "decimals": DECIMALS}


@cache
def _shared(model: type[Canonical], unit: str, number: str) -> Memo:
    """``shared["EA"]["12"]``: the object made of these two values."""
    make = constructor(model)
    return Memo(lambda of: Memo(lambda text: make({number: text, unit: of})), kept=3)


@cache
def constructor(model: type[Canonical]) -> Construct:
    """The function for a model: values of the JSON to the message.

    Raises ValueError where a rule across fields that no proof knows is broken.
    """
    writer = _Writer(model)
    construct: Construct = writer.source.functions(f"making {model.__name__}")[writer.root]
    return construct


class _Writer:
    """Writes the source of one function a model."""

    def __init__(self, model: type[Canonical]) -> None:
        self.source = Source(_NAMES)
        self._schemas = Schemas(model)
        self._made: dict[type, str] = {}
        self.root = self._model(self._schemas.root)

    def _model(self, schema: Any) -> str:
        """The name of the model's function, which is written where it was not yet."""
        model, fields, rules = self._schemas.model(schema)
        if model not in self._made:
            self._made[model] = f"make_{model.__name__}"
            self._write(model, fields, [] if model in RULES else rules)
        return self._made[model]

    def _write(self, model: type[Canonical], fields: dict[str, Any], rules: list[Any]) -> None:
        add, name = self.source.add, self.source.name
        bodies = [line for key, schema in fields.items() for line in self._field(key, schema)]
        start = {key: schema.get("default") for key, schema in fields.items()}
        add(0, f"def {self._made[model]}(d):")
        add(1, f"m = {name(start)} | d")
        for line in bodies:
            add(1, line)
        add(1, f"o = new({name(model)})")
        add(1, "fill(o, m)")
        add(1, f"mark(o, {name(set(fields))})")
        add(1, "extra(o, None)")
        add(1, "private(o, None)")
        for rule in rules:
            add(1, f"o = {name(rule)}(o)")
        add(1, "return o")

    def _field(self, key: str, schema: Any) -> list[str]:
        """Lines that make the value of ``m`` the message's own, where it is not yet."""
        made = self._value(self._schemas.given(schema))
        if made == "v":
            return []
        if schema["type"] != "default":
            return [f"v = m[{key!r}]", f"m[{key!r}] = {made}"]
        return [f"if {key!r} in d:", f"    v = d[{key!r}]", f"    m[{key!r}] = {made}"]

    def _value(self, schema: Any) -> str:
        """The value, made of that of the JSON, ``v``; just ``v`` where they are the same."""
        if self._schemas.is_model(schema):
            model = self._schemas.model(schema)[0]
            if model not in _SHARED:
                return f"{self._model(schema)}(v)"
            unit, number = _SHARED[model]
            return f"{self.source.name(_shared(model, unit, number))}[v[{unit!r}]][v[{number!r}]]"
        if schema["type"] == "tuple":
            made = self._value(self._schemas.item(schema))
            return "tuple(v)" if made == "v" else f"tuple([{made} for v in v])"
        return self._leaf(schema)

    def _leaf(self, schema: Any) -> str:
        while schema["type"] == "function-after" and schema["schema"]["type"] == "str":
            schema = schema["schema"]
        if schema["type"] in {"str", "int", "bool"}:
            return "v"
        if schema["type"] == "function-before" and schema["function"]["function"] is exact:
            return "decimals[v]"
        if schema["type"] == "date":
            return "dates[v]"
        if schema["type"] == "enum":
            return f"{self.source.name({member.value: member for member in schema['members']})}[v]"
        return f"{self.source.name(SchemaValidator(schema).validate_python)}(v)"
