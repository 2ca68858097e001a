"""The rows of a JSON document, bound to the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from hub.canonical.values import Quantity
from hub.errors import Misconfigured
from hub.mapping.notation import Computed, Const, CurrencyRow, Loop, Made, Node, Row, Skip, Unit, Via
from hub.mapping.plan import bound
from hub.mapping.target import Target, bind

__all__ = ["JsonBlock", "JsonOp", "json_plan"]


@dataclass(slots=True, eq=False)
class JsonOp:
    """A row: keys from its block's object to its value, and the fields it fills."""

    note: Node
    keys: tuple[str, ...]
    many: bool
    targets: tuple[Target, ...]


@dataclass(slots=True, eq=False)
class JsonBlock:
    """The document, or an object or list of objects in it. ``target`` None stays with the parent's object."""

    keys: tuple[str, ...]
    many: bool
    target: Target | None
    model: type[BaseModel]
    required: bool
    via: Via | None = None
    ops: list[JsonOp] = field(default_factory=list)
    blocks: list[JsonBlock] = field(default_factory=list)
    items: list[JsonOp | JsonBlock] = field(default_factory=list)
    computed: list[tuple[Computed, Target]] = field(default_factory=list)


def json_plan(rows: tuple[Node, ...], model: type[BaseModel]) -> JsonBlock:
    """Raises Misconfigured, naming the row, for a field that the model has not."""
    root = JsonBlock((), False, None, model, True)
    _fill(root, rows)
    return root


def _fill(block: JsonBlock, rows: tuple[Node, ...]) -> None:
    for node in rows:
        if isinstance(node, Loop):
            child = _loop(block, node)
            block.blocks.append(child)
            block.items.append(child)
        elif isinstance(node, Computed):
            block.computed.append((node, bind(block.model, node.field, f"computed({node.field!r})")))
        else:
            op = _op(block, node)
            block.ops.append(op)
            block.items.append(op)


def _loop(parent: JsonBlock, node: Loop) -> JsonBlock:
    said = f"loop({node.head!r})"
    target = None if node.field == "." else bind(parent.model, node.field, said)
    if target is not None and (target.many != node.head.endswith("[]") or not issubclass(target.kind, BaseModel)):
        raise Misconfigured(
            f"{said}: {node.field} does not hold what this key holds", fix="lists end in [] on both sides"
        )
    model: Any = node.via.model if node.via else target.kind if target else parent.model
    child = JsonBlock(_keys(node.head), node.head.endswith("[]"), target, model, node.required, node.via)
    _fill(child, node.rows)
    return child


def _op(block: JsonBlock, node: Any) -> JsonOp:
    said = f"{type(node).__name__.lower()}({node.wire!r})"
    keys, many = _keys(node.wire), node.wire.endswith("[]")
    if isinstance(node, Const | Skip | Made):
        return JsonOp(node, keys, many, ())
    if isinstance(node, CurrencyRow):
        return JsonOp(node, keys, many, (bind(block.model, node.field, said),) if node.field else ())
    if isinstance(node, Unit):
        targets = tuple(bind(block.model, name, said) for name in node.fields)
        if any(target.kind is not Quantity for target in targets):
            raise Misconfigured(f"{said}: every field must be a Quantity")
        return JsonOp(node, keys, many, targets)
    if not isinstance(node, Row):
        raise Misconfigured(f"{said} does not belong into a JSON document")
    target = bound(block.model, node.field, node.codec, said)
    if target.many != many:
        raise Misconfigured(
            f"{said}: {node.field} does not hold what this key holds", fix="lists end in [] on both sides"
        )
    return JsonOp(node, keys, many, (target,))


def _keys(wire: str) -> tuple[str, ...]:
    return () if wire == "." else tuple(wire.removesuffix("[]").split("."))
