"""What is traded in the demo: items, places, and the orders that the retailer places."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = [
    "BLOCKED",
    "DEPARTMENT",
    "FAULTY",
    "FIRST",
    "FREIGHT_PER_CARTON",
    "ITEMS",
    "ORDERS",
    "SHIP_TO",
    "STOCK",
    "VENDOR",
    "Item",
    "Place",
]


@dataclass(frozen=True, slots=True)
class Item:
    """An article: GTIN-12, words, price of one piece in dollars."""

    upc: str
    description: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """Where goods go, by the retailer's code."""

    code: str
    name: str
    street: str
    city: str
    region: str
    postal_code: str


ITEMS = {
    "SKU-RED": Item("012345678905", "STORAGE BOX RED", Decimal("9.95")),
    "SKU-BLUE": Item("036000291452", "STORAGE BOX BLUE", Decimal("4.50")),
    "SKU-GREEN": Item("042100005264", "STORAGE BOX GREEN", Decimal("12.00")),
}
SHIP_TO = Place("0042", "BIGBOX STORE 42", "9 MARKET STREET", "DALLAS", "TX", "75201")
VENDOR = "77012"
DEPARTMENT = "038"
FREIGHT_PER_CARTON = Decimal("4.75")
STOCK = {"SKU-BLUE": Decimal(20)}
"""What the warehouse has little of."""

FIRST = "4500012001"
"""The order that is followed from 850 to payment."""
BLOCKED = "4500012002"
"""The order that the ERP refuses at first."""
FAULTY = "4500012003"
"""The order that is written wrongly."""

ORDERS: dict[str, dict[str, Decimal]] = {
    FIRST: {"SKU-RED": Decimal(12), "SKU-BLUE": Decimal(24), "SKU-GREEN": Decimal(5)},
    BLOCKED: {"SKU-RED": Decimal(6)},
    FAULTY: {"SKU-RED": Decimal(10), "SKU-GREEN": Decimal(2)},
}
"""PO number -> SKU -> pieces, in the order of the lines."""
