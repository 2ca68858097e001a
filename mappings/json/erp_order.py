"""Order as the ERP receives it ⇄ Order."""

from __future__ import annotations

from hub.canonical import Order
from hub.mapping.json_codecs import amount, date_iso, decimal, text
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, const, currency, loop, row
from mappings.json.shared import PLACE

__all__ = ["ERP_ORDER"]

ERP_ORDER = json_document(
    "erp_order",
    model=Order,
    rows=(
        const("schema", "crossdock.order/1"),
        row("purchase_order_number", "id", text, M),
        row("order_date", "issue_date", date_iso, M),
        currency("currency", "currency"),
        row("requested_delivery_date", "requested_delivery_date", date_iso),
        loop("ship_to", "ship_to", *PLACE),
        loop(
            "lines[]",
            "lines[]",
            row("line_number", "line_id", text, M),
            row("sku", "item.seller_item_id", text),
            row("gtin", "item.gtin", text),
            row("buyer_item", "item.buyer_item_id", text),
            row("description", "item.description", text),
            row("quantity", "quantity.value", decimal, M),
            row("uom", "quantity.uom", text, M),
            row("unit_price", "price", amount),
            required=M,
        ),
    ),
)
