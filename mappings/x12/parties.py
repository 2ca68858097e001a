"""Rows that many documents share: parties and items."""

from __future__ import annotations

from hub.mapping.codecs import an, gtin
from hub.mapping.notation import pairs, row, spread
from mappings.x12.codes import COUNTRY

__all__ = ["GTIN", "ITEM", "PARTY"]

PARTY = (
    row("N102", "name", an),
    pairs("N103", ("92", "buyer_assigned_id", an), ("91", "seller_assigned_id", an), ("UL", "gln", an), most=1),
    spread("N301", "address.lines[]", an, across=2),
    row("N401", "address.city", an),
    row("N402", "address.region", an),
    row("N403", "address.postal_code", an),
    row("N404", "address.country", COUNTRY),
)
"""Name, one identification, address. A party's codes are written in this order of preference, one of them."""

GTIN = (
    ("UP", "item.gtin", gtin(12)),
    ("EN", "item.gtin", gtin(13)),
    ("UK", "item.gtin", gtin(14)),
)

ITEM = (
    *GTIN,
    ("VN", "item.seller_item_id", an),
    ("IN", "item.buyer_item_id", an),
    ("VP", "item.seller_item_id", an),
    ("SK", "item.seller_item_id", an),
    ("VA", "item.seller_item_id", an),
    ("BP", "item.buyer_item_id", an),
    ("PI", "item.buyer_item_id", an),
)
"""Product qualifiers (X12 element 235): the first one of each field is written, the others are understood."""
