"""865 Purchase Order Change Acknowledgment, by the seller ⇄ OrderChangeResponse."""

from __future__ import annotations

from hub.canonical import OrderChangeResponse
from hub.mapping.codecs import an, date8, money, r
from hub.mapping.notation import M, const, count, currency, loop, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import LINE_STATUS, PURPOSE, RESPONSE_STATUS, UNIT
from mappings.x12.p860_order_change import LINE_CHANGE
from mappings.x12.parties import ITEM, PARTY
from mappings.x12.related import FREE_TEXT

__all__ = ["ORDER_CHANGE_ACKNOWLEDGMENT"]

ORDER_CHANGE_ACKNOWLEDGMENT = document(
    "865",
    group="CA",
    model=OrderChangeResponse,
    rows=(
        row("BCA01", "purpose", PURPOSE, M),
        row("BCA02", "status", RESPONSE_STATUS, M),
        row("BCA03", "order_id", an, M),
        row("BCA04", "release_id", an),
        row("BCA05", "sequence", an),
        row("BCA06", "order_date", date8, M),
        row("BCA07", "request_reference", an),
        row("BCA08", "contract_id", an),
        row("BCA09", "seller_order_id", an),
        row("BCA10", "issue_date", date8),
        row("BCA11", "change_date", date8),
        const("CUR01", "SE", also=("BY", "BT"), why="whose currency it is does not change the amounts"),
        currency("CUR02", "currency"),
        row("REF[IA]02", "vendor_id", an),
        FREE_TEXT,
        loop("N1[BY]", "buyer", *PARTY),
        loop("N1[SE]", "seller", *PARTY),
        loop("N1[ST]", "ship_to", *PARTY),
        loop(
            "POC",
            "lines[]",
            row("POC01", "line_id", an),
            row("POC02", "change", LINE_CHANGE, M),
            row("POC03", "quantity.value", r),
            row("POC04", "quantity_left", r),
            row("POC05", "quantity.uom", UNIT),
            row("POC06", "price", money),
            pairs("POC08", *ITEM),
            const("PID01", "F"),
            row("PID05", "item.description", an),
            loop(
                "ACK",
                ".",
                row("ACK01", "status", LINE_STATUS, M),
                row("ACK02", "confirmed_quantity.value", r),
                row("ACK03", "confirmed_quantity.uom", UNIT),
                pairs("ACK04", ("068", "scheduled_ship_date", date8), most=1),
            ),
        ),
        loop("CTT", ".", count("CTT01", of="POC"), skip("CTT02", why="a hash total, checked by the X12 reader")),
    ),
)
