"""Rows that several JSON documents share."""

from __future__ import annotations

from hub.mapping.json_codecs import json_code, text
from hub.mapping.notation import row

__all__ = ["FREIGHT_TERMS", "ITEM", "MODES", "PLACE"]

PLACE = (
    row("code", "buyer_assigned_id", text),
    row("name", "name", text),
    row("address.lines[]", "address.lines[]", text),
    row("address.city", "address.city", text),
    row("address.region", "address.region", text),
    row("address.postal_code", "address.postal_code", text),
    row("address.country", "address.country", text),
)
"""Where goods go."""

ITEM = (
    row("sku", "item.seller_item_id", text),
    row("gtin", "item.gtin", text),
)

MODES = json_code(
    {
        "PARCEL": "PARCEL",
        "LTL": "LTL",
        "TRUCKLOAD": "TRUCKLOAD",
        "AIR": "AIR",
        "AIR_EXPRESS": "AIR_EXPRESS",
        "RAIL": "RAIL",
        "OCEAN": "OCEAN",
        "INTERMODAL": "INTERMODAL",
        "CUSTOMER_PICKUP": "CUSTOMER_PICKUP",
        "PRIVATE_FLEET": "PRIVATE_FLEET",
    },
    also={"SMALL_PARCEL": "PARCEL"},
)
"""The modes that every document has a code for."""

FREIGHT_TERMS = json_code(
    {
        "PREPAID": "PREPAID",
        "COLLECT": "COLLECT",
        "THIRD_PARTY": "THIRD_PARTY",
        "PREPAID_AND_CHARGED": "PREPAID_AND_CHARGED",
        "CUSTOMER_PICKUP": "CUSTOMER_PICKUP",
        "AS_AGREED": "AS_AGREED",
    }
)
