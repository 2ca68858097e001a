"""What left the building: PickConfirmation, ShipmentConfirmation, ShipNotice, TransportationStatus."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from hub.canonical.values import SSCC, At, Canonical, Carrier, Item, Party, Quantity, Text

__all__ = [
    "DeliveryStatus",
    "Lot",
    "Package",
    "PackedItem",
    "PickConfirmation",
    "PickLine",
    "Remainder",
    "ShipNotice",
    "ShipNoticeLine",
    "ShipNoticePackage",
    "ShipmentConfirmation",
    "ShippedLine",
    "TrackingEvent",
    "TransportationStatus",
]


class Remainder(StrEnum):
    """What becomes of the part that was not shipped."""

    BACKORDER = "BACKORDER"
    CANCEL = "CANCEL"
    PENDING = "PENDING"


class PickLine(Canonical):
    """One picked line. Quantities share the ordered unit."""

    line_id: Text
    ordered: Quantity
    picked: Quantity
    short: Quantity | None = None
    short_reason: Text | None = None


class PickConfirmation(Canonical):
    """The site has picked an order. ``id`` is the sender's message id, ``order_id`` the buyer's PO number."""

    id: Text
    occurred_at: At
    site: Text
    seller_order_id: Text
    order_id: Text
    lines: tuple[PickLine, ...] = Field(min_length=1)


class Lot(Canonical):
    """A batch of goods."""

    lot_number: Text
    expiry_date: date | None = None
    quantity: Quantity | None = None


class PackedItem(Canonical):
    """How much of a line lies in a package."""

    line_id: Text
    quantity: Quantity
    lots: tuple[Lot, ...] = ()
    serials: tuple[Text, ...] = ()


class Package(Canonical):
    """A carton or pallet; ``parent_id`` is the package it stands on."""

    id: Text
    sscc: SSCC | None = None
    parent_id: Text | None = None
    type_code: Text | None = None
    tracking_number: Text | None = None
    weight: Quantity | None = None
    items: tuple[PackedItem, ...] = ()


class ShippedLine(Canonical):
    """One line of a shipment: ordered = shipped + short, said and not inferred."""

    line_id: Text
    item: Item
    ordered: Quantity
    picked: Quantity
    shipped: Quantity
    short: Quantity | None = None
    short_reason: Text | None = None
    remainder: Remainder | None = None
    substitution_for: Text | None = None

    @model_validator(mode="after")
    def _short_is_said(self) -> Self:
        short = self.short.value if self.short else Decimal(0)
        if self.shipped.value + short != self.ordered.value and self.shipped.value <= self.ordered.value:
            msg = (
                f"line {self.line_id}: shipped {self.shipped.value} + short {short} is not ordered {self.ordered.value}"
            )
            raise ValueError(msg)
        if short > 0 and self.remainder is None:
            msg = f"line {self.line_id}: {short} short needs a remainder: BACKORDER, CANCEL or PENDING"
            raise ValueError(msg)
        return self


class ShipmentConfirmation(Canonical):
    """One physical shipment has left a site. ``final`` says whether more of the order follows."""

    id: Text
    occurred_at: At
    site: Text
    site_gln: Text | None = None
    ship_to: Party | None = None
    seller_order_id: Text
    order_id: Text
    shipment_id: Text
    shipped_at: At
    final: bool
    carrier: Carrier
    bill_of_lading: Text | None = None
    pro_number: Text | None = None
    freight_payment: Text | None = None
    gross_weight: Quantity | None = None
    packages: tuple[Package, ...] = ()
    lines: tuple[ShippedLine, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _packed_is_shipped(self) -> Self:
        if not self.packages:
            return self
        packed: dict[str, Decimal] = {}
        for package in self.packages:
            for item in package.items:
                packed[item.line_id] = packed.get(item.line_id, Decimal(0)) + item.quantity.value
        for line in self.lines:
            inside = packed.pop(line.line_id, Decimal(0))
            if inside != line.shipped.value:
                msg = f"line {line.line_id}: shipped {line.shipped.value} but {inside} lie in the packages"
                raise ValueError(msg)
        if packed:
            msg = f"packages hold lines that were not shipped: {', '.join(sorted(packed))}"
            raise ValueError(msg)
        for kind, marks in (
            ("SSCC", [package.sscc for package in self.packages if package.sscc]),
            ("package id", [package.id for package in self.packages]),
        ):
            if len(set(marks)) != len(marks):
                msg = f"the same {kind} stands on two packages"
                raise ValueError(msg)
        return self


class ShipNoticeLine(Canonical):
    """How much of an ordered line lies in a package."""

    line_id: Text
    item: Item
    shipped: Quantity
    ordered: Quantity | None = None


class ShipNoticePackage(Canonical):
    """One carton as the receiver will scan it."""

    sscc: SSCC | None = None
    tracking_number: Text | None = None
    weight: Quantity | None = None
    lines: tuple[ShipNoticeLine, ...] = Field(min_length=1)


class ShipNotice(Canonical):
    """What will arrive (despatch advice): shipment, order, packages, items."""

    id: Text
    shipment_id: Text
    issued_at: At
    shipped_at: At
    order_id: Text
    order_date: date
    department: Text | None = None
    seller_order_id: Text | None = None
    carrier: Carrier
    bill_of_lading: Text | None = None
    pro_number: Text | None = None
    freight_payment: Text | None = None
    gross_weight: Quantity | None = None
    estimated_delivery_date: date | None = None
    ship_from: Party
    ship_to: Party
    packages: tuple[ShipNoticePackage, ...] = Field(min_length=1)


class DeliveryStatus(StrEnum):
    """Where a parcel is. An unknown carrier code becomes UNKNOWN, never DELIVERED."""

    PRE_TRANSIT = "PRE_TRANSIT"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    AVAILABLE_FOR_PICKUP = "AVAILABLE_FOR_PICKUP"
    DELIVERED = "DELIVERED"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"
    EXCEPTION = "EXCEPTION"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class TrackingEvent(Canonical):
    """One scan of a parcel, with the carrier's own code and words kept; ``reason_code`` (X12 element 1651) is why."""

    tracking_number: Text
    status: DeliveryStatus
    occurred_at: At
    raw_code: Text | None = None
    raw_text: Text | None = None
    reason_code: Text | None = None
    city: Text | None = None
    region: Text | None = None
    country: Text | None = None
    received_by: Text | None = None


class TransportationStatus(Canonical):
    """All that a carrier says of one parcel or freight shipment, oldest event first.

    ``tracking_number`` of freight is the carrier's PRO; ``shipment_id`` and ``bill_of_lading`` are the shipper's.
    """

    tracking_number: Text
    carrier_scac: Text | None = None
    shipment_id: Text | None = None
    bill_of_lading: Text | None = None
    order_id: Text | None = None
    estimated_delivery_at: At | None = None
    events: tuple[TrackingEvent, ...]
