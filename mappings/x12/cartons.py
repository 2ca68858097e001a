"""The two views of a shipment: the 945 tells cartons (LX) and in each what came of a line (W12), our message lines and,
beside them, packages.

A line that lies in several cartons has several W12. Most sites repeat the ordered quantity of the line in each; some
give each carton's part of it: these agree with themselves, ordered = shipped + difference, W12 by W12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hub.canonical import Item, Lot, Package, PackedItem, Remainder, ShipmentConfirmation, ShippedLine
from hub.canonical.values import SSCC, Canonical, Decimal_, Quantity, Text
from mappings.x12.warehouse import Coded, coded, exact, merge_item

__all__ = ["Carton", "CartonLine", "LotNote", "cartons", "contents"]

_OPEN = {"BACKORDER": Remainder.BACKORDER, "CANCEL": Remainder.CANCEL, "PENDING": Remainder.PENDING}
_MARKS = ("sscc", "bare_sscc", "tracking_number", "beside", "package_id", "parent_id", "weight")


class LotNote(Canonical):
    """N9 LT: a lot and its expiry date."""

    lot_number: Text | None = None
    expiry_date: date | None = None


class CartonLine(Coded):
    """W12. ``status`` tells what becomes of the rest; ``site_lot`` is the lot in W12 itself."""

    line_id: Text | None = None
    status: Text | None = None
    ordered: Decimal_ | None = None
    shipped: Decimal_ | None = None
    difference: Decimal_ | None = None
    uom: Text | None = None
    item: Item = Item()
    original: Text | None = None
    reason: Text | None = None
    reason_text: Text | None = None
    site_lot: Text | None = None
    lots: tuple[LotNote, ...] = ()
    serials: tuple[Text, ...] = ()


class Carton(Canonical):
    """LX with its marks; one without marks holds what is not packed."""

    number: Text | None = None
    sscc: SSCC | None = None
    bare_sscc: SSCC | None = None
    tracking_number: Text | None = None
    beside: Text | None = None
    package_id: Text | None = None
    parent_id: Text | None = None
    weight: Quantity | None = None
    lines: tuple[CartonLine, ...] = ()


def contents(found: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lines, in the order of their numbers, and packages of cartons that were read. Raises ValueError, in words."""
    told: dict[str, list[dict[str, Any]]] = {}
    for carton in found:
        for entry in carton.get("lines", ()):
            merge_item(entry)
            told.setdefault(entry["line_id"], []).append(entry)
    lines = [_line(line_id, entries) for line_id, entries in sorted(told.items(), key=_by_number)]
    packed = any(_marked(carton) or any(_traced(entry) for entry in carton.get("lines", ())) for carton in found)
    packages = [(carton, _package(carton, number)) for number, carton in enumerate(found, 1)] if packed else []
    return lines, [package for carton, package in packages if package["items"] or _marked(carton)]


def _by_number(told: tuple[str, Any]) -> tuple[bool, int, str]:
    line_id = told[0]
    number = line_id.isascii() and line_id.isdigit() and len(line_id) < 20
    return not number, int(line_id) if number else 0, line_id


def _marked(carton: Mapping[str, Any]) -> bool:
    return any(name in carton for name in _MARKS)


def _traced(entry: Mapping[str, Any]) -> bool:
    return any(name in entry for name in ("site_lot", "lots", "serials"))


