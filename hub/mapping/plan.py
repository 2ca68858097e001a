"""The notation, bound: rows grouped into the segments they share, loops into blocks, fields checked against the model.

A `Block` is the document itself or a loop; a `Slot` is a segment of a block, with every row that reads one of its
elements. Nothing here knows a release.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from hub.canonical.values import Money
from hub.errors import Misconfigured
from hub.mapping.codecs import Codec
from hub.mapping.notation import (
    Computed,
    Const,
    Count,
    CurrencyRow,
    Loop,
    Moment,
    Node,
    Pairs,
    Row,
    Size,
    Skip,
    Spread,
    Via,
)
from hub.mapping.target import Target, bind
from hub.mapping.wire import Wire, parse

__all__ = ["LEVEL", "Block", "Op", "Slot", "bound", "plan"]

LEVEL = "HL"
"""Loops of this segment nest by HL02, not by the table."""


@dataclass(slots=True, eq=False)
class Op:
    """One row of a slot. ``targets``: the fields it fills, one for each entry of `Pairs`, else one or none."""

    note: Node
    wire: Wire
    targets: tuple[Target, ...]

    @property
    def element(self) -> int:
        return self.wire.element

    @property
    def covers(self) -> tuple[int, ...]:
        """The elements that it reads."""
        note = self.note
        if isinstance(note, Pairs):
            return tuple(range(self.element, self.element + 2 * note.most))
        if isinstance(note, Spread):
            return tuple(range(self.element, self.element + note.across))
        if isinstance(note, Moment):
            return tuple(sorted(at for at in (self.element, note.time, note.zone) if at))
        return (self.element,)


@dataclass(slots=True, eq=False)
class Slot:
    """A segment of a block. ``head``: it opens the block's loop."""

    number: int
    block: Block
    tag: str
    qualifier: tuple[int, str] | None
    head: bool
    ops: list[Op] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Block:
    """The document, or a loop of it.

    ``path``: loop ids of the grammar around its segments. ``target``: the field of the parent's model; None for the
    document and for loops that stay with their parent (``same``). ``single``: one segment, no loop of the grammar.
    ``only``: the one release that has it so.
    ``items``: slots and blocks in order of writing.
    """

    number: int
    parent: Block | None
    path: tuple[str, ...]
    head: Wire | None
    target: Target | None
    model: type[BaseModel]
    required: bool = False
    single: bool = False
    via: Via | None = None
    only: str = ""
    items: list[Slot | Block] = field(default_factory=list)
    computed: list[tuple[Computed, Target]] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Its fields are the parent object's."""
        return self.parent is not None and self.target is None

    @property
    def reshaped(self) -> bool:
        """What its rows give is no part of the message yet: a `Via` makes that of it."""
        return self.via is not None or (self.parent is not None and self.parent.reshaped)

    @property
    def slots(self) -> Iterator[Slot]:
        return (item for item in self.items if isinstance(item, Slot))

    @property
    def blocks(self) -> Iterator[Block]:
        return (item for item in self.items if isinstance(item, Block))

    def walk(self) -> Iterator[Block]:
        """This block and every block in it, outermost first."""
        yield self
        for block in self.blocks:
            yield from block.walk()

    @property
    def address(self) -> str:
        """``PO1/PID``; empty for the document."""
        around = self.parent.address if self.parent else ""
        return "/".join(part for part in (around, self.head.head if self.head else "") if part)


def plan(rows: tuple[Node, ...], model: type[BaseModel], via: Via | None = None) -> Block:
    """Raises Misconfigured, naming the row, for a field that the model has not."""
    root = Block(number=0, parent=None, path=(), head=None, target=None, model=via.model if via else model, via=via)
    counter = _Counter()
    _fill(root, rows, counter)
    return root


class _Counter:
    def __init__(self) -> None:
        self.blocks = 0
        self.slots = 0


