"""What is done when all segments are read: computed fields, lists cut differently, and rows that must have come.

One Python function a mapping, its source made from the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.contracts.mapping import Context
from hub.mapping.notation import Computed, CurrencyRow, Loop, Moment, Row
from hub.mapping.plan import Block, Op, Slot
from hub.mapping.prove import value_proof
from hub.mapping.schemas import Schemas
from hub.mapping.source import Source
from hub.mapping.target import Target

__all__ = ["Finish", "Incomplete", "compute", "finish"]

Finish = Callable[[dict[str, Any], str, Context, Any], None]
"""Data of the document, its currency, the context, the trace or None."""
_OPEN = (LookupError, ValueError, ArithmeticError)
"""What a computed field follows from is missing or wrong: that is told already."""


class Incomplete(ValueError):
    """A required row has not come; the traced reading says which."""


@dataclass(frozen=True, slots=True)
class Finishing:
    """``whole``: every value that it adds is proven, where the reading is not traced."""

    run: Finish
    whole: bool


def finish(root: Block, *, traced: bool) -> Finishing:
    """The function for a mapping."""
    writer = _Writer(root, traced=traced)
    step: Any = writer.source.functions(f"finishing {root.model.__name__}")["finish"]
    currency = next((op.targets[0].parts[-1] for slot in root.slots for op in slot.ops if _gives_currency(op)), None)

    def run(data: dict[str, Any], code: str, context: Context, trace: Any) -> None:
        if currency is not None:
            data[currency] = code
        step(data, context if context.currency == code else context._replace(currency=code), trace)

    return Finishing(run, writer.whole)


def compute(note: Computed, target: Target, data: dict[str, Any], context: Context) -> None:
    """Fill a computed field; leave it open where what it follows from is missing or wrong."""
    try:
        value = note.read(data, context)
    except _OPEN:
        return
    if value is None:
        return
    for part in target.parts[:-1]:
        data = data.setdefault(part, {})
    data[target.parts[-1]] = value


def _gives_currency(op: Op) -> bool:
    return isinstance(op.note, CurrencyRow) and bool(op.targets)


class _Writer:
    """Writes the source of the function: ``d`` and ``d1`` … are objects, ``x`` the context, ``t`` the trace."""

    def __init__(self, root: Block, *, traced: bool) -> None:
        self.source = Source({"OPEN": _OPEN, "Incomplete": Incomplete, "compute": compute})
        self.whole = True
        self._traced = traced
        self.source.add(0, "def finish(d, x, t):")
        self._block(1, "d", root)
        self.source.add(1, "return")

    def _block(self, depth: int, box: str, block: Block) -> None:
        add = self.source.add
        for child in filter(_has_work, block.blocks):
            self._child(depth, box, child)
        for child in block.blocks:
            if child.via and child.target:
                self._shape(depth, box, child)
        for slot in block.slots:
            for op in filter(_unguarded, slot.ops):
                self._required(depth, box, op.targets[0].parts, slot, op)
        for child in block.blocks:
            if child.target and _must_come(child):
                self._required(depth, box, child.target.parts, *_opening(child))
        for note, target in block.computed:
            if self._traced or block.reshaped:
                add(depth, f"compute({self.source.name(note)}, {self.source.name(target)}, {box}, x)")
            else:
                self._computed(depth, box, note, target, block)

    def _child(self, depth: int, box: str, child: Block) -> None:
        add = self.source.add
        if child.target is None:
            self._block(depth, box, child)
            return
        (key,), inner = child.target.parts, f"d{child.number}"
        if child.target.many:
            add(depth, f"for {inner} in {box}.get({key!r}, ()):")
        else:
            add(depth, f"{inner} = {box}.get({key!r})")
            add(depth, f"if {inner} is not None:")
        self._block(depth + 1, inner, child)

    def _shape(self, depth: int, box: str, child: Block) -> None:
        assert child.via is not None
        assert child.target is not None
        assert child.parent is not None
        key = child.target.parts[0]
        shaped = f"{self.source.name(child.via.read)}({box}[{key!r}])"
        if not self._traced and not child.parent.reshaped:
            shaped = self._proven(shaped, child.parent, child.target)
        self.source.add(depth, f"if {key!r} in {box}: {box}[{key!r}] = {shaped}")

    def _required(self, depth: int, box: str, parts: tuple[str, ...], slot: Slot, op: Op) -> None:
        holder = box + "".join(f".get({part!r}, {{}})" for part in parts[:-1])
        told = f"t.absent({box}, {self.source.name(slot)}, {self.source.name(op)})"
        missing = told if self._traced else f"raise Incomplete({str(op.wire)!r})"
        self.source.add(depth, f"if {parts[-1]!r} not in {holder}: {missing}")

    def _computed(self, depth: int, box: str, note: Computed, target: Target, block: Block) -> None:
        add, holder = self.source.add, box + "".join(f".setdefault({part!r}, {{}})" for part in target.parts[:-1])
        add(depth, f"try: v = {self.source.name(note.read)}({box}, x)")
        add(depth, "except OPEN: v = None")
        kept = f" and v is not {holder}.get({target.parts[-1]!r})" if target.many else ""
        add(depth, f"if v is not None{kept}: {holder}[{target.parts[-1]!r}] = {self._proven('v', block, target)}")

    def _proven(self, value: str, block: Block, target: Target) -> str:
        schemas = Schemas(block.model)
        proof = value_proof(schemas, schemas.at(target.parts))
        self.whole = self.whole and proof.whole
        return f"{self.source.name(proof.prove)}({value})"


def _has_work(block: Block) -> bool:
    return (
        any(_has_work(child) or child.via or _must_come(child) for child in block.blocks)
        or any(_unguarded(op) for slot in block.slots for op in slot.ops)
        or bool(block.computed)
    )


def _must_come(child: Block) -> bool:
    """Required by its loop, but not by the model."""
    return child.required and child.target is not None and child.target.optional


def _opening(child: Block) -> tuple[Slot, Op]:
    assert child.head is not None
    assert child.target is not None
    slot = next(slot for slot in child.slots if slot.head)
    return slot, Op(Loop(head=child.head.head, field=child.target.name, rows=()), child.head, ())


def _unguarded(op: Op) -> bool:
    """Required by its row, but not by the model."""
    if not (isinstance(op.note, Row | Moment) and op.note.required):
        return False
    target = op.targets[0]
    return target.optional or any(target.guards)