def _line(line_id: str, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = entries[0]
    shipped = sum((exact(entry["shipped"]) for entry in entries), Decimal(0))
    ordered = _ordered(line_id, entries)
    uom = first["uom"]
    line = {
        "line_id": line_id,
        "item": first["item"],
        "ordered": {"value": ordered, "uom": uom},
        "picked": {"value": shipped, "uom": uom},
        "shipped": {"value": shipped, "uom": uom},
    }
    if "original" in first:
        line["substitution_for"] = first["original"]
    if any(entry["uom"] != uom for entry in entries):
        msg = f"line {line_id} is counted in several units"
        raise ValueError(msg)
    if shipped < ordered:
        line["short"] = {"value": ordered - shipped, "uom": uom}
        rests = {_OPEN[rest] for entry in entries if (rest := entry["status"].removeprefix("ALL_")) in _OPEN}
        if len(rests) > 1:
            msg = f"line {line_id}: its W1201 do not agree what becomes of the rest"
            raise ValueError(msg)
        reason = next((entry[name] for entry in entries for name in ("reason_text", "reason") if name in entry), None)
        line |= ({"remainder": rests.pop()} if rests else {}) | ({"short_reason": reason} if reason else {})
    return line


def _ordered(line_id: str, entries: Sequence[Mapping[str, Any]]) -> Decimal:
    parts = [exact(entry["shipped"]) + abs(exact(entry.get("difference", 0))) for entry in entries]
    amounts = [exact(entry.get("ordered", part)) for entry, part in zip(entries, parts, strict=True)]
    if len(amounts) > 1 and amounts == parts:
        return sum(amounts, Decimal(0))
    if len(set(amounts)) > 1:
        msg = f"line {line_id}: W1202 gives {' and '.join(map(str, amounts))} as the ordered quantity"
        raise ValueError(msg)
    return amounts[0]


def _package(carton: Mapping[str, Any], number: int) -> dict[str, Any]:
    sscc = carton.get("sscc", carton.get("bare_sscc"))
    tracking = carton.get("tracking_number", carton.get("beside"))
    package = {
        "id": carton.get("package_id") or sscc or tracking or f"LX{carton.get('number', number)}",
        "sscc": sscc,
        "tracking_number": tracking,
        "parent_id": carton.get("parent_id"),
        "weight": carton.get("weight"),
        "items": _items(carton.get("lines", ())),
    }
    return {name: value for name, value in package.items() if value is not None}


def _items(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    items: dict[str, dict[str, Any]] = {}
    for entry in entries:
        shipped = exact(entry["shipped"])
        if not shipped:
            continue
        item = items.setdefault(
            entry["line_id"],
            {"line_id": entry["line_id"], "quantity": {"value": Decimal(0), "uom": entry["uom"]}, "lots": []},
        )
        item["quantity"]["value"] += shipped
        item.setdefault("serials", []).extend(entry.get("serials", ()))
        notes = list(entry.get("lots", ()))
        if "site_lot" in entry and not notes:
            notes = [{"lot_number": entry["site_lot"]}]
        whole = {"quantity": {"value": shipped, "uom": entry["uom"]}} if len(notes) == 1 else {}
        item["lots"] += [note | whole for note in notes]
    return list(items.values())


def cartons(shipment: ShipmentConfirmation) -> tuple[Carton, ...]:
    """The cartons of a message, and after them one for each line that lies in none. Raises ValueError, in words."""
    lines = {line.line_id: line for line in shipment.lines}
    made = []
    packed: set[str] = set()
    for number, package in enumerate(shipment.packages, 1):
        packed |= {item.line_id for item in package.items}
        made.append(_carton(package, number, lines))
    loose = [line for line in shipment.lines if line.line_id not in packed]
    for number, line in enumerate(loose, len(made) + 1):
        made.append(Carton.model_construct(number=str(number), lines=(_entry(line, line.shipped.value),)))
    return tuple(made)


def _carton(package: Package, number: int, lines: Mapping[str, ShippedLine]) -> Carton:
    if package.type_code:
        msg = f"package {package.id} is a {package.type_code}, and the document has no element for the kind of package"
        raise ValueError(msg)
    understood = package.sscc or package.tracking_number or f"LX{number}"
    return Carton.model_construct(
        number=str(number),
        sscc=package.sscc,
        tracking_number=package.tracking_number,
        package_id=None if package.id == understood else package.id,
        parent_id=package.parent_id,
        weight=package.weight,
        lines=tuple(entry for item in package.items for entry in _entries(lines[item.line_id], item)),
    )


def _entries(line: ShippedLine, packed: PackedItem) -> Iterator[CartonLine]:
    """A W12 for each lot whose quantity is known, one for the rest; serial numbers stand in the first."""
    serials = packed.serials
    rest = packed.quantity.value
    for lot in packed.lots:
        if lot.quantity is not None:
            rest -= lot.quantity.value
            yield _entry(line, lot.quantity.value, (_note(lot),), serials)
            serials = ()
    unsplit = tuple(_note(lot) for lot in packed.lots if lot.quantity is None)
    if rest or unsplit or serials or not packed.lots:
        yield _entry(line, rest, unsplit, serials)


def _note(lot: Lot) -> LotNote:
    return LotNote(lot_number=lot.lot_number, expiry_date=lot.expiry_date)


def _entry(
    line: ShippedLine, shipped: Decimal, lots: tuple[LotNote, ...] = (), serials: tuple[str, ...] = ()
) -> CartonLine:
    reason = line.short_reason
    listed = reason is not None and len(reason) == 2 and reason.isdigit()
    return CartonLine.model_construct(
        line_id=line.line_id,
        status=_status(line, shipped),
        ordered=line.ordered.value,
        shipped=shipped,
        difference=line.short.value if line.short and line.short.value else None,
        uom=line.ordered.uom,
        original=line.substitution_for,
        reason=reason if listed else None,
        reason_text=None if listed else reason,
        site_lot=None,
        lots=lots,
        serials=serials,
        upc=None,
        **coded(line.item, 1),
    )


def _status(line: ShippedLine, shipped: Decimal) -> str:
    if line.short and line.short.value:
        if not shipped and line.remainder in (Remainder.BACKORDER, Remainder.CANCEL):
            return f"ALL_{line.remainder}"
        return str(line.remainder)
    if line.substitution_for:
        return "SUBSTITUTE"
    return "MORE" if line.shipped.value > line.ordered.value else "COMPLETE"
