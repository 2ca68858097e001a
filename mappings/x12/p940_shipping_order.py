"""940 Warehouse Shipping Order ⇄ OrderRelease: a site is told to pick and ship."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.canonical import Carrier, OrderRelease, OrderReleaseLine
from hub.canonical.values import Canonical, Decimal_, Text
from hub.mapping.codecs import an, date8, gtin, r
from hub.mapping.notation import M, Via, loop, row
from hub.mapping.x12_mapping import document
from mappings.x12.codes import FREIGHT_PAYMENT, MODE, UNIT
from mappings.x12.parties import PARTY
from mappings.x12.warehouse import (
    DEPOSITOR,
    NOTE,
    SITE,
    Coded,
    coded,
    codes,
    merge_item,
    merge_mode,
    modes,
    pieces,
    total,
)

__all__ = ["SHIPPING_ORDER"]

ORIGINAL = "N"
AS_AGREED = "AS_AGREED"


class Line(OrderReleaseLine, Coded):
    """W01."""


class Numbered(Canonical):
    """LX: usually one line, with a number that stands for the line's where it has none."""

    number: Text | None = None
    lines: tuple[Line, ...] = ()


class Shipping(OrderRelease):
    """The document: as the message, with its status and total."""

    status: Text | None = None
    units: Decimal_ | None = None
    numbered: tuple[Numbered, ...] = ()


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        status = data.pop("status", ORIGINAL)
        if status != ORIGINAL:
            msg = f"W0501 is {status!r}: a release is a new order (N), a change or cancellation is for a person"
            raise ValueError(msg)
        data.pop("units", None)
        merge_mode(data)
        data["lines"] = [line for entry in data.pop("numbered", ()) for line in _lines(entry)]
    return documents


def _lines(entry: dict[str, Any]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = entry.get("lines", [])
    for line in lines:
        merge_item(line)
        if len(lines) == 1 and "number" in entry:
            line.setdefault("line_id", entry["number"])
    return lines


def _write(messages: Sequence[OrderRelease]) -> list[Shipping]:
    return [_shipping(message) for message in messages]


def _shipping(release: OrderRelease) -> Shipping:
    lines = (Line.model_construct(**{**dict(line), **coded(line.item)}) for line in release.lines)
    carrier = release.carrier or (Carrier() if release.freight_payment else None)
    return Shipping.model_construct(
        **{
            **dict(release),
            "status": ORIGINAL,
            "units": total(line.quantity for line in release.lines),
            "carrier": modes(carrier),
            "freight_payment": release.freight_payment or (AS_AGREED if carrier else None),
            "notes": tuple(part for note in release.notes for part in pieces(note)),
            "numbered": tuple(
                Numbered.model_construct(number=str(number), lines=(line,)) for number, line in enumerate(lines, 1)
            ),
        }
    )


SHIPPING_ORDER = document(
    "940",
    group="OW",
    model=OrderRelease,
    via=Via(model=Shipping, read=_read, write=_write),
    rows=(
        row("W0501", "status", an, M),
        row("W0502", "id", an, M),
        row("W0503", "order_id", an, M),
        SITE,
        loop("N1[ST]", "ship_to", *PARTY),
        DEPOSITOR,
        row("N9[AAO]02", "carrier.service_code", an),
        row("G62[10]02", "requested_ship_date", date8),
        row("G62[54]02", "latest_delivery_date", date8),
        *NOTE,
        row("W6601", "freight_payment", FREIGHT_PAYMENT),
        row("W6602", "carrier.mode", MODE),
        row("W6605", "carrier.name", an),
        row("W6610", "carrier.scac", an),
        loop(
            "LX",
            "numbered[]",
            row("LX01", "number", an),
            loop(
                "W01",
                "lines[]",
                row("W0101", "quantity.value", r, M),
                row("W0102", "quantity.uom", UNIT, M),
                row("W0103", "upc", gtin(12)),
                *codes("W0104", "W0115"),
                row("G6901", "texts[]", an),
                row("N9[LI]02", "line_id", an),
            ),
        ),
        row("W7601", "units", r),
    ),
)
