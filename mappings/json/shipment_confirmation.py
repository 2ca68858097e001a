"""Shipment confirmation of a warehouse ⇄ ShipmentConfirmation. One document is one physical shipment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical import Remainder, ShipmentConfirmation
from hub.contracts.mapping import Context
from hub.mapping.json_codecs import at, date_iso, decimal, flag, json_code, text
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, computed, const, loop, row, unit
from mappings.json.shared import FREIGHT_TERMS, MODES

__all__ = ["REMAINDERS", "SHIPMENT_CONFIRMATION"]

REMAINDERS = json_code({remainder.value: remainder for remainder in Remainder})

_WEIGHT = (row("value", "value", decimal, M), row("uom", "uom", text, M))


def _packed_units(data: Mapping[str, Any], _: Context) -> Any:
    units = {line["line_id"]: line["ordered"]["uom"] for line in data["lines"]}
    for package in data.get("packages", ()):
        for item in package.get("items", ()):
            unit_of_line = units.get(item["line_id"], "EA")
            for quantity in (item.get("quantity"), *(lot.get("quantity") for lot in item.get("lots", ()))):
                if quantity:
                    quantity["uom"] = unit_of_line
    return data.get("packages")


SHIPMENT_CONFIRMATION = json_document(
    "shipment_confirmation",
    model=ShipmentConfirmation,
    rows=(
        const("schema", "crossdock.shipment_confirmation/1"),
        row("message_id", "id", text, M),
        row("occurred_at", "occurred_at", at, M),
        row("warehouse.code", "site", text, M),
        row("warehouse.gln", "site_gln", text),
        row("order.order_number", "seller_order_id", text, M),
        row("order.purchase_order_number", "order_id", text, M),
        row("shipment.shipment_id", "shipment_id", text, M),
        row("shipment.shipped_at", "shipped_at", at, M),
        row("shipment.final", "final", flag, M),
        loop(
            "shipment.carrier",
            "carrier",
            row("scac", "scac", text),
            row("name", "name", text),
            row("service_code", "service_code", text),
            row("mode", "mode", MODES),
            required=M,
        ),
        row("shipment.bill_of_lading", "bill_of_lading", text),
        row("shipment.pro_number", "pro_number", text),
        row("shipment.freight_terms", "freight_payment", FREIGHT_TERMS),
        loop("shipment.gross_weight", "gross_weight", *_WEIGHT),
        loop(
            "packages[]",
            "packages[]",
            row("package_id", "id", text, M),
            row("sscc", "sscc", text),
            row("parent_package_id", "parent_id", text),
            row("type", "type_code", text),
            row("tracking_number", "tracking_number", text),
            loop("weight", "weight", *_WEIGHT),
            loop(
                "items[]",
                "items[]",
                row("line_number", "line_id", text, M),
                row("quantity", "quantity.value", decimal, M),
                loop(
                    "lots[]",
                    "lots[]",
                    row("lot_number", "lot_number", text, M),
                    row("expiry_date", "expiry_date", date_iso),
                    row("quantity", "quantity.value", decimal),
                ),
                row("serials[]", "serials[]", text),
            ),
        ),
        loop(
            "lines[]",
            "lines[]",
            row("line_number", "line_id", text, M),
            row("sku", "item.seller_item_id", text),
            row("gtin", "item.gtin", text),
            unit("uom", "ordered", "picked", "shipped", "short"),
            row("ordered", "ordered.value", decimal, M),
            row("picked", "picked.value", decimal, M),
            row("shipped", "shipped.value", decimal, M),
            row("short", "short.value", decimal),
            row("short_reason", "short_reason", text),
            row("remainder", "remainder", REMAINDERS),
            row("substitution_for", "substitution_for", text),
            required=M,
        ),
        computed("packages[]", _packed_units, why="what lies in a package is counted in the unit of its line"),
    ),
)
