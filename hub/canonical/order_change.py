"""What changes in an order, and what we answer: OrderChange, OrderChangeResponse (UBL's OrderChange and its answer)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import model_validator

from hub.canonical.order import LineStatus, PaymentTerms, Purpose, ResponseStatus
from hub.canonical.related import StoreQuantity
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

__all__ = ["LineChange", "OrderChange", "OrderChangeLine", "OrderChangeResponse", "OrderChangeResponseLine"]


class LineChange(StrEnum):
    """What happens to a line of an order."""

    ADDED = "ADDED"
    DELETED = "DELETED"
    CHANGED = "CHANGED"
    SEVERAL_CHANGED = "SEVERAL_CHANGED"
    QUANTITY_INCREASED = "QUANTITY_INCREASED"
    QUANTITY_DECREASED = "QUANTITY_DECREASED"
    PRICE_CHANGED = "PRICE_CHANGED"
    PRICE_AND_QUANTITY_CHANGED = "PRICE_AND_QUANTITY_CHANGED"
    PRICE_AND_DATE_CHANGED = "PRICE_AND_DATE_CHANGED"
    RESCHEDULED = "RESCHEDULED"
    DATE_AND_QUANTITY_CHANGED = "DATE_AND_QUANTITY_CHANGED"
    DATES_CHANGED = "DATES_CHANGED"
    DATES_REPLACED = "DATES_REPLACED"
    CHARGES_CHANGED = "CHARGES_CHANGED"
    ITEM_REPLACED = "ITEM_REPLACED"
    VALUES_REPLACED = "VALUES_REPLACED"
    UNCHANGED = "UNCHANGED"
    CHANGE_REJECTED = "CHANGE_REJECTED"


def _check_named(line_id: str | None, item: Item | None) -> None:
    if line_id is None and not (item and (item.gtin or item.seller_item_id or item.buyer_item_id)):
        msg = "a changed line needs its number or its item, to tell which line of the order it is"
        raise ValueError(msg)


class OrderChangeLine(Canonical):
    """One line that changes: the values it has from now on. Without a number it is known by its item.

    ``quantity`` is what is ordered after the change, ``quantity_left`` how much of it is still to come, in the same
    unit. Some partners send a difference as ``quantity``: their overlay or a person says so, this shape does not.
    """

    line_id: Text | None = None
    change: LineChange
    item: Item | None = None
    quantity: Quantity | None = None
    quantity_left: Decimal_ | None = None
    price: Money | None = None
    requested_delivery_date: date | None = None
    requested_ship_date: date | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    stores: tuple[StoreQuantity, ...] = ()

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        _check_named(self.line_id, self.item)
        return self


class OrderChange(Canonical):
    """A change to a purchase order. ``order_id`` is the buyer's PO number, ``sequence`` the number of the change.

    Without lines the change is to the order as a whole: its cancellation, or other dates.
    """

    order_id: Text
    order_date: date
    sequence: Text | None = None
    issue_date: date | None = None
    currency: Currency
    purpose: Purpose = Purpose.CHANGE
    type_code: Text | None = None
    release_id: Text | None = None
    request_reference: Text | None = None
    contract_id: Text | None = None
    seller_order_id: Text | None = None
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
    ship_not_before_date: date | None = None
    ship_not_after_date: date | None = None
    deliver_not_before_date: date | None = None
    deliver_not_after_date: date | None = None
    payment_terms: PaymentTerms | None = None
    freight_payment: Text | None = None
    carrier: Carrier | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    notes: tuple[Text, ...] = ()
    lines: tuple[OrderChangeLine, ...] = ()
    total: Money | None = None


class OrderChangeResponseLine(Canonical):
    """The answer to one changed line: what was asked for, and the quantity, price and date we commit to."""

    line_id: Text | None = None
    change: LineChange
    item: Item | None = None
    quantity: Quantity | None = None
    quantity_left: Decimal_ | None = None
    price: Money | None = None
    status: LineStatus
    confirmed_quantity: Quantity | None = None
    scheduled_ship_date: date | None = None

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        _check_named(self.line_id, self.item)
        return self


class OrderChangeResponse(Canonical):
    """Our answer to an order change, line by line; or a change that we as the seller ask for.

    ``issue_date`` is ours, ``change_date`` that of the change answered.
    """

    order_id: Text
    order_date: date
    sequence: Text | None = None
    issue_date: date | None = None
    change_date: date | None = None
    currency: Currency
    purpose: Purpose = Purpose.ORIGINAL
    status: ResponseStatus
    release_id: Text | None = None
    request_reference: Text | None = None
    contract_id: Text | None = None
    seller_order_id: Text | None = None
    vendor_id: Text | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    notes: tuple[Text, ...] = ()
    lines: tuple[OrderChangeResponseLine, ...] = ()
