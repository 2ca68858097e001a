"""What comes into a site and what is corrected there: StockTransfer, ReceiptAdvice, StockAdjustment."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from hub.canonical.values import Canonical, Carrier, Item, Party, Quantity, Text

__all__ = [
    "ReceiptAdvice",
    "ReceiptException",
    "ReceiptLine",
    "StockAdjustment",
    "StockAdjustmentLine",
    "StockTransfer",
    "StockTransferLine",
]


class StockTransferLine(Canonical):
    """Goods on their way to a site."""

    line_id: Text | None = None
    item: Item
    quantity: Quantity
    lot_number: Text | None = None
    expiry_date: date | None = None


class StockTransfer(Canonical):
    """Goods are on their way to a site, to be stored there. ``id`` is the depositor's order number for the transfer."""

    id: Text
    shipment_id: Text | None = None
    order_id: Text | None = None
    shipped_date: date
    estimated_delivery_date: date | None = None
    site: Text
    ship_from: Party | None = None
    carrier: Carrier | None = None
    freight_payment: Text | None = None
    trailer_number: Text | None = None
    seal_number: Text | None = None
    bill_of_lading: Text | None = None
    pro_number: Text | None = None
    gross_weight: Quantity | None = None
    notes: tuple[Text, ...] = ()
    lines: tuple[StockTransferLine, ...] = Field(min_length=1)


class ReceiptException(Canonical):
    """What was not as announced. ``condition``: SHORT, OVER, DAMAGED, REJECTED, or the site's code (X12 element 412).

    ``reason_code`` tells the damage (X12 element 853).
    """

    condition: Text
    quantity: Quantity
    reason_code: Text | None = None
    lot_number: Text | None = None


class ReceiptLine(Canonical):
    """One item as it was received; what is short is not in ``received``, what is damaged is."""

    line_id: Text | None = None
    item: Item
    received: Quantity
    lot_number: Text | None = None
    expiry_date: date | None = None
    exceptions: tuple[ReceiptException, ...] = ()


class ReceiptAdvice(Canonical):
    """What a site has received. ``id`` is its receipt number, ``transfer_id`` the depositor's order number."""

    id: Text
    receipt_date: date
    transfer_id: Text | None = None
    shipment_id: Text | None = None
    order_id: Text | None = None
    site: Text
    ship_from: Party | None = None
    carrier: Carrier | None = None
    trailer_number: Text | None = None
    seal_number: Text | None = None
    bill_of_lading: Text | None = None
    pro_number: Text | None = None
    notes: tuple[Text, ...] = ()
    lines: tuple[ReceiptLine, ...] = Field(min_length=1)


class StockAdjustmentLine(Canonical):
    """More (positive) or less of an item. ``reason_code``: X12 element 181, ``transaction_type``: element 529."""

    line_id: Text | None = None
    item: Item
    reason_code: Text
    quantity: Quantity
    lot_number: Text | None = None
    expiry_date: date | None = None
    transaction_type: Text | None = None


class StockAdjustment(Canonical):
    """A site has corrected its stock. ``id`` is its number, ``depositor_id`` the depositor's for the same."""

    id: Text
    adjustment_date: date
    depositor_id: Text | None = None
    site: Text
    notes: tuple[Text, ...] = ()
    lines: tuple[StockAdjustmentLine, ...] = Field(min_length=1)
