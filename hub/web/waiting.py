"""What is waited for: endpoints to which nothing is sent for a while, why, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hub.clock import utc
from hub.ledger.message import Kind, State
from hub.ledger.records import Endpoint, Filter
from hub.orders.obligations import settled_by_delivery

if TYPE_CHECKING:
    from hub.ledger import Ledger

__all__ = ["endpoint_lines", "pauses", "waiting_obligations"]


def pauses(ledger: Ledger) -> dict[str, str]:
    """By endpoint, a sentence on why nothing is sent to it now and until when; those in use are not in it."""
    return {endpoint.name: _sentence(endpoint) for endpoint in ledger.paused_endpoints()}


def endpoint_lines(ledger: Ledger) -> list[dict[str, Any]]:
    """Endpoints with deliveries in flight, limits or trouble: ``[{endpoint, waiting, working, failures, paused_until,
    at_once, max_concurrent, per_second, burst, cause, detail}]``. ``at_once``: while it recovers, null when it is well.
    """
    from hub.web.shapes import time

    now = ledger.now()
    return [
        {
            "endpoint": endpoint.name,
            "waiting": endpoint.waiting,
            "working": endpoint.working,
            "failures": endpoint.failures,
            "paused_until": time(endpoint.open_until if (endpoint.open_until or 0.0) > now else None),
            "at_once": endpoint.ramp,
            "max_concurrent": endpoint.max_concurrent,
            "per_second": endpoint.per_second,
            "burst": endpoint.burst,
            "cause": endpoint.cause,
            "detail": endpoint.detail,
        }
        for endpoint in ledger.endpoints()
    ]


def waiting_obligations(ledger: Ledger, order: str) -> Mapping[str, str]:
    """What is due on an order and cannot happen yet, because its delivery waits for an endpoint: what -> why."""
    found: dict[str, str] = {}
    for name, sentence in pauses(ledger).items():
        which = Filter(kind=Kind.DELIVERY, states=frozenset({State.RECEIVED}), order_key=f"{name}|{order}")
        for delivery in ledger.messages(which).items:
            settled = settled_by_delivery(delivery.facts.get("document", ""))
            if settled:
                found[settled] = sentence
    return found


def _sentence(endpoint: Endpoint) -> str:
    until = f"{utc(endpoint.open_until or 0.0):%Y-%m-%d %H:%M:%S} UTC"
    failed = f" It failed {endpoint.failures} times in a row." if endpoint.failures > 1 else ""
    return f"Nothing is sent to {endpoint.name} before {until}. {endpoint.detail}{failed}"
