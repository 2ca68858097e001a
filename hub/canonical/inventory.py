"""What is on hand, on order and for sale: InventoryReport."""

from __future__ import annotations

from datetime import date, time

from pydantic import Field

from hub.canonical.related import (
    DateEntry,
    ItemDescription,
    ItemPrice,
    PartyInRole,
    QuantityEntry,
    Reference,
    StoreQuantity,
)
from hub.canonical.values import Canonical, Contact, Currency, Item, Quantity, Text

__all__ = ["ExpectedQuantity", "InventoryLine", "InventoryQuantity", "InventoryReport"]


class ExpectedQuantity(Canonical):
    """What is to come, and when."""

    quantity: Quantity
    when: DateEntry


class InventoryQuantity(QuantityEntry):
    """A quantity in one state, with what is expected to come to it."""

    expected: tuple[ExpectedQuantity, ...] = ()


class InventoryLine(Canonical):
    """One item at one place. ``parties`` names the place where it is not the report's."""

    line_id: Text | None = None
    item: Item
    descriptions: tuple[ItemDescription, ...] = ()
    dates: tuple[DateEntry, ...] = ()
    prices: tuple[ItemPrice, ...] = ()
    references: tuple[Reference, ...] = ()
    stores: tuple[StoreQuantity, ...] = ()
    maintenance: Text | None = None
    quantities: tuple[InventoryQuantity, ...] = ()
    parties: tuple[PartyInRole, ...] = ()


class InventoryReport(Canonical):
    """Inventory of items; no promise to sell."""

    id: Text
    report_type: Text
    purpose: Text
    issue_date: date
    issue_time: time | None = None
    action_code: Text | None = None
    currency: Currency
    dates: tuple[DateEntry, ...] = ()
    references: tuple[Reference, ...] = ()
    contact: Contact | None = None
    parties: tuple[PartyInRole, ...] = ()
    lines: tuple[InventoryLine, ...] = Field(min_length=1)
