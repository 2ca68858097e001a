"""An order's way from receipt to payment as milestones, for people who want to see where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.clock import utc
from hub.orders.state import OrderState

__all__ = ["Milestone", "milestones"]


@dataclass(frozen=True, slots=True)
class Milestone:
    """``state``: ``done``, ``partly`` or ``open``; ``at``: when it was last worked on."""

    name: str
    state: str
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "state": self.state, "at": self.at.isoformat() if self.at else None}


def milestones(state: OrderState, last: Mapping[str, float]) -> tuple[Milestone, ...]:
    """Ordered, confirmed, released, picked, shipped, invoiced, delivered, paid; always all eight.

    ``last``: what happened -> when it happened last, seconds since 1970 UTC.
    """
    lines, invoices, parcels = state.lines, state.invoices, [p for s in state.shipments for p in s.parcels]

    def milestone(name: str, some: bool, every: bool, *steps: str) -> Milestone:
        at = max((last[step] for step in steps if step in last), default=None)
        return Milestone(name, "done" if every else "partly" if some else "open", None if at is None else utc(at))

    shipped = any(line.shipped for line in lines)
    invoiced = any(line.invoiced for line in lines)
    return (
        milestone("ordered", True, True, "ordered"),
        milestone("confirmed", state.confirmed, state.confirmed, "confirmed"),
        milestone("released", bool(state.release_id), bool(state.release_id), "released", "warehouse_order_delivered"),
        milestone(
            "picked",
            any(line.picked for line in lines),
            bool(lines) and all(line.picked >= line.ordered - line.cancelled for line in lines),
            "picked",
        ),
        milestone("shipped", shipped, shipped and not state.open, "shipped"),
        milestone(
            "invoiced",
            invoiced,
            invoiced and not state.open and all(line.invoiced >= line.shipped for line in lines),
            "invoiced",
        ),
        milestone("delivered", any(p.delivered_at for p in parcels), state.delivered, "tracking_delivered"),
        milestone(
            "paid",
            any(invoice.paid for invoice in invoices),
            bool(invoices) and all(invoice.open <= 0 for invoice in invoices) and not state.open,
            "paid",
        ),
    )
