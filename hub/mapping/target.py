"""Fields of the canonical model, named by dotted paths and bound at import."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from hub.errors import Misconfigured

__all__ = ["Target", "bind"]


@dataclass(frozen=True, slots=True)
class Target:
    """A bound path. ``kind``: the type at its end, of one item where ``many``. ``guards``: for each part but the last,
    whether it may be None. ``optional``: whether the field itself has a default.
    """

    parts: tuple[str, ...]
    kind: type
    many: bool
    guards: tuple[bool, ...]
    optional: bool

    @property
    def name(self) -> str:
        return ".".join(self.parts) + ("[]" if self.many else "")


def bind(model: type[BaseModel], path: str, said_by: str) -> Target:
    """The field of ``model`` at ``path``. Raises Misconfigured, naming the row, where there is none."""
    many = path.endswith("[]")
    parts = tuple(path.removesuffix("[]").split("."))
    guards: list[bool] = []
    owner: Any = model
    optional = False
    for index, part in enumerate(parts):
        if not (isinstance(owner, type) and issubclass(owner, BaseModel)) or part not in owner.model_fields:
            raise _unknown(model, path, said_by, owner, part)
        info = owner.model_fields[part]
        owner, nullable, is_list = _unwrap(info.annotation)
        optional = not info.is_required()
        last = index == len(parts) - 1
        if (last and is_list != many) or (is_list and not last):
            raise Misconfigured(
                f"{said_by}: {path} of {model.__name__} is {'a list' if is_list else 'no list'}",
                fix=f"write {path.removesuffix('[]')}[]" if is_list else "leave the [] away",
            )
        if not last:
            guards.append(nullable)
    return Target(parts=parts, kind=owner, many=many, guards=tuple(guards), optional=optional)


def _unknown(model: type[BaseModel], path: str, said_by: str, owner: Any, part: str) -> Misconfigured:
    fields = ", ".join(owner.model_fields) if isinstance(owner, type) and issubclass(owner, BaseModel) else "none"
    return Misconfigured(
        f"{said_by}: {model.__name__} has no field {path!r}",
        fix=f"{part!r} must be one of: {fields}",
        row=said_by,
    )


def _unwrap(annotation: Any) -> tuple[Any, bool, bool]:
    """The type itself, whether it may be None, whether it is a tuple of it."""
    nullable = many = False
    while True:
        origin = typing.get_origin(annotation)
        arguments = typing.get_args(annotation)
        if origin is typing.Annotated:
            annotation = arguments[0]
        elif origin in (typing.Union, types.UnionType):
            nullable = nullable or type(None) in arguments
            (annotation,) = (argument for argument in arguments if argument is not type(None))
        elif origin is tuple:
            many, annotation = True, arguments[0]
        else:
            return annotation, nullable, many
