"""ShipmentConfirmation → what the ERP is told of a shipment."""

from __future__ import annotations

from hub.canonical import ShipmentConfirmation
from hub.mapping.json_codecs import at, decimal, flag, text
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, const, loop, row, unit
from mappings.json.shipment_confirmation import REMAINDERS

__all__ = ["ERP_SHIPMENT"]

ERP_SHIPMENT = json_document(
    "erp_shipment",
    model=ShipmentConfirmation,
    direction="write",
    why="an extract for the ERP; shipments come from the site",
    rows=(
        const("schema", "crossdock.shipment/1"),
        row("shipment_id", "shipment_id", text, M),
        row("purchase_order_number", "order_id", text, M),
        row("shipped_at", "shipped_at", at, M),
        row("final", "final", flag, M),
        row("carrier.scac", "carrier.scac", text),
        row("bill_of_lading", "bill_of_lading", text),
        loop(
            "packages[]",
            "packages[]",
            row("package_id", "id", text, M),
            row("sscc", "sscc", text),
            row("tracking_number", "tracking_number", text),
        ),
        loop(
            "lines[]",
            "lines[]",
            row("line_number", "line_id", text, M),
            row("sku", "item.seller_item_id", text),
            unit("uom", "ordered", "shipped", "short"),
            row("ordered", "ordered.value", decimal, M),
            row("shipped", "shipped.value", decimal, M),
            row("short", "short.value", decimal),
            row("remainder", "remainder", REMAINDERS),
        ),
    ),
)
