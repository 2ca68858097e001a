"""The row notation: one declaration of a document that reads and writes.

::

    PURCHASE_ORDER = document("850", group="PO", model=Order, rows=(
        row("BEG03", "id", an, M),
        row("REF[DP]02", "department", an),
        loop("N1[ST]", "ship_to", *PARTY),
        loop("PO1", "lines[]",
            row("PO102", "quantity.value", r, M),
            pairs("PO106", ("UP", "item.gtin", gtin(12)), ("VN", "item.seller_item_id", an))),
        count("CTT01", of="PO1"),
    ))

The left side is the wire: ``SEG[QUAL]EE``, the qualifier standing in element 01 unless named (``HL[03=S]``). A loop is
named by the segment that opens it. The right side is a field of the canonical model: dotted, ``[]`` for a list, ``.``
for the loop's own parent. The order of rows is the order of writing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.contracts.mapping import Context
from hub.mapping.codecs import Codec

__all__ = [
    "Computed",
    "Const",
    "Count",
    "CurrencyRow",
    "Loop",
    "M",
    "Made",
    "Moment",
    "Node",
    "Pair",
    "Pairs",
    "Required",
    "Row",
    "Size",
    "Skip",
    "Spread",
    "Unit",
    "Via",
    "computed",
    "const",
    "count",
    "currency",
    "each",
    "loop",
    "made",
    "moment",
    "pairs",
    "row",
    "size",
    "skip",
    "spread",
    "unit",
]


class Required:
    """The type of ``M``."""

    def __repr__(self) -> str:
        return "M"


M = Required()
"""The element must be there: a document without it is not read, and not written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One element ⇄ one field. ``default``: the text that stands for an absent element, in both directions.

    ``forbidden``: a partner does not allow it. ``why``: the reason that an overlay gave.
    """

    wire: str
    field: str
    codec: Codec
    required: bool = False
    default: str | None = None
    forbidden: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Const:
    """One element that always has this text; anything else that comes in it is reported as unmapped.

    ``also``: further texts that are taken for the same, with the reason. In JSON it may be any value.
    """

    wire: str
    text: Any
    also: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A qualifier, and the field that the element after it fills."""

    qualifier: str
    field: str
    codec: Codec


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Qualifier and value pairs from ``wire`` on, at most ``most`` of them, in any order when read.

    Several pairs may fill one field: the first that can say a value is written. What does not fit into ``most`` pairs
    is not written: the entries are in order of preference.
    """

    wire: str
    entries: tuple[Pair, ...]
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A list of texts over ``across`` neighbouring elements, and over as many segments as it takes."""

    wire: str
    field: str
    codec: Codec
    across: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Date, time and zone elements ⇄ one aware datetime.

    ``time``, ``zone``: element numbers, 0 where there is none. Without a zone element the context's ``utc_offset``
    holds.
    """

    wire: str
    field: str
    time: int
    zone: int
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyRow:
    """The document's currency; written where it is not the partner's usual one. ``field`` may be empty."""

    wire: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many segments ``of`` this tag were written; checked by the X12 reader, so not read here."""

    wire: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many items a list of the object has; not read, because the list itself says it."""

    wire: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """An element that may come and says nothing we need: read by nobody, on purpose, with the reason."""

    wire: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A field that no element carries. ``read`` gets the block's plain values, already read, and gives the field's;
    nothing is written. It must follow from the other fields, so that both laws hold. A list that is given back with its
    items changed in place is not proven once more: what is put there are values of the message's JSON.
    """

    field: str
    read: Callable[[Mapping[str, Any], Context], Any]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A JSON value made from the message when writing, for documents that go one way; not read."""

    wire: str
    write: Callable[[Any, Context], Any]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit that several quantities of an object share (JSON documents)."""

    wire: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Via:
    """A shape of the document's own between wire and model, for lists that the two cut differently.

    ``model``: what the loop's rows are bound to. ``read``: plain values of all passes to plain values of the field.
    ``write``: the field's items to instances of ``model``. The two undo each other.
    """

    model: type[Any]
    read: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
    write: Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """A loop ⇄ an object or a list of objects; ``.`` stays with the parent object.

    ``single``: no loop of the grammar but one segment that comes several times. ``only``: the release that has the loop
    in this shape; the other one is declared beside it.
    """

    head: str
    field: str
    rows: tuple[Node, ...]
    required: bool = False
    single: bool = False
    via: Via | None = None
    only: str = ""


Node = Row | Const | Pairs | Spread | Moment | CurrencyRow | Count | Size | Skip | Computed | Unit | Made | Loop


def row(wire: str, field: str, codec: Codec, required: Required | None = None, *, default: str | None = None) -> Row:
    """One element ⇄ one field."""
    return Row(wire=wire, field=field, codec=codec, required=required is not None, default=default)


def const(wire: str, text: Any, *, also: tuple[str, ...] = (), why: str = "") -> Const:
    """An element with a fixed text; it comes with the other elements of its segment, never alone."""
    return Const(wire=wire, text=text, also=also, why=why)


def pairs(wire: str, *entries: tuple[str, str, Codec], most: int = 10) -> Pairs:
    """``("UP", "item.gtin", gtin(12))``: qualifier, field, codec."""
    return Pairs(wire=wire, entries=tuple(Pair(qualifier=q, field=f, codec=c) for q, f, c in entries), most=most)


def spread(wire: str, field: str, codec: Codec, across: int) -> Spread:
    """A list over neighbouring elements."""
    return Spread(wire=wire, field=field, codec=codec, across=across)


def moment(wire: str, field: str, required: Required | None = None, *, time: int = 0, zone: int = 0) -> Moment:
    """A point in time."""
    return Moment(wire=wire, field=field, time=time, zone=zone, required=required is not None)


def currency(wire: str, field: str = "") -> CurrencyRow:
    """The document's currency."""
    return CurrencyRow(wire=wire, field=field)


def count(wire: str, of: str) -> Count:
    """A count made when writing."""
    return Count(wire=wire, of=of)


def size(wire: str, field: str) -> Size:
    """How many items a list has."""
    return Size(wire=wire, field=field)


def made(wire: str, write: Callable[[Any, Context], Any], why: str) -> Made:
    """A JSON value made when writing."""
    return Made(wire=wire, write=write, why=why)


def skip(wire: str, why: str) -> Skip:
    """An element left aside on purpose."""
    return Skip(wire=wire, why=why)


def computed(field: str, read: Callable[[Mapping[str, Any], Context], Any], why: str) -> Computed:
    """A field that follows from others."""
    return Computed(field=field, read=read, why=why)


def unit(wire: str, *fields: str) -> Unit:
    """A unit for several quantities."""
    return Unit(wire=wire, fields=fields)


def loop(
    head: str, field: str, *rows: Node, required: Required | None = None, via: Via | None = None, only: str = ""
) -> Loop:
    """A loop."""
    return Loop(head=head, field=field, rows=rows, required=required is not None, via=via, only=only)


def each(head: str, field: str, *rows: Node) -> Loop:
    """A segment that comes several times, an object each."""
    return Loop(head=head, field=field, rows=rows, single=True)
