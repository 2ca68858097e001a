"""What is known of one purchase order: its lines' balance, shipments, invoices and the steps it took.

The quantity balance of a line is one equation, true after every message:

    ordered = shipped + cancelled + open        with open >= 0 unless more was shipped than ordered
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from hub.canonical import Canonical, DeliveryStatus, Item, Money, Order, Quantity

__all__ = ["InvoiceState", "LineBalance", "OrderState", "Parcel", "Shipment", "Stage", "Step"]

ZERO = Decimal(0)


class Stage(StrEnum):
    """How far an order has come; the furthest thing that is wholly true of it."""

    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    PICKED = "picked"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    INVOICED = "invoiced"
    PAID = "paid"


class Step(Canonical):
    """Something that happened to the order. ``what``: a short slug; ``message``: the ledger's message id."""

    at: datetime
    what: str
    detail: str = ""
    message: str = ""


class LineBalance(Canonical):
    """One line's quantities, all in ``uom``. ``backordered`` is a part of what is open."""

    line_id: str
    item: Item
    uom: str
    price: Money | None = None
    ordered: Decimal
    confirmed: Decimal = ZERO
    picked: Decimal = ZERO
    shipped: Decimal = ZERO
    backordered: Decimal = ZERO
    cancelled: Decimal = ZERO
    invoiced: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        """What is still to be shipped."""
        return self.ordered - self.shipped - self.cancelled


class Parcel(Canonical):
    """A package on its way. ``delivered_at`` and ``received_by`` are the proof of delivery."""

    package_id: str
    sscc: str | None = None
    tracking_number: str | None = None
    status: DeliveryStatus = DeliveryStatus.PRE_TRANSIT
    status_at: datetime | None = None
    delivered_at: datetime | None = None
    received_by: str | None = None


class Shipment(Canonical):
    """One physical shipment of this order."""

    id: str
    shipped_at: datetime
    scac: str | None = None
    final: bool
    parcels: tuple[Parcel, ...] = ()

    @property
    def delivered(self) -> bool:
        """Whether every parcel has its proof of delivery."""
        return bool(self.parcels) and all(parcel.delivered_at for parcel in self.parcels)


class InvoiceState(Canonical):
    """An invoice and what was paid on it; ``open`` = payable − paid − deducted."""

    id: str
    shipment_id: str
    payable: Money
    tax: Money
    paid: Decimal = ZERO
    deducted: Decimal = ZERO

    @property
    def open(self) -> Decimal:
        """What is neither paid nor disputed yet."""
        return self.payable.amount - self.paid - self.deducted


class OrderState(Canonical):
    """Everything known of one order. ``key``: ``<partner>:<PO number>``; ``steps``: those since it was loaded."""

    key: str
    partner: str
    order: Order
    release_id: str | None = None
    confirmed: bool = False
    lines: tuple[LineBalance, ...]
    shipments: tuple[Shipment, ...] = ()
    invoices: tuple[InvoiceState, ...] = ()
    steps: tuple[Step, ...] = ()

    def line(self, line_id: str) -> LineBalance | None:
        """The line with this id, None if the order has none."""
        return next((line for line in self.lines if line.line_id == line_id), None)

    @property
    def stage(self) -> Stage:
        """How far it has come."""
        if self.invoices and all(invoice.open <= 0 for invoice in self.invoices) and not self.open:
            return Stage.PAID
        if any(line.shipped for line in self.lines):
            return self._shipped_stage()
        if any(line.picked for line in self.lines):
            return Stage.PICKED
        if self.release_id:
            return Stage.RELEASED
        return Stage.CONFIRMED if self.confirmed else Stage.ORDERED

    def _shipped_stage(self) -> Stage:
        if self.open:
            return Stage.PARTLY_SHIPPED
        return Stage.INVOICED if all(line.invoiced >= line.shipped for line in self.lines) else Stage.SHIPPED

    @property
    def open(self) -> bool:
        """Whether any quantity is still to be shipped."""
        return any(line.open > 0 for line in self.lines)

    @property
    def delivered(self) -> bool:
        """Whether every shipment has its proof of delivery."""
        return bool(self.shipments) and all(shipment.delivered for shipment in self.shipments)

    def as_json(self, order: str = "") -> str:
        """All but the steps. ``order``: the JSON of `order`, where it is known."""
        rest = self.model_dump_json(exclude_none=True, exclude={"steps", "order"})
        return f'{rest[:-1]},"order":{order or self.order.model_dump_json(exclude_none=True)}}}'

    def with_step(self, at: datetime, what: str, detail: str = "", message: str = "") -> OrderState:
        """The same with one more step at the end."""
        step = Step.model_construct(at=at, what=what, detail=detail, message=message)
        return self.model_copy(update={"steps": (*self.steps, step)})


def balance(line_id: str, item: Item, quantity: Quantity, price: Money | None) -> LineBalance:
    """The balance of a line that was only ordered."""
    return LineBalance.model_construct(
        line_id=line_id, item=item, uom=quantity.uom, price=price, ordered=quantity.value
    )
