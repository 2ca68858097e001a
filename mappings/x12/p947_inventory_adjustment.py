"""947 Warehouse Inventory Adjustment Advice ⇄ StockAdjustment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from hub.canonical import StockAdjustment, StockAdjustmentLine
from hub.canonical.values import Text
from hub.mapping.codecs import an, date8, gtin, r
from hub.mapping.notation import M, Via, const, loop, row
from hub.mapping.x12_mapping import document
from mappings.x12.codes import UNIT
from mappings.x12.warehouse import DEPOSITOR, LOT, NOTE, SITE, Coded, coded, codes, merge_item, pieces

__all__ = ["INVENTORY_ADJUSTMENT"]


class Line(StockAdjustmentLine, Coded):
    """W19."""

    site_lot: Text | None = None
    expires: date | None = None


class Advice(StockAdjustment):
    """The document: as the message, with item columns."""

    lines: tuple[Line, ...] = ()


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        for line in data.get("lines", ()):
            merge_item(line)
            for column, name in (("site_lot", "lot_number"), ("expires", "expiry_date")):
                value = line.pop(column, None)
                if value:
                    line.setdefault(name, value)
    return documents


def _write(messages: Sequence[StockAdjustment]) -> list[Advice]:
    return [
        Advice.model_construct(
            **{
                **dict(message),
                "notes": tuple(part for note in message.notes for part in pieces(note)),
                "lines": tuple(Line.model_construct(**{**dict(line), **coded(line.item)}) for line in message.lines),
            }
        )
        for message in messages
    ]


INVENTORY_ADJUSTMENT = document(
    "947",
    group="AW",
    model=StockAdjustment,
    via=Via(model=Advice, read=_read, write=_write),
    rows=(
        row("W1501", "adjustment_date", date8, M),
        row("W1502", "id", an, M),
        row("W1503", "depositor_id", an),
        const("W1504", "00"),
        SITE,
        DEPOSITOR,
        *NOTE,
        loop(
            "W19",
            "lines[]",
            row("W1901", "reason_code", an, M),
            row("W1902", "quantity.value", r, M),
            row("W1903", "quantity.uom", UNIT, M),
            row("W1904", "upc", gtin(12)),
            *codes("W1905", "W1917"),
            row("W1909", "site_lot", an),
            row("W1916", "transaction_type", an),
            row("G6901", "texts[]", an),
            *LOT,
            row("G62[36]02", "expires", date8),
        ),
    ),
)
