"""Pydantic's own schema of a model, as far as the generated functions read it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from hub.canonical.values import Canonical, Quantity

__all__ = ["Schemas", "text_limits"]

_TEXT = {"type", "min_length", "max_length", "metadata"}


class Schemas:
    """The schemas of a model and of all that it holds."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._definitions: dict[str, Any] = {}
        self.root = self.resolved(model.__pydantic_core_schema__)

    def resolved(self, schema: Any) -> Any:
        """Without references."""
        if schema["type"] == "definitions":
            self._definitions |= {definition["ref"]: definition for definition in schema["definitions"]}
            return self.resolved(schema["schema"])
        return self._definitions[schema["schema_ref"]] if schema["type"] == "definition-ref" else schema

    def model(self, schema: Any) -> tuple[type[Canonical], dict[str, Any], list[Any]]:
        """A model, the schemas of its fields, and its rules across fields."""
        schema, rules = self.resolved(schema), []
        while schema["type"] == "function-after":
            rules.append(schema["function"]["function"])
            schema = self.resolved(schema["schema"])
        fields = {key: self.resolved(field["schema"]) for key, field in schema["schema"]["fields"].items()}
        return schema["cls"], fields, rules

    def is_model(self, schema: Any) -> bool:
        """Whether it is an object with fields."""
        schema = self.resolved(schema)
        while schema["type"] == "function-after":
            schema = self.resolved(schema["schema"])
        return bool(schema["type"] == "model")

    def is_quantity(self, parts: tuple[str, ...]) -> bool:
        """Whether the value at a path is a `Quantity`."""
        schema = self.at(parts)
        return self.is_model(schema) and self.model(schema)[0] is Quantity

    def given(self, schema: Any) -> Any:
        """The schema of a field whose value is neither absent nor None."""
        while schema["type"] in {"default", "nullable"}:
            schema = self.resolved(schema["schema"])
        return schema

    def at(self, parts: tuple[str, ...]) -> Any:
        """The schema of the value at a path."""
        schema = self.root
        for part in parts:
            schema = self.given(self.model(schema)[1][part])
        return schema

    def item(self, schema: Any) -> Any:
        """The schema of one item of a list; of anything else the same."""
        return self.resolved(schema["items_schema"][0]) if schema["type"] == "tuple" else schema


def text_limits(schema: Any) -> tuple[int, int] | None:
    """Shortest and longest, where any text between them is taken as it is; else None."""
    if schema["type"] != "str" or not set(schema) <= _TEXT:
        return None
    return schema.get("min_length", 0), schema.get("max_length", 1 << 62)
