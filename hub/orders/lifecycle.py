"""How each canonical message changes an order. Pure: state and message in, state out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.canonical import (
    Canonical,
    DeliveryStatus,
    Invoice,
    Order,
    OrderRelease,
    OrderResponse,
    PickConfirmation,
    Remainder,
    ShipmentConfirmation,
    TransportationStatus,
)
from hub.errors import Held, NotYet
from hub.orders.state import InvoiceState, LineBalance, OrderState, Parcel, Shipment, Step, balance

__all__ = ["apply", "keys_of", "open_order", "order_key", "order_number", "require", "said"]

_KEYS = (("po", "order_id"), ("shipment", "shipment_id"), ("release", "seller_order_id"))
_TERMINAL = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED, DeliveryStatus.CANCELLED})


def order_number(message: Canonical) -> str | None:
    """The buyer's PO number that a message is about; None where it is about no single order."""
    return message.id if isinstance(message, Order) else said(message, "order_id")


def said(message: Canonical, name: str) -> str | None:
    """A field that not every message has; None where this one lacks it or leaves it out."""
    value: str | None = vars(message).get(name)
    return value


def keys_of(message: Canonical) -> tuple[tuple[str, str], ...]:
    """Kind and value of the business keys that a message names in fields of its own."""
    return tuple((kind, value) for kind, name in _KEYS if (value := said(message, name)))


def order_key(partner: str, number: str) -> str:
    """The key under which an order is kept and its messages stay in order."""
    return f"{partner}:{number}"


def open_order(partner: str, order: Order, at: datetime, message_id: str) -> OrderState:
    """A new order."""
    return OrderState.model_construct(
        key=order_key(partner, order.id),
        partner=partner,
        order=order,
        lines=tuple([balance(line.line_id, line.item, line.quantity, line.price) for line in order.lines]),
        steps=(Step.model_construct(at=at, what="ordered", detail=f"{len(order.lines)} lines", message=message_id),),
    )


def apply(state: OrderState, message: Canonical, at: datetime, message_id: str) -> OrderState:
    """The order after the message.

    Raises Held where the message contradicts the order: an unknown line, another unit, a shipment of more than is open.
    Messages that change no order leave it as it is.
    """
    change = _CHANGES.get(type(message))
    return state if change is None else change(state, message, at, message_id)


def _confirm(state: OrderState, response: OrderResponse, at: datetime, message_id: str) -> OrderState:
    confirmed = {line.line_id: line.confirmed_quantity.value for line in response.lines}
    return (
        _lines(state, lambda line: {"confirmed": confirmed.get(line.line_id, line.confirmed)})
        .model_copy(update={"confirmed": True})
        .with_step(at, "confirmed", response.status.lower(), message_id)
    )


def _release(state: OrderState, release: OrderRelease, at: datetime, message_id: str) -> OrderState:
    return state.model_copy(update={"release_id": release.id}).with_step(at, "released", release.id, message_id)


def _pick(state: OrderState, pick: PickConfirmation, at: datetime, message_id: str) -> OrderState:
    picked: dict[str, Decimal] = {}
    for line in pick.lines:
        _known(state, line.line_id, line.picked.uom)
        picked[line.line_id] = picked.get(line.line_id, Decimal(0)) + line.picked.value
    detail = ", ".join(f"line {line_id}: {value}" for line_id, value in picked.items())
    after = _lines(state, lambda line: {"picked": line.picked + picked.get(line.line_id, Decimal(0))})
    return after.with_step(at, "picked", detail, message_id)


