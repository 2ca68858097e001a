"""Documents ⇄ canonical messages, one file a document, both directions in one place.

``CATALOG["x12/850"]`` is the standard mapping; ``find("x12/850", partner="bigbox", version="004010")`` is the
partner's: with its overlay, and writing its release.
"""

from __future__ import annotations

from functools import cache, lru_cache

from hub.mapping.json_mapping import JsonMapping
from hub.mapping.overlay import overlay
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.grammar import nearest
from mappings.json.carrier_tracking import CARRIER_TRACKING
from mappings.json.erp_cash import ERP_CASH
from mappings.json.erp_invoice import ERP_INVOICE
from mappings.json.erp_order import ERP_ORDER
from mappings.json.erp_shipment import ERP_SHIPMENT
from mappings.json.pick_confirmation import PICK_CONFIRMATION
from mappings.json.shipment_confirmation import SHIPMENT_CONFIRMATION
from mappings.json.tax import TAX_ANSWER, TAX_COMMIT, TAX_REQUEST
from mappings.json.warehouse_order import WAREHOUSE_ORDER
from mappings.overlays import GUIDES, OVERLAYS
from mappings.x12.p180_return import RETURN_AUTHORIZATION
from mappings.x12.p204_load_tender import LOAD_TENDER
from mappings.x12.p210_freight_invoice import FREIGHT_INVOICE
from mappings.x12.p214_shipment_status import SHIPMENT_STATUS
from mappings.x12.p810_invoice import INVOICE
from mappings.x12.p812_credit_debit import CREDIT_DEBIT
from mappings.x12.p820_remittance import REMITTANCE
from mappings.x12.p824_application_advice import APPLICATION_ADVICE
from mappings.x12.p832_catalogue import CATALOGUE
from mappings.x12.p846_inventory import INVENTORY
from mappings.x12.p850_purchase_order import PURCHASE_ORDER
from mappings.x12.p855_purchase_order_acknowledgment import PURCHASE_ORDER_ACKNOWLEDGMENT
from mappings.x12.p856_ship_notice import SHIP_NOTICE
from mappings.x12.p860_order_change import ORDER_CHANGE
from mappings.x12.p864_text_message import TEXT_MESSAGE
from mappings.x12.p865_order_change_acknowledgment import ORDER_CHANGE_ACKNOWLEDGMENT
from mappings.x12.p940_shipping_order import SHIPPING_ORDER
from mappings.x12.p943_stock_transfer_shipment import STOCK_TRANSFER_SHIPMENT
from mappings.x12.p944_stock_transfer_receipt import STOCK_TRANSFER_RECEIPT
from mappings.x12.p945_shipping_advice import SHIPPING_ADVICE
from mappings.x12.p947_inventory_adjustment import INVENTORY_ADJUSTMENT
from mappings.x12.p990_load_tender_response import LOAD_TENDER_RESPONSE
from mappings.x12.p997_functional_acknowledgment import FUNCTIONAL_ACKNOWLEDGMENT
from mappings.x12.p999_implementation_acknowledgment import IMPLEMENTATION_ACKNOWLEDGMENT

__all__ = ["CATALOG", "GUIDES", "find"]

CATALOG: dict[str, X12Mapping | JsonMapping] = {
    "x12/180": RETURN_AUTHORIZATION,
    "x12/204": LOAD_TENDER,
    "x12/210": FREIGHT_INVOICE,
    "x12/214": SHIPMENT_STATUS,
    "x12/810": INVOICE,
    "x12/812": CREDIT_DEBIT,
    "x12/820": REMITTANCE,
    "x12/824": APPLICATION_ADVICE,
    "x12/832": CATALOGUE,
    "x12/846": INVENTORY,
    "x12/850": PURCHASE_ORDER,
    "x12/855": PURCHASE_ORDER_ACKNOWLEDGMENT,
    "x12/856": SHIP_NOTICE,
    "x12/860": ORDER_CHANGE,
    "x12/864": TEXT_MESSAGE,
    "x12/865": ORDER_CHANGE_ACKNOWLEDGMENT,
    "x12/940": SHIPPING_ORDER,
    "x12/943": STOCK_TRANSFER_SHIPMENT,
    "x12/944": STOCK_TRANSFER_RECEIPT,
    "x12/945": SHIPPING_ADVICE,
    "x12/947": INVENTORY_ADJUSTMENT,
    "x12/990": LOAD_TENDER_RESPONSE,
    "x12/997": FUNCTIONAL_ACKNOWLEDGMENT,
    "x12/999": IMPLEMENTATION_ACKNOWLEDGMENT,
    "json/carrier_tracking": CARRIER_TRACKING,
    "json/erp_cash": ERP_CASH,
    "json/erp_invoice": ERP_INVOICE,
    "json/erp_order": ERP_ORDER,
    "json/erp_shipment": ERP_SHIPMENT,
    "json/pick_confirmation": PICK_CONFIRMATION,
    "json/shipment_confirmation": SHIPMENT_CONFIRMATION,
    "json/tax_answer": TAX_ANSWER,
    "json/tax_commit": TAX_COMMIT,
    "json/tax_request": TAX_REQUEST,
    "json/warehouse_order": WAREHOUSE_ORDER,
}
"""Mapping id to mapping."""


@lru_cache(maxsize=1024)
def find(mapping_id: str, *, partner: str = "", version: str = "") -> X12Mapping | JsonMapping | None:
    """The mapping of a document for a partner: ``find("x12/850", partner="bigbox", version="004010VICS")``.

    ``version`` (GS08) chooses the release that is written: the nearest one with a table; reading follows the document.
    None where there is no such mapping. Raises Misconfigured where the partner's overlay does not fit.
    """
    mapping = CATALOG.get(mapping_id)
    if mapping is None:
        return None
    release = nearest(version, mapping.document) if version and isinstance(mapping, X12Mapping) else None
    return _overlaid(mapping_id, partner if partner in OVERLAYS else "", release or "")


@cache
def _overlaid(mapping_id: str, partner: str, release: str) -> X12Mapping | JsonMapping:
    mapping = CATALOG[mapping_id]
    edits = OVERLAYS[partner].get(mapping_id, ()) if partner else ()
    if isinstance(mapping, JsonMapping):
        return overlay(mapping, partner, edits) if edits else mapping
    edited = overlay(mapping, partner, edits) if edits else mapping
    return edited.at(release) if release else edited
