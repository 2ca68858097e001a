"""943 Warehouse Stock Transfer Shipment Advice ⇄ StockTransfer: goods on their way into a warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.canonical import StockTransfer, StockTransferLine
from hub.canonical.values import Decimal_, Text
from hub.mapping.codecs import an, date8, gtin, r
from hub.mapping.notation import M, Via, const, loop, row
from hub.mapping.x12_mapping import document
from mappings.x12.codes import FREIGHT_PAYMENT, UNIT
from mappings.x12.parties import PARTY
from mappings.x12.warehouse import (
    DEPOSITOR,
    LOT,
    NOTE,
    SITE,
    Coded,
    coded,
    codes,
    equipment,
    merge_item,
    merge_mode,
    modes,
    pieces,
    route,
    said_equipment,
    total,
    whole,
)

__all__ = ["STOCK_TRANSFER_SHIPMENT"]


class Line(StockTransferLine, Coded):
    """W04."""


class Advice(StockTransfer):
    """The document: as the message, with a total and the trailer in two elements."""

    units: Decimal_ | None = None
    initial: Text | None = None
    number: Text | None = None
    lines: tuple[Line, ...] = ()


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        data.pop("units", None)
        merge_mode(data)
        trailer = equipment(data.pop("initial", None), data.pop("number", None))
        if trailer:
            data["trailer_number"] = trailer
        for line in data.get("lines", ()):
            merge_item(line)
    return documents


def _write(messages: Sequence[StockTransfer]) -> list[Advice]:
    return [_advice(message) for message in messages]


def _advice(transfer: StockTransfer) -> Advice:
    if not (transfer.carrier and (transfer.carrier.scac or transfer.carrier.name)):
        msg = "W27 must be sent, and the transfer names no carrier"
        raise ValueError(msg)
    initial, number = said_equipment(transfer.trailer_number)
    return Advice.model_construct(
        **{
            **dict(transfer),
            "units": total(line.quantity for line in transfer.lines),
            "initial": initial,
            "number": number,
            "carrier": modes(transfer.carrier),
            "notes": tuple(part for note in transfer.notes for part in pieces(note)),
            "lines": tuple(Line.model_construct(**{**dict(line), **coded(line.item)}) for line in transfer.lines),
        }
    )


STOCK_TRANSFER_SHIPMENT = document(
    "943",
    group="AR",
    model=StockTransfer,
    via=Via(model=Advice, read=_read, write=_write),
    rows=(
        const("W0601", "F", also=("J", "N"), why="full detail, whatever it is called"),
        row("W0602", "id", an, M),
        row("W0603", "shipped_date", date8, M),
        row("W0604", "shipment_id", an),
        row("W0606", "order_id", an),
        loop("N1[SF]", "ship_from", *PARTY),
        SITE,
        DEPOSITOR,
        row("N9[BM]02", "bill_of_lading", an),
        row("N9[CN]02", "pro_number", an),
        row("G62[17]02", "estimated_delivery_date", date8),
        *NOTE,
        *route("W27"),
        row("W2704", "freight_payment", FREIGHT_PAYMENT),
        row("W2706", "initial", an),
        row("W2707", "number", an),
        row("W1004", "seal_number", an),
        loop(
            "W04",
            "lines[]",
            row("W0401", "quantity.value", r, M),
            row("W0402", "quantity.uom", UNIT, M),
            row("W0403", "upc", gtin(12)),
            *codes("W0404", "W0414"),
            row("G6901", "texts[]", an),
            *LOT,
        ),
        *whole("W03"),
    ),
)
