"""Order to pick and ship, as the warehouse receives it ⇄ OrderRelease."""

from __future__ import annotations

from hub.canonical import OrderRelease
from hub.mapping.json_codecs import date_iso, decimal, text
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, const, loop, row
from mappings.json.shared import PLACE

__all__ = ["WAREHOUSE_ORDER"]

WAREHOUSE_ORDER = json_document(
    "warehouse_order",
    model=OrderRelease,
    rows=(
        const("schema", "crossdock.warehouse_order/1"),
        row("order_number", "id", text, M),
        row("purchase_order_number", "order_id", text, M),
        row("site", "site", text, M),
        loop("ship_to", "ship_to", *PLACE, required=M),
        row("requested_ship_date", "requested_ship_date", date_iso),
        row("latest_delivery_date", "latest_delivery_date", date_iso),
        row("carrier.scac", "carrier.scac", text),
        row("carrier.service_code", "carrier.service_code", text),
        row("freight_terms", "freight_payment", text),
        row("notes[]", "notes[]", text),
        loop(
            "lines[]",
            "lines[]",
            row("line_number", "line_id", text, M),
            row("sku", "item.seller_item_id", text),
            row("gtin", "item.gtin", text),
            row("description", "item.description", text),
            row("quantity", "quantity.value", decimal, M),
            row("uom", "quantity.uom", text, M),
            required=M,
        ),
    ),
)
