"""What is done when all segments are read: computed fields, and rows required where the model has a default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hub.contracts.mapping import Context
from hub.mapping.notation import Computed, CurrencyRow, Loop, Moment, Row
from hub.mapping.plan import Block, Op, Slot
from hub.mapping.target import Target

__all__ = ["Finish", "Incomplete", "compute", "finish"]

Finish = Callable[[dict[str, Any], str, Context, Any], None]
_Step = Callable[[dict[str, Any], Context, Any], None]


class Incomplete(ValueError):
    """A required row has not come; the traced reading says which."""


def finish(root: Block) -> Finish | None:
    """The function for a mapping; None where there is nothing to do."""
    step = _step(root)
    currency = next(
        (op.targets[0].parts[-1] for slot in root.slots for op in slot.ops if _gives_currency(op)),
        None,
    )
    if step is None and currency is None:
        return None

    def run(data: dict[str, Any], code: str, context: Context, trace: Any) -> None:
        if currency is not None:
            data[currency] = code
        if step is not None:
            step(data, context if context.currency == code else replace(context, currency=code), trace)

    return run


def _gives_currency(op: Op) -> bool:
    return isinstance(op.note, CurrencyRow) and bool(op.targets)


def _step(block: Block) -> _Step | None:
    inner = [(child, step) for child in block.blocks if (step := _step(child)) is not None]
    checks = [(slot, op) for slot in block.slots for op in slot.ops if _unguarded(op)]
    shaped = [child for child in block.blocks if child.via]
    loops = [child for child in block.blocks if child.required and child.target and child.target.optional]
    if not (inner or checks or block.computed or loops or shaped):
        return None

    def run(data: dict[str, Any], context: Context, trace: Any) -> None:
        for child, step in inner:
            for part in _parts(child, data):
                step(part, context, trace)
        for child in shaped:
            _shape(child, data)
        for slot, op in checks:
            _check(slot, op, data, trace)
        for child in loops:
            if child.target and child.target.parts[0] not in data:
                _absent(*_opening(child), data, trace)
        for note, target in block.computed:
            compute(note, target, data, context)

    return run


def _parts(child: Block, data: dict[str, Any]) -> list[dict[str, Any]]:
    if child.target is None:
        return [data]
    value = data.get(child.target.parts[0])
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _opening(child: Block) -> tuple[Slot, Op]:
    assert child.head is not None
    assert child.target is not None
    slot = next(slot for slot in child.slots if slot.head)
    return slot, Op(Loop(head=child.head.head, field=child.target.name, rows=()), child.head, ())


def _shape(child: Block, data: dict[str, Any]) -> None:
    if child.via and child.target and child.target.parts[0] in data:
        data[child.target.parts[0]] = child.via.read(data[child.target.parts[0]])


def _unguarded(op: Op) -> bool:
    """Required by its row, but not by the model."""
    if not (isinstance(op.note, Row | Moment) and op.note.required):
        return False
    target = op.targets[0]
    return target.optional or any(target.guards)


def _check(slot: Slot, op: Op, data: dict[str, Any], trace: Any) -> None:
    here: Any = data
    for part in op.targets[0].parts:
        here = here.get(part) if isinstance(here, dict) else None
    if here is None:
        _absent(slot, op, data, trace)


def _absent(slot: Slot, op: Op, data: dict[str, Any], trace: Any) -> None:
    if trace is None:
        raise Incomplete(str(op.wire))
    trace.absent(data, slot, op)


def compute(note: Computed, target: Target, data: dict[str, Any], context: Context) -> None:
    """Fill a computed field; leave it open where what it follows from is missing or wrong: that is told already."""
    try:
        value = note.read(data, context)
    except (LookupError, ValueError, ArithmeticError):
        return
    if value is None:
        return
    for part in target.parts[:-1]:
        data = data.setdefault(part, {})
    data[target.parts[-1]] = value
