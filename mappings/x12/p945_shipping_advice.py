"""945 Warehouse Shipping Advice ⇄ ShipmentConfirmation: one document is one physical shipment.

W1201 decides what becomes of the part that was not shipped: BP stays on order, CP is cancelled. A short line whose
W1201 says complete contradicts itself and is held. Line numbers come as N9 LI.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hub.canonical import Carrier, Party, Remainder, ShipmentConfirmation
from hub.canonical.values import Canonical, Decimal_, Quantity, Text
from hub.mapping.codecs import an, code, date8, gtin, r
from hub.mapping.notation import M, Via, const, each, loop, moment, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.cartons import Carton, cartons, contents
from mappings.x12.codes import FREIGHT_PAYMENT, UNIT
from mappings.x12.p856_ship_notice import LABEL
from mappings.x12.parties import ITEM, PARTY
from mappings.x12.warehouse import DEPOSITOR, SITE, merge_mode, modes, route, total, whole

__all__ = ["SHIPPING_ADVICE"]

LINE_SHIPPED = code(
    {
        "CC": "COMPLETE",
        "CM": "MORE",
        "IS": "SUBSTITUTE",
        "BP": "BACKORDER",
        "CP": "CANCEL",
        "PR": "PENDING",
        "BO": "ALL_BACKORDER",
        "IC": "ALL_CANCEL",
    },
    also={"CL": "COMPLETE", "CE": "MORE", "CS": "SUBSTITUTE", "CU": "ALL_CANCEL", "SS": "PENDING", "DS": "PENDING"},
)
"""368 of a line. Out of stock (DS) and split (SS) do not say what becomes of the rest."""

SHIPMENT_STATUS = code(
    {"CC": "LAST", "CP": "LAST_SHORT", "PR": "MORE_FOLLOWS"},
    also={"CL": "LAST", "CM": "LAST", "CS": "LAST", "LS": "LAST", "BP": "MORE_FOLLOWS", "SS": "MORE_FOLLOWS"},
)
"""368 of the shipment: whether more of the order follows."""


class Advice(Canonical):
    """The document: cartons with lines, where the message has lines and packages."""

    id: Text | None = None
    occurred_at: datetime | None = None
    shipped_on: datetime | None = None
    shipped_at: datetime | None = None
    site: Text | None = None
    site_gln: Text | None = None
    ship_to: Party | None = None
    seller_order_id: Text | None = None
    order_id: Text | None = None
    shipment_id: Text | None = None
    agent_id: Text | None = None
    status: Text | None = None
    carrier: Carrier | None = None
    bill_of_lading: Text | None = None
    pro_number: Text | None = None
    tracking_number: Text | None = None
    freight_payment: Text | None = None
    gross_weight: Quantity | None = None
    units: Decimal_ | None = None
    cartons: tuple[Carton, ...] = ()


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        data.pop("units", None)
        merge_mode(data)
        data.setdefault("carrier", {})
        lines, packages = contents(data.pop("cartons", ()))
        tracking = data.pop("tracking_number", None)
        if tracking and len(packages) == 1:
            packages[0].setdefault("tracking_number", tracking)
        data |= {"lines": lines, "packages": packages, "final": _final(data.pop("status", None), lines)}
        _name(data)
    return documents


def _final(status: str | None, lines: Sequence[dict[str, Any]]) -> bool:
    if status:
        return status != "MORE_FOLLOWS"
    return all(line.get("remainder") in (None, Remainder.CANCEL) for line in lines)


def _name(data: dict[str, Any]) -> None:
    """Shipment, message and times by the best that was said."""
    agent, shipped_on = data.pop("agent_id", None), data.pop("shipped_on", None)
    for name, instead in (
        ("shipment_id", agent or data.get("bill_of_lading")),
        ("shipped_at", shipped_on),
        ("id", data.get("shipment_id", agent or data.get("bill_of_lading"))),
        ("occurred_at", data.get("shipped_at", shipped_on)),
    ):
        if instead:
            data.setdefault(name, instead)


def _write(messages: Sequence[ShipmentConfirmation]) -> list[Advice]:
    return [_advice(message) for message in messages]


def _advice(shipment: ShipmentConfirmation) -> Advice:
    short = any(line.short and line.short.value for line in shipment.lines)
    same = ("site", "site_gln", "ship_to", "seller_order_id", "order_id", "shipment_id", "shipped_at")
    more = ("bill_of_lading", "pro_number", "freight_payment", "gross_weight")
    return Advice.model_construct(
        **{name: getattr(shipment, name) for name in (*same, *more)},
        id=None if shipment.id == shipment.shipment_id else shipment.id,
        occurred_at=None if shipment.occurred_at == shipment.shipped_at else shipment.occurred_at,
        shipped_on=shipment.shipped_at,
        agent_id=None,
        tracking_number=None,
        status=("LAST_SHORT" if short else "LAST") if shipment.final else "MORE_FOLLOWS",
        carrier=modes(shipment.carrier),
        units=total(line.shipped for line in shipment.lines),
        cartons=cartons(shipment),
    )


_TIMES = tuple("0123456789BCDEFGHIJKLMNOPQRSTUVWXYZ")

CARTON_LINE = loop(
    "W12",
    "lines[]",
    row("W1201", "status", LINE_SHIPPED, M),
    row("W1202", "ordered", r),
    row("W1203", "shipped", r, default="0"),
    row("W1204", "difference", r),
    row("W1205", "uom", UNIT, M),
    row("W1206", "upc", gtin(12)),
    pairs("W1207", *ITEM, most=1),
    row("W1209", "site_lot", an),
    *(
        skip(f"W12{element}", why="weights are told by carton and shipment")
        for element in ("10", "11", "12", "13", "14", "15")
    ),
    pairs("W1217", *((qualifier, "original", an) for qualifier in ("VN", "SK", "VP", "IN", "UP")), most=1),
    row("W1219", "reason", an),
    pairs("W1221", *((code_, path.replace("item.", "other."), codec) for code_, path, codec in ITEM), most=1),
    row("G6901", "texts[]", an),
    row("N9[LI]02", "line_id", an, M),
    row("N9[TD]03", "reason_text", an),
    each("N9[LT]", "lots[]", row("N902", "lot_number", an, M), row("N904", "expiry_date", date8)),
    row("N9[SE]02", "serials[]", an),
)

SHIPPING_ADVICE = document(
    "945",
    group="SW",
    model=ShipmentConfirmation,
    via=Via(model=Advice, read=_read, write=_write),
    rows=(
        const("W0601", "F", also=("J", "N", "X"), why="full detail, whatever it is called"),
        row("W0602", "seller_order_id", an, M),
        moment("W0603", "shipped_on", M),
        row("W0604", "shipment_id", an),
        row("W0605", "agent_id", an),
        row("W0606", "order_id", an, M),
        SITE,
        loop("N1[SF]", ".", skip("N102", why="the code names the site"), pairs("N103", ("UL", "site_gln", an), most=1)),
        loop("N1[ST]", "ship_to", *PARTY),
        DEPOSITOR,
        row("N9[BM]02", "bill_of_lading", an),
        row("N9[CN]02", "pro_number", an),
        row("N9[2I]02", "tracking_number", an),
        row("N9[TN]02", "id", an),
        row("N9[AAO]02", "carrier.service_code", an),
        const("G62[11]03", "A", also=_TIMES, why="when the goods left, whatever the site calls it"),
        moment("G62[11]02", "shipped_at", time=4, zone=5),
        const("G62[BB]03", "W", also=("A", *_TIMES), why="when the message was made"),
        moment("G62[BB]02", "occurred_at", time=4, zone=5),
        *route("W27"),
        row("W2704", "freight_payment", FREIGHT_PAYMENT),
        row("W2708", "status", SHIPMENT_STATUS),
        loop(
            "LX",
            "cartons[]",
            row("LX01", "number", an),
            row("MAN[GM]02", "sscc", LABEL),
            pairs("MAN[GM]04", ("CP", "beside", an), most=1),
            row("MAN[AA]02", "bare_sscc", an),
            row("MAN[CP]02", "tracking_number", an),
            row("MAN[CA]02", "package_id", an),
            row("MAN[SS]02", "parent_id", an),
            row("PAL11", "weight.value", r),
            row("PAL12", "weight.uom", UNIT),
            CARTON_LINE,
        ),
        *whole("W03"),
    ),
)
