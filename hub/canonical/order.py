"""What is ordered, and what we answer: Order, OrderResponse, OrderRelease."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from hub.canonical.values import (
    AllowanceCharge,
    Canonical,
    Carrier,
    Contact,
    Currency,
    Decimal_,
    Item,
    Money,
    Party,
    Quantity,
    Text,
)

__all__ = [
    "LineStatus",
    "Order",
    "OrderLine",
    "OrderRelease",
    "OrderReleaseLine",
    "OrderResponse",
    "OrderResponseLine",
    "PaymentTerms",
    "Purpose",
    "ResponseStatus",
]


class Purpose(StrEnum):
    """Why an order is sent."""

    ORIGINAL = "ORIGINAL"
    CANCELLATION = "CANCELLATION"
    CHANGE = "CHANGE"
    REPLACE = "REPLACE"
    CONFIRMATION = "CONFIRMATION"


class PaymentTerms(Canonical):
    """When to pay: net days, and a discount for paying early."""

    discount_percent: Decimal_ | None = None
    discount_days: int | None = None
    net_days: int | None = None
    description: Text | None = None


class OrderLine(Canonical):
    """One line; ``price`` is for one unit of ``quantity.uom``."""

    line_id: Text
    item: Item
    quantity: Quantity
    price: Money | None = None


class Order(Canonical):
    """A purchase order. ``id`` is the buyer's PO number."""

    id: Text
    issue_date: date
    currency: Currency
    purpose: Purpose = Purpose.ORIGINAL
    type_code: Text | None = None
    release_id: Text | None = None
    department: Text | None = None
    vendor_id: Text | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    bill_to: Party | None = None
    contact: Contact | None = None
    requested_delivery_date: date | None = None
    requested_ship_date: date | None = None
    latest_delivery_date: date | None = None
    payment_terms: PaymentTerms | None = None
    freight_payment: Text | None = None
    carrier: Carrier | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    notes: tuple[Text, ...] = ()
    lines: tuple[OrderLine, ...] = Field(min_length=1)
    total: Money | None = None


class LineStatus(StrEnum):
    """What becomes of an ordered line."""

    ACCEPTED = "ACCEPTED"
    QUANTITY_CHANGED = "QUANTITY_CHANGED"
    PRICE_CHANGED = "PRICE_CHANGED"
    DATE_CHANGED = "DATE_CHANGED"
    SUBSTITUTED = "SUBSTITUTED"
    BACKORDERED = "BACKORDERED"
    HELD = "HELD"
    REJECTED = "REJECTED"


class ResponseStatus(StrEnum):
    """What becomes of an order as a whole."""

    ACCEPTED = "ACCEPTED"
    ACCEPTED_WITH_CHANGE = "ACCEPTED_WITH_CHANGE"
    REJECTED = "REJECTED"


class OrderResponseLine(Canonical):
    """The answer to one line: the ordered values, and the quantity, price and date we commit to."""

    line_id: Text
    item: Item
    quantity: Quantity
    price: Money | None = None
    status: LineStatus
    confirmed_quantity: Quantity
    scheduled_ship_date: date | None = None


class OrderResponse(Canonical):
    """Our answer to an order, line by line."""

    order_id: Text
    order_date: date
    issue_date: date
    currency: Currency
    status: ResponseStatus
    seller_order_id: Text | None = None
    ship_to: Party | None = None
    lines: tuple[OrderResponseLine, ...] = Field(min_length=1)


class OrderReleaseLine(Canonical):
    """One line to pick."""

    line_id: Text
    item: Item
    quantity: Quantity


class OrderRelease(Canonical):
    """The instruction to a site to pick and ship. ``id`` is our order number there."""

    id: Text
    order_id: Text
    site: Text
    ship_to: Party
    requested_ship_date: date | None = None
    latest_delivery_date: date | None = None
    carrier: Carrier | None = None
    freight_payment: Text | None = None
    notes: tuple[Text, ...] = ()
    lines: tuple[OrderReleaseLine, ...] = Field(min_length=1)
