"""An order, its partner and its shipment as the tests of this folder use them; every call makes new ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hub.canonical import (
    Address,
    Carrier,
    Item,
    Money,
    Order,
    OrderLine,
    Package,
    PackedItem,
    Party,
    Quantity,
    Remainder,
    ShipmentConfirmation,
    ShippedLine,
)
from hub.contracts.partner import Entity, Identifier, Partner, Place, X12Profile
from hub.orders.derive import Known
from hub.orders.lifecycle import open_order
from hub.orders.state import OrderState

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def each(value: str | int) -> Quantity:
    return Quantity(value=Decimal(value), uom="EA")


def partner(**changes: Any) -> Partner:
    values: dict[str, Any] = {
        "id": "bigbox",
        "name": "Bigbox Stores",
        "channel": "mailbox",
        "x12": X12Profile(
            partner=Identifier(qualifier="ZZ", id="BIGBOX"), us=Identifier(qualifier="ZZ", id="CROSSDOCK")
        ),
        "ship_to": {"0042": Place(name="Store 42", address=Address(city="Dallas", region="TX", country="US"))},
        "prices": {"SKU-RED": "9.95", "SKU-BLUE": "4.50"},
        "freight_per_carton": "4.75",
    }
    return Partner(**{**values, **changes})


def entity() -> Entity:
    return Entity(id="crossdock", name="Crossdock Distribution", site="RNO1")


def order(**changes: Any) -> Order:
    values: dict[str, Any] = {
        "id": "PO-1",
        "issue_date": date(2026, 11, 19),
        "currency": "USD",
        "ship_to": Party(buyer_assigned_id="0042"),
        "lines": (
            OrderLine(line_id="1", item=Item(seller_item_id="SKU-RED"), quantity=each(10), price=usd("9.95")),
            OrderLine(line_id="2", item=Item(seller_item_id="SKU-BLUE"), quantity=each(3), price=usd("4.50")),
        ),
    }
    return Order(**{**values, **changes})


def opened(found: Order | None = None) -> OrderState:
    return open_order("bigbox", found or order(), NOW, "m1")


def shipment(*, short: int = 2, remainder: Remainder = Remainder.BACKORDER, **changes: Any) -> ShipmentConfirmation:
    shipped = 10 - short
    values: dict[str, Any] = {
        "id": "W1",
        "occurred_at": NOW,
        "site": "RNO1",
        "seller_order_id": "BIGBOX-PO-1",
        "order_id": "PO-1",
        "shipment_id": "SHP-1",
        "shipped_at": NOW,
        "final": True,
        "carrier": Carrier(scac="UPSN"),
        "packages": (
            Package(id="P1", tracking_number="1Z1", items=(PackedItem(line_id="1", quantity=each(shipped)),)),
            Package(id="P2", tracking_number="1Z2", items=(PackedItem(line_id="2", quantity=each(3)),)),
        ),
        "lines": (
            ShippedLine(
                line_id="1",
                item=Item(seller_item_id="SKU-RED"),
                ordered=each(10),
                picked=each(shipped),
                shipped=each(shipped),
                short=each(short) if short else None,
                remainder=remainder if short else None,
            ),
            ShippedLine(
                line_id="2", item=Item(seller_item_id="SKU-BLUE"), ordered=each(3), picked=each(3), shipped=each(3)
            ),
        ),
    }
    return ShipmentConfirmation(**{**values, **changes})


def known(message: Any, state: OrderState | None = None, **changes: Any) -> Known:
    return Known(
        message=message, state=state or opened(), partner=changes.pop("partner", partner()), entity=entity(), now=NOW
    )
