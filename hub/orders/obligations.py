"""What is due on an order, and what settles it (P7). Routes open obligations; these tables say what closes them."""

from __future__ import annotations

from hub.canonical import (
    Canonical,
    Invoice,
    PickConfirmation,
    Remittance,
    ShipmentConfirmation,
    TransportationStatus,
)
from hub.orders.state import OrderState

__all__ = ["settled_by_delivery", "settled_by_message"]

_DELIVERIES = {"x12/855": "855", "x12/856": "856", "x12/810": "810"}


def settled_by_delivery(document: str) -> str | None:
    """The obligation that the arrival of a document (mapping id) closes."""
    return _DELIVERIES.get(document)


def settled_by_message(message: Canonical, state: OrderState) -> tuple[str, ...]:
    """The obligations that a message closes, given the order after it."""
    if isinstance(message, PickConfirmation):
        return ("pick",)
    if isinstance(message, ShipmentConfirmation):
        return ("pick", "shipment")
    if isinstance(message, Invoice):
        return ("invoice",)
    if isinstance(message, TransportationStatus) and state.delivered:
        return ("proof_of_delivery",)
    if isinstance(message, Remittance) and all(invoice.open <= 0 for invoice in state.invoices):
        return ("payment",)
    return ()
