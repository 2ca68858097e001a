"""What the warehouse documents 940, 943, 944, 945 and 947 share: the site, their item columns, carriers, totals.

Their segments have room for two or three product codes, one of them a 12-digit UPC without qualifier, for 45 characters
a description, and for a mandatory transport method where nobody may know it. Functions here lead over from and to the
canonical item; rows stay in the documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.canonical import Carrier, Item, Quantity
from hub.canonical.values import Canonical, Text
from hub.mapping.codecs import an, date8, r
from hub.mapping.notation import Const, Node, Pairs, const, loop, pairs, row, skip
from mappings.x12.codes import MODE, UNIT
from mappings.x12.parties import ITEM

__all__ = [
    "DEPOSITOR",
    "LOT",
    "NOTE",
    "RUNNING",
    "SITE",
    "Coded",
    "coded",
    "codes",
    "equipment",
    "exact",
    "merge_item",
    "merge_mode",
    "modes",
    "pieces",
    "route",
    "said_equipment",
    "total",
    "whole",
]

UNKNOWN_MODE = "ZZ"
_DESCRIPTION = 45
_NOTE = 80
_OTHER = tuple((qualifier, path.replace("item.", "other."), codec) for qualifier, path, codec in ITEM)


class Coded(Canonical):
    """Columns beside the line's own item: a third product code, a UPC without qualifier, a description in parts."""

    other: Item | None = None
    upc: Text | None = None
    texts: tuple[Text, ...] = ()


def codes(first: str, third: str) -> tuple[Pairs, Pairs]:
    """Two product codes from ``first`` on, and one more at ``third``."""
    return pairs(first, *ITEM, most=2), pairs(third, *_OTHER, most=1)


def merge_item(line: dict[str, Any]) -> None:
    """A line that was read: its columns become its item."""
    item = line.setdefault("item", {})
    for name, value in (line.pop("other", None) or {}).items():
        item.setdefault(name, value)
    upc = line.pop("upc", None)
    if upc:
        item.setdefault("gtin", upc)
    texts = line.pop("texts", None)
    if texts:
        item["description"] = " ".join(texts)


def coded(item: Item, room: int = 2) -> dict[str, Any]:
    """An item as columns: ``room`` codes, then one, then none."""
    known = [name for name in ("gtin", "seller_item_id", "buyer_item_id") if getattr(item, name)]
    first, then = known[:room], known[room : room + 1]
    return {
        "item": Item(**{name: getattr(item, name) for name in first}),
        "other": Item(**{name: getattr(item, name) for name in then}) if then else None,
        "texts": pieces(item.description, _DESCRIPTION) if item.description else (),
    }


def pieces(text: str, longest: int = _NOTE) -> tuple[str, ...]:
    """The text cut at blanks into parts of at most ``longest`` characters; a longer word is cut anywhere."""
    parts = []
    while len(text) > longest:
        at = text.rfind(" ", 1, longest + 1)
        parts.append(text[:at] if at > 0 else text[:longest])
        text = text[at + 1 :] if at > 0 else text[longest:]
    return (*parts, text)


def exact(text: Any) -> Decimal:
    """Raises ValueError, in words."""
    try:
        number = Decimal(text)
    except (InvalidOperation, TypeError):
        number = Decimal("NaN")
    if not number.is_finite():
        msg = f"{str(text)[:30]!r} is no number"
        raise ValueError(msg)
    return number


def total(quantities: Iterable[Quantity]) -> Decimal:
    """The control total of the last segment: units of every kind together, as the standard has it."""
    return sum((quantity.value for quantity in quantities), Decimal(0)).normalize()


def merge_mode(data: dict[str, Any]) -> None:
    """A document that was read: method ZZ says nothing of the carrier."""
    carrier = data.get("carrier") or {}
    if carrier.get("mode") == UNKNOWN_MODE:
        del carrier["mode"]
    if not carrier:
        data.pop("carrier", None)


def modes(carrier: Carrier | None) -> Carrier | None:
    """The carrier with a method, because the segment must have one."""
    return carrier and carrier.model_copy(update={"mode": carrier.mode or UNKNOWN_MODE})


def route(segment: str) -> tuple[Node, ...]:
    """W27 and W08 begin alike: method, SCAC, routing in words."""
    return (
        row(f"{segment}01", "carrier.mode", MODE),
        row(f"{segment}02", "carrier.scac", an),
        row(f"{segment}03", "carrier.name", an),
    )


def equipment(initial: str | None, number: str | None) -> str | None:
    """``ABCD 12345``: owner's initials and number of a trailer, as far as they are said."""
    return " ".join(filter(None, (initial, number))) or None


def said_equipment(trailer: str | None) -> tuple[str | None, str | None]:
    """Initials and number again; what has no initials before a blank is a number."""
    initial, blank, number = (trailer or "").partition(" ")
    return (initial, number) if blank and initial.isalpha() and len(initial) <= 4 else (None, trailer)


def whole(segment: str) -> tuple[Node, ...]:
    """W03 of 943 and 945: units, gross weight."""
    return (
        row(f"{segment}01", "units", r),
        row(f"{segment}02", "gross_weight.value", r),
        row(f"{segment}03", "gross_weight.uom", UNIT),
    )


SITE = loop(
    "N1[WH]",
    ".",
    skip("N102", why="the code names the site"),
    pairs("N103", *((qualifier, "site", an) for qualifier in ("91", "92", "93", "ZZ", "1", "9")), most=1),
    *(skip(wire, why="the site's own address is known") for wire in ("N301", "N302", "N401", "N402", "N403", "N404")),
)
"""The warehouse, by the code that one of us gave it."""

DEPOSITOR = loop(
    "N1[DE]",
    ".",
    *(
        skip(wire, why="the depositor is our own company, known from the connection")
        for wire in ("N102", "N103", "N104", "N301", "N302", "N401", "N402", "N403", "N404")
    ),
)

LOT: tuple[Node, ...] = (
    row("N9[LI]02", "line_id", an),
    row("N9[LT]02", "lot_number", an),
    row("N9[LT]04", "expiry_date", date8),
)

NOTE: tuple[Node, ...] = (
    const(
        "NTE01",
        "WHI",
        also=("ADD", "DEL", "GEN", "INT", "LIN", "LOI", "ORI", "OTH", "SPH", "TRA", "ZZZ"),
        why="the words count, not what they are filed under",
    ),
    row("NTE02", "notes[]", an),
)

RUNNING: Const = const("LX01", "1", also=tuple(map(str, range(2, 1000))), why="a running number")
