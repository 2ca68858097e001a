"""855 Purchase Order Acknowledgment ⇄ OrderResponse."""

from __future__ import annotations

from hub.canonical import OrderResponse
from hub.mapping.codecs import an, date8, money, r
from hub.mapping.notation import M, const, count, currency, loop, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import LINE_STATUS, RESPONSE_STATUS, UNIT
from mappings.x12.parties import ITEM, PARTY

__all__ = ["PURCHASE_ORDER_ACKNOWLEDGMENT"]

PURCHASE_ORDER_ACKNOWLEDGMENT = document(
    "855",
    group="PR",
    model=OrderResponse,
    rows=(
        const("BAK01", "00"),
        row("BAK02", "status", RESPONSE_STATUS, M),
        row("BAK03", "order_id", an, M),
        row("BAK04", "order_date", date8, M),
        row("BAK08", "seller_order_id", an),
        row("BAK09", "issue_date", date8, M),
        const("CUR01", "SE"),
        currency("CUR02", "currency"),
        loop("N1[ST]", "ship_to", *PARTY),
        loop(
            "PO1",
            "lines[]",
            row("PO101", "line_id", an, M),
            row("PO102", "quantity.value", r, M),
            row("PO103", "quantity.uom", UNIT, M),
            row("PO104", "price", money),
            pairs("PO106", *ITEM),
            const("PID01", "F"),
            row("PID05", "item.description", an),
            row("ACK01", "status", LINE_STATUS, M),
            row("ACK02", "confirmed_quantity.value", r, M),
            row("ACK03", "confirmed_quantity.uom", UNIT, M),
            pairs("ACK04", ("068", "scheduled_ship_date", date8), most=1),
        ),
        count("CTT01", of="PO1"),
        skip("CTT02", why="a hash total, checked by the X12 reader"),
    ),
)