def _fill(block: Block, rows: tuple[Node, ...], counter: _Counter) -> None:
    known: dict[tuple[str, Any], Slot] = {}
    if block.head is not None:
        known[block.head.tag, None] = _slot(block, block.head, True, counter)
    for node in rows:
        if isinstance(node, Loop):
            block.items.append(_loop(block, node, counter))
        elif isinstance(node, Computed):
            said = f"computed({node.field!r})"
            block.computed.append((node, bind(block.model, node.field, said)))
        else:
            wire = parse(node.wire)
            slot = known.get((wire.tag, wire.qualifier))
            if slot is None:
                slot = known[wire.tag, wire.qualifier] = _slot(block, wire, False, counter)
            slot.ops.append(_op(block, node, wire))
    for slot in block.slots:
        slot.ops.sort(key=lambda op: op.element)
        _distinct(slot)


def _slot(block: Block, wire: Wire, head: bool, counter: _Counter) -> Slot:
    slot = Slot(counter.slots, block, wire.tag, wire.qualifier, head)
    counter.slots += 1
    block.items.append(slot)
    return slot


def _loop(parent: Block, node: Loop, counter: _Counter) -> Block:
    head = parse(node.head, loop=True)
    counter.blocks += 1
    target = None if node.field == "." else bind(parent.model, node.field, f"loop({node.head!r})")
    if target is not None and not issubclass(target.kind, BaseModel):
        raise Misconfigured(f"loop({node.head!r}): {node.field} is no object", fix="name a field that holds objects")
    around = parent.path[:-1] if head.tag == LEVEL and parent.path[-1:] == (LEVEL,) else parent.path
    block = Block(
        number=counter.blocks,
        parent=parent,
        path=parent.path if node.single else (*around, head.tag),
        head=head,
        target=target,
        model=node.via.model if node.via else target.kind if target else parent.model,
        required=node.required,
        single=node.single,
        via=node.via,
        only=node.only or parent.only,
    )
    _fill(block, node.rows, counter)
    return block


def _op(block: Block, node: Any, wire: Wire) -> Op:
    said = f"{type(node).__name__.lower()}({node.wire!r})"
    if isinstance(node, Const | Count | Skip):
        return Op(node, wire, ())
    if isinstance(node, Size):
        return Op(node, wire, (bind(block.model, node.field, said),))
    if isinstance(node, Pairs):
        targets = tuple(bound(block.model, entry.field, entry.codec, said) for entry in node.entries)
        return Op(node, wire, targets)
    if isinstance(node, CurrencyRow):
        return Op(node, wire, (bind(block.model, node.field, said),) if node.field else ())
    if isinstance(node, Moment):
        return Op(node, wire, (bind(block.model, node.field, said),))
    if not isinstance(node, Row | Spread):
        raise Misconfigured(f"{said} does not belong into an X12 document")
    target = bound(block.model, node.field, node.codec, said)
    if isinstance(node, Spread) and not target.many:
        raise Misconfigured(f"{said}: {node.field} is no list", fix="spread() fills a list")
    return Op(node, wire, (target,))


def bound(model: type[BaseModel], path: str, codec: Codec, said: str) -> Target:
    """The field, checked against the codec's type. Raises Misconfigured."""
    target = bind(model, path, said)
    fits = target.kind is Money if codec.money else any(_fits(kind, target.kind) for kind in codec.kinds)
    if not fits:
        raise Misconfigured(
            f"{said}: codec {codec.name} does not fit {path} of {model.__name__}, a {target.kind.__name__}",
            fix="choose the codec that makes this type",
        )
    return target


def _fits(kind: type, wanted: type) -> bool:
    return issubclass(kind, wanted) and (kind is wanted or not issubclass(kind, bool))


def _distinct(slot: Slot) -> None:
    read: dict[int, Op] = {}
    for op in slot.ops:
        for element in op.covers:
            if element in read:
                raise Misconfigured(
                    f"{slot.tag}{element:02d} is read by two rows of {slot.block.address or 'the document'}",
                    fix="remove one of them",
                )
            read[element] = op