def _ship(state: OrderState, shipment: ShipmentConfirmation, at: datetime, message_id: str) -> OrderState:
    changes: dict[str, dict[str, Decimal]] = {}
    for shipped in shipment.lines:
        line = _known(state, shipped.line_id, shipped.shipped.uom)
        if shipped.shipped.value > line.open:
            raise Held(
                f"Shipment {shipment.shipment_id} ships {shipped.shipped.value} {line.uom} of line {line.line_id}, "
                f"but only {line.open} are open.",
                fix="Ask the site whether it shipped too much or confirmed twice; correct the confirmation and replay.",
                line=line.line_id,
            )
        short = shipped.short.value if shipped.short else Decimal(0)
        cancelled = short if shipped.remainder is Remainder.CANCEL else Decimal(0)
        changes[line.line_id] = {
            "shipped": line.shipped + shipped.shipped.value,
            "cancelled": line.cancelled + cancelled,
            "backordered": short - cancelled,
        }
    parcels = tuple(
        Parcel(package_id=package.id, sscc=package.sscc, tracking_number=package.tracking_number)
        for package in shipment.packages
    )
    entry = Shipment(
        id=shipment.shipment_id,
        shipped_at=shipment.shipped_at,
        scac=shipment.carrier.scac,
        final=shipment.final,
        parcels=parcels,
    )
    after = _lines(state, lambda line: changes.get(line.line_id, {}))
    return after.model_copy(update={"shipments": (*state.shipments, entry)}).with_step(
        at, "shipped", f"{shipment.shipment_id}, {len(parcels)} packages", message_id
    )


def _invoice(state: OrderState, invoice: Invoice, at: datetime, message_id: str) -> OrderState:
    billed = {line.line_id: line.quantity.value for line in invoice.lines}
    entry = InvoiceState(id=invoice.id, shipment_id=invoice.shipment_id, payable=invoice.payable, tax=invoice.tax_total)
    after = _lines(state, lambda line: {"invoiced": line.invoiced + billed.get(line.line_id, Decimal(0))})
    return after.model_copy(update={"invoices": (*state.invoices, entry)}).with_step(
        at, "invoiced", f"{invoice.id}: {invoice.payable.amount} {invoice.payable.currency}", message_id
    )


def _track(state: OrderState, status: TransportationStatus, at: datetime, message_id: str) -> OrderState:
    shipments = tuple(
        shipment.model_copy(
            update={
                "parcels": tuple(
                    _scanned(parcel, status) if parcel.tracking_number == status.tracking_number else parcel
                    for parcel in shipment.parcels
                )
            }
        )
        for shipment in state.shipments
    )
    if shipments == state.shipments:
        return state
    latest = status.events[-1]
    detail = f"{status.tracking_number}: {latest.raw_text or latest.status.lower()}"
    return state.model_copy(update={"shipments": shipments}).with_step(
        at, f"tracking_{latest.status.lower()}", detail, message_id
    )


def _scanned(parcel: Parcel, status: TransportationStatus) -> Parcel:
    for event in sorted(status.events, key=lambda event: event.occurred_at):
        late = parcel.status_at is not None and event.occurred_at <= parcel.status_at
        if late or (parcel.status in _TERMINAL and event.status is not DeliveryStatus.RETURNING):
            continue
        proof = {}
        if event.status is DeliveryStatus.DELIVERED:
            proof = {"delivered_at": event.occurred_at, "received_by": event.received_by}
        parcel = parcel.model_copy(update={"status": event.status, "status_at": event.occurred_at, **proof})
    return parcel


def _known(state: OrderState, line_id: str, uom: str) -> LineBalance:
    line = state.line(line_id)
    if line is None:
        raise Held(
            f"Order {state.order.id} has no line {line_id}; it has {', '.join(line.line_id for line in state.lines)}.",
            fix="Correct the line number in the confirmation and replay it.",
            line=line_id,
        )
    if line.uom != uom:
        raise Held(
            f"Line {line_id} was ordered in {line.uom} and is confirmed in {uom}.",
            fix="Units are never converted silently: correct the unit in the confirmation and replay it.",
            line=line_id,
        )
    return line


def _lines(state: OrderState, change: Callable[[LineBalance], dict[str, Any]]) -> OrderState:
    return state.model_copy(update={"lines": tuple(line.model_copy(update=change(line)) for line in state.lines)})


def require(state: OrderState | None, message: Canonical) -> OrderState:
    """The order, or NotYet where it is not known: a site's confirmation may overtake the order."""
    if state is None:
        raise NotYet(
            f"Order {order_number(message)} is not known here yet.",
            fix="If the order never came, ask the buyer for it; if its number is wrong, correct it and replay.",
            retry_after_seconds=5.0,
        )
    return state


_CHANGES: dict[type[Canonical], Callable[[OrderState, Any, datetime, str], OrderState]] = {
    Invoice: _invoice,
    OrderRelease: _release,
    OrderResponse: _confirm,
    PickConfirmation: _pick,
    ShipmentConfirmation: _ship,
    TransportationStatus: _track,
}
