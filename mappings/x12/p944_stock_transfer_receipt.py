"""944 Warehouse Stock Transfer Receipt Advice ⇄ ReceiptAdvice: what came in, what is short or damaged.

004010 has the items (W07) at the top, 005010 in LX loops.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.canonical import ReceiptAdvice, ReceiptLine
from hub.canonical.values import Decimal_, Text
from hub.mapping.codecs import an, code, date8, gtin, r
from hub.mapping.notation import M, Via, const, loop, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import UNIT
from mappings.x12.parties import PARTY
from mappings.x12.warehouse import (
    DEPOSITOR,
    LOT,
    NOTE,
    RUNNING,
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
)

__all__ = ["STOCK_TRANSFER_RECEIPT"]

CONDITION = code({"01": "DAMAGED", "02": "SHORT", "03": "OVER", "07": "GOOD", "08": "REJECTED"}, others=True)
"""412. Partners disagree on the other codes, so that these stand for themselves."""


class Line(ReceiptLine, Coded):
    """W07."""

    site_lot: Text | None = None


class Receipt(ReceiptAdvice):
    """The document: as the message, with totals and the trailer in two elements."""

    units: Decimal_ | None = None
    damaged: Decimal_ | None = None
    initial: Text | None = None
    number: Text | None = None
    lines: tuple[Line, ...] = ()


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        data.pop("units", None)
        data.pop("damaged", None)
        merge_mode(data)
        trailer = equipment(data.pop("initial", None), data.pop("number", None))
        if trailer:
            data["trailer_number"] = trailer
        for line in data.get("lines", ()):
            merge_item(line)
            lot = line.pop("site_lot", None)
            if lot:
                line.setdefault("lot_number", lot)
    return documents


def _write(messages: Sequence[ReceiptAdvice]) -> list[Receipt]:
    return [_receipt(message) for message in messages]


def _receipt(receipt: ReceiptAdvice) -> Receipt:
    initial, number = said_equipment(receipt.trailer_number)
    damaged = [entry.quantity for line in receipt.lines for entry in line.exceptions if entry.condition == "DAMAGED"]
    if receipt.trailer_number and not initial:
        msg = f"trailer {receipt.trailer_number!r} has no owner's initials, and W08 asks for both: ABCD 12345"
        raise ValueError(msg)
    return Receipt.model_construct(
        **{
            **dict(receipt),
            "units": total(line.received for line in receipt.lines),
            "damaged": total(damaged) or None,
            "initial": initial,
            "number": number,
            "carrier": modes(receipt.carrier),
            "notes": tuple(part for note in receipt.notes for part in pieces(note)),
            "lines": tuple(Line.model_construct(**{**dict(line), **coded(line.item)}) for line in receipt.lines),
        }
    )


ITEMS = loop(
    "W07",
    "lines[]",
    row("W0701", "received.value", r, M),
    row("W0702", "received.uom", UNIT, M),
    row("W0703", "upc", gtin(12)),
    *codes("W0704", "W0710"),
    row("W0708", "site_lot", an),
    row("G6901", "texts[]", an),
    *LOT,
    loop(
        "W13",
        "exceptions[]",
        row("W1301", "quantity.value", r, M),
        row("W1302", "quantity.uom", UNIT, M),
        row("W1303", "condition", CONDITION, M),
        row("W1304", "lot_number", an),
        row("W1305", "reason_code", an),
    ),
)

STOCK_TRANSFER_RECEIPT = document(
    "944",
    group="RE",
    model=ReceiptAdvice,
    via=Via(model=Receipt, read=_read, write=_write),
    rows=(
        const("W1701", "F", also=("J", "N", "X"), why="each item tells its own exceptions"),
        row("W1702", "receipt_date", date8, M),
        row("W1703", "id", an, M),
        row("W1704", "transfer_id", an),
        row("W1705", "shipment_id", an),
        loop("N1[SF]", "ship_from", *PARTY),
        SITE,
        DEPOSITOR,
        row("N9[PO]02", "order_id", an),
        row("N9[BM]02", "bill_of_lading", an),
        row("N9[CN]02", "pro_number", an),
        *NOTE,
        *route("W08"),
        row("W0804", "initial", an),
        row("W0805", "number", an),
        row("W0806", "seal_number", an),
        ITEMS,
        loop("LX", ".", RUNNING, ITEMS),
        row("W1401", "units", r),
        skip("W1402", why="follows from the items and their exceptions"),
        row("W1403", "damaged", r),
        skip("W1404", why="packages that were counted, beside the units"),
        skip("W1405", why="packages that were announced, beside the units"),
    ),
)
