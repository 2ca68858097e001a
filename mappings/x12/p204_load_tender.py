"""204 Motor Carrier Load Tender ⇄ LoadTender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.canonical import LoadTender, Party, Stop, StopReason
from hub.canonical.values import Canonical, Decimal_, Text
from hub.mapping.codecs import an, cents, code, n0, r
from hub.mapping.notation import M, Via, const, each, loop, moment, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import FREIGHT_PAYMENT, MODE, PURPOSE, UNIT
from mappings.x12.freight import CONTACT, WEIGHT_UNIT
from mappings.x12.parties import PARTY
from mappings.x12.warehouse import NOTE, equipment, pieces, said_equipment

__all__ = ["LOAD_TENDER"]

REASON = code(
    {
        "LD": StopReason.LOAD,
        "PL": StopReason.PART_LOAD,
        "CL": StopReason.COMPLETE_LOAD,
        "UL": StopReason.UNLOAD,
        "PU": StopReason.PART_UNLOAD,
        "CU": StopReason.COMPLETE_UNLOAD,
    }
)
"""163."""

_LOADS = (StopReason.LOAD, StopReason.PART_LOAD, StopReason.COMPLETE_LOAD)
_EARLIEST = {"37", "53", "10", "68", "69", "70", "77", "78"}
_LATEST = {"38", "54"}
_NO_NUMBER = "0"


class Window(Canonical):
    """G62 of a stop: 37 and 38 bound the loading, 53 and 54 the delivery; an appointment is a beginning."""

    kind: Text | None = None
    time_kind: Text | None = None
    at: datetime | None = None


class Place(Party):
    """N1 of a stop: SF or SH where it loads, ST or CN where it unloads."""

    role: Text | None = None


class Halt(Stop):
    """S5."""

    place: Place
    windows: tuple[Window, ...] = ()
    freight_weight: Decimal_ | None = None
    freight_unit: Text | None = None


class Tender(LoadTender):
    """The document: as the message, with the carrier twice and the equipment in two elements."""

    route_scac: Text | None = None
    initial: Text | None = None
    number: Text | None = None
    weighed: Text | None = None
    stops: tuple[Halt, ...] = ()


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        scac = data.pop("route_scac", None)
        if scac:
            data.setdefault("carrier_scac", scac)
        data.pop("weighed", None)
        initial, number = data.pop("initial", None), data.pop("number", None)
        trailer = equipment(initial, None if number == _NO_NUMBER else number)
        if trailer:
            data["trailer_number"] = trailer
        for stop in data.get("stops", ()):
            _merge(stop)
    return documents


def _merge(stop: dict[str, Any]) -> None:
    stop.get("place", {}).pop("role", None)
    for window in stop.pop("windows", ()):
        if "at" not in window:
            continue
        name = {**dict.fromkeys(_EARLIEST, "earliest_at"), **dict.fromkeys(_LATEST, "latest_at")}.get(window["kind"])
        if name is None:
            msg = f"stop {stop.get('sequence')}: G6201 {window['kind']!r} bounds neither loading nor delivery"
            raise ValueError(msg)
        stop.setdefault(name, window["at"])
    weight, unit = stop.pop("freight_weight", None), stop.pop("freight_unit", None)
    if weight and unit:
        stop.setdefault("weight", {"value": weight, "uom": unit})


def _write(messages: Sequence[LoadTender]) -> list[Tender]:
    return [_tender(message) for message in messages]


def _tender(tender: LoadTender) -> Tender:
    initial, number = said_equipment(tender.trailer_number)
    equipped = tender.trailer_number or tender.equipment_type
    return Tender.model_construct(
        **{
            **dict(tender),
            "route_scac": tender.carrier_scac if tender.mode else None,
            "initial": initial,
            "number": number or (_NO_NUMBER if equipped else None),
            "weighed": "G" if tender.weight else None,
            "notes": _cut(tender.notes),
            "stops": tuple(_halt(stop) for stop in tender.stops),
        }
    )


def _halt(stop: Stop) -> Halt:
    loads = stop.reason in _LOADS
    kinds = (("37", "I"), ("38", "K")) if loads else (("53", "G"), ("54", "L"))
    bounds = zip(kinds, (stop.earliest_at, stop.latest_at), strict=True)
    changes: Mapping[str, Any] = {
        "place": Place.model_construct(**{**dict(stop.place), "role": "SF" if loads else "ST"}),
        "windows": tuple(Window(kind=kind, time_kind=time_kind, at=at) for (kind, time_kind), at in bounds if at),
        "notes": _cut(stop.notes),
        "freight_weight": None,
        "freight_unit": None,
    }
    return Halt.model_construct(**{**dict(stop), **changes})


def _cut(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for note in notes for part in pieces(note))


STOP = loop(
    "S5",
    "stops[]",
    row("S501", "sequence", n0, M),
    row("S502", "reason", REASON, M),
    row("S503", "weight.value", r),
    row("S504", "weight.uom", WEIGHT_UNIT),
    row("S505", "quantity.value", r),
    row("S506", "quantity.uom", UNIT),
    row("L11[02=AO]01", "appointment_number", an),
    each(
        "G62",
        "windows[]",
        row("G6201", "kind", an, M),
        row("G6203", "time_kind", an),
        moment("G6202", "at", M, time=4, zone=5),
    ),
    const("AT801", "G"),
    row("AT802", "freight_unit", WEIGHT_UNIT),
    row("AT803", "freight_weight", r),
    *(skip(f"AT8{element}", why="pieces and volume are told by order") for element in ("04", "05", "06", "07")),
    *NOTE,
    loop("N1", "place", row("N101", "role", an), *PARTY, *CONTACT),
    loop(
        "OID",
        "orders[]",
        row("OID01", "id", an),
        row("OID02", "order_id", an),
        row("OID06", "weight.uom", WEIGHT_UNIT),
        row("OID07", "weight.value", r),
    ),
)

LOAD_TENDER = document(
    "204",
    group="SM",
    model=LoadTender,
    via=Via(model=Tender, read=_read, write=_write),
    rows=(
        row("B202", "carrier_scac", an, M),
        row("B204", "shipment_id", an, M),
        row("B206", "freight_payment", FREIGHT_PAYMENT, M),
        row("B2A01", "purpose", PURPOSE, M),
        const("B2A02", "LT", also=("FR", "PR", "TL"), why="a tender, of a whole load or a part"),
        row("L11[02=BM]01", "bill_of_lading", an),
        row("L11[02=PO]01", "order_id", an),
        const("G62[64]03", "1"),
        moment("G62[64]02", "respond_by", time=4, zone=5),
        row("MS301", "route_scac", an),
        const("MS302", "B", also=("O", "1"), why="who carries it is what counts, not since when"),
        row("MS304", "mode", MODE),
        *NOTE,
        loop("N1[BT]", "bill_to", *PARTY),
        loop("N7", ".", row("N701", "initial", an), row("N702", "number", an), row("N711", "equipment_type", an)),
        STOP,
        row("L301", "weight.value", r),
        row("L302", "weighed", an),
        row("L305", "charge", cents),
        row("L312", "weight.uom", WEIGHT_UNIT),
    ),
)
