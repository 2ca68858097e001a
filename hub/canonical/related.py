"""What many messages point at: parties in a role, references, dates, remarks, prices and measured quantities.

``type`` and ``role`` are our words where we have one (``ORDER``, ``SHIP_TO``, ``AVAILABLE``), else the sender's code.
"""

from __future__ import annotations

from datetime import date, time

from hub.canonical.values import Canonical, Decimal_, Money, Party, Quantity, Text

__all__ = [
    "AmountEntry",
    "DateEntry",
    "ItemDescription",
    "ItemPrice",
    "PartyInRole",
    "QuantityEntry",
    "Reference",
    "Remark",
    "StoreQuantity",
]


class PartyInRole(Party):
    """A party and what it is in this message."""

    role: Text


class Reference(Canonical):
    """A number of another document or thing, or words about it."""

    type: Text
    id: Text | None = None
    description: Text | None = None


class DateEntry(Canonical):
    """A day, perhaps with a time of that day, and what it is. The zone is the sender's."""

    type: Text
    day: date
    time_of_day: time | None = None


class Remark(Canonical):
    """Words for a person."""

    type: Text | None = None
    text: Text


class AmountEntry(Canonical):
    """An amount and what it is."""

    type: Text
    amount: Money


class QuantityEntry(Canonical):
    """A count of something in a state; ``dates`` are this quantity's own."""

    type: Text
    value: Decimal_
    uom: Text | None = None
    dates: tuple[DateEntry, ...] = ()


class StoreQuantity(Canonical):
    """How much goes to, or lies at, one store. ``store``: the buyer's number; ``location``: a place in it."""

    store: Text
    quantity: Quantity
    location: Text | None = None


class ItemDescription(Canonical):
    """One characteristic of an item in words: colour, size, material."""

    type: Text | None = None
    text: Text


class ItemPrice(Canonical):
    """A price of one kind, for one class of trade, from a quantity on."""

    type: Text | None = None
    amount: Money | None = None
    class_of_trade: Text | None = None
    quantity: Quantity | None = None
    multiplier_type: Text | None = None
    multiplier: Decimal_ | None = None
    dates: tuple[DateEntry, ...] = ()
