"""Documents ⇄ canonical messages, one file a document, both directions in one place.

``CATALOG["x12/850"]`` is the standard mapping; ``find("x12/850", partner="bigbox", version="004010")`` is the
partner's: with its overlay, and writing its release.
"""

from __future__ import annotations

from hub.mapping.json_mapping import JsonMapping
from hub.mapping.x12_mapping import X12Mapping
from mappings.json.erp_order import ERP_ORDER
from mappings.json.shipment_confirmation import SHIPMENT_CONFIRMATION
from mappings.x12.p850_purchase_order import PURCHASE_ORDER

__all__ = ["CATALOG"]

CATALOG: dict[str, X12Mapping | JsonMapping] = {
    "x12/850": PURCHASE_ORDER,
    "json/erp_order": ERP_ORDER,
    "json/shipment_confirmation": SHIPMENT_CONFIRMATION,
}
"""Mapping id to mapping."""
