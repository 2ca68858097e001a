"""What comes back: ReturnAuthorization, from request over answer to notice, told apart by ``purpose``."""

from __future__ import annotations

from datetime import date, time

from hub.canonical.related import (
    AmountEntry,
    DateEntry,
    ItemDescription,
    ItemPrice,
    PartyInRole,
    QuantityEntry,
    Reference,
    Remark,
)
from hub.canonical.values import AllowanceCharge, Canonical, Carrier, Contact, Item, Quantity, Text

__all__ = ["ReturnAuthorization", "ReturnDisposition", "ReturnLine"]


class ReturnDisposition(Canonical):
    """What is to be done, and why: the buyer's ``request_reason`` or the seller's ``response_reason``."""

    disposition: Text | None = None
    request_reason: Text | None = None
    response_reason: Text | None = None
    description: Text | None = None
    used: bool | None = None


class ReturnLine(Canonical):
    """One item that comes back, or is asked to."""

    item: Item
    quantity: Quantity | None = None
    price: ItemPrice | None = None
    references: tuple[Reference, ...] = ()
    descriptions: tuple[ItemDescription, ...] = ()
    disposition: ReturnDisposition | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    amounts: tuple[AmountEntry, ...] = ()
    notes: tuple[Remark, ...] = ()
    order_id: Text | None = None
    order_date: date | None = None
    order_line_id: Text | None = None
    dates: tuple[DateEntry, ...] = ()
    quantities: tuple[QuantityEntry, ...] = ()


class ReturnAuthorization(Canonical):
    """A return of merchandise. ``id`` is the sender's number of this message; the authorization is a reference."""

    id: Text
    issue_date: date
    issue_time: time | None = None
    purpose: Text
    reference_id: Text | None = None
    type_code: Text | None = None
    action_code: Text | None = None
    disposition: ReturnDisposition | None = None
    order_id: Text | None = None
    release_id: Text | None = None
    order_date: date | None = None
    dates: tuple[DateEntry, ...] = ()
    references: tuple[Reference, ...] = ()
    contact: Contact | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    carrier: Carrier | None = None
    notes: tuple[Remark, ...] = ()
    parties: tuple[PartyInRole, ...] = ()
    lines: tuple[ReturnLine, ...] = ()
