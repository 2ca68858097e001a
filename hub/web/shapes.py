"""Rows of the ledger as JSON objects: the same in the API and in ``crossdock … --json``.

Times are RFC 3339 in UTC, amounts are strings, ids are the ledger's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.clock import utc
from hub.ledger.message import IN_FLIGHT, Kind, Message, State
from hub.ledger.ordering import BEHIND
from hub.ledger.records import Event, Obligation, OrderRow, OrderStep
from hub.orders.state import OrderState
from hub.visible import visible
from hub.web.journey import milestones

__all__ = [
    "event_json",
    "message_json",
    "message_line",
    "message_lines",
    "order_json",
    "order_line",
    "order_state",
    "payload_text",
    "time",
]

_NONE: Mapping[str, str] = {}
PAYLOAD_SHOWN_MAX = 200_000
"""Bytes of a payload that are shown at once."""


def time(seconds: float | None) -> str | None:
    """``2026-11-20T15:04:05.123Z``."""
    if seconds is None:
        return None
    return utc(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message_line(message: Message, pauses: Mapping[str, str] = _NONE) -> dict[str, Any]:
    """A message in a list. ``pauses``: of `hub.web.waiting`; ``waits``: why nothing happens to it now, else empty.

    ``due_at``: null where nothing is due: it is at rest, or waits for another one.
    """
    in_flight = message.state is State.RECEIVED
    is_due = message.state in IN_FLIGHT and not (in_flight and message.cause == BEHIND)
    return {
        "id": message.id,
        "kind": message.kind.value,
        "state": message.state.value,
        "type": message.type,
        "partner": message.partner,
        "endpoint": message.endpoint,
        "order_key": message.order_key,
        "order": _order(message),
        "attempts": message.attempts,
        "cause": message.cause,
        "detail": message.detail,
        "created_at": time(message.created_at),
        "changed_at": time(message.changed_at),
        "due_at": time(message.due_at) if is_due else None,
        "waits": _waits(message, pauses) if in_flight else "",
    }


def message_lines(messages: Iterable[Message], pauses: Mapping[str, str] = _NONE) -> list[dict[str, Any]]:
    """`message_line` of each."""
    return [message_line(message, pauses) for message in messages]


def message_json(
    message: Message,
    *,
    events: Iterable[Event] = (),
    children: Iterable[Message] = (),
    replays: Iterable[Message] = (),
    pauses: Mapping[str, str] = _NONE,
) -> dict[str, Any]:
    """A message with its history and its family."""
    return {
        **message_line(message, pauses),
        "parent": message.parent,
        "replay_of": message.replay_of,
        "unique_key": message.unique_key,
        "crashes": message.crashes,
        "payload_sha256": message.payload,
        "reading_sha256": message.reading,
        "problems": list(message.facts.get("problems", ())),
        "facts": {name: value for name, value in message.facts.items() if name != "problems"},
        "events": [event_json(event) for event in events],
        "children": message_lines(children, pauses),
        "replays": message_lines(replays, pauses),
    }


def event_json(event: Event) -> dict[str, Any]:
    """One line of a history."""
    return {
        "at": time(event.at),
        "what": event.what,
        "from": event.state_from,
        "to": event.state_to,
        "actor": event.actor,
        "cause": event.cause,
        "detail": event.detail,
        "facts": dict(event.facts),
        "hash": event.hash,
    }


def order_state(row: OrderRow) -> OrderState:
    """What `hub.orders` keeps of an order."""
    return OrderState.model_validate(row.data)


def order_line(row: OrderRow, steps: Iterable[OrderStep] = ()) -> dict[str, Any]:
    """An order in a list; without its steps, milestones have no times."""
    state = order_state(row)
    return {
        "key": row.key,
        "partner": row.partner,
        "purchase_order_number": row.po,
        "stage": state.stage.value,
        "delivered": state.delivered,
        "lines": len(state.lines),
        "ordered": str(sum(line.ordered for line in state.lines)),
        "shipped": str(sum(line.shipped for line in state.lines)),
        "open": str(sum(line.open for line in state.lines)),
        "milestones": [milestone.as_json() for milestone in milestones(state, {step.what: step.at for step in steps})],
        "created_at": time(row.created_at),
        "changed_at": time(row.changed_at),
    }


def order_json(
    row: OrderRow,
    obligations: Iterable[Obligation] = (),
    steps: Sequence[OrderStep] = (),
    waiting: Mapping[str, str] = _NONE,
) -> dict[str, Any]:
    """Everything known of an order, what is or was due on it, and what happened. ``waiting``: why not yet."""
    state = order_state(row)
    return {
        **order_line(row, steps),
        "lines": [{**line.model_dump(mode="json"), "open": str(line.open)} for line in state.lines],
        "shipments": [
            {**shipment.model_dump(mode="json"), "delivered": shipment.delivered} for shipment in state.shipments
        ],
        "invoices": [{**invoice.model_dump(mode="json"), "open": str(invoice.open)} for invoice in state.invoices],
        "steps": [
            {"at": time(step.at), "what": step.what, "detail": step.detail, "message": step.message_id}
            for step in steps
        ],
        "order": state.order.model_dump(mode="json", exclude_none=True),
        "release_id": state.release_id,
        "obligations": [
            {
                "what": due.what,
                "due_at": time(due.due_at),
                "opened_at": time(due.opened_at),
                "closed_at": time(due.closed_at),
                "waits": "" if due.closed_at else waiting.get(due.what, ""),
            }
            for due in obligations
        ],
    }


def payload_text(data: bytes) -> tuple[str, bool]:
    """Bytes as safe text, one segment or line a line, and whether it was cut at PAYLOAD_SHOWN_MAX bytes.

    Bytes that are no UTF-8 are read as ISO 8859-1, so that every byte can be seen.
    """
    cut = len(data) > PAYLOAD_SHOWN_MAX
    shown = data[:PAYLOAD_SHOWN_MAX]
    try:
        text = shown.decode()
    except UnicodeDecodeError:
        text = shown.decode("latin-1")
    if "\n" not in text.rstrip():
        terminator = text[105:106] if text.startswith("ISA") else text[-1:] if text.startswith("ST") else ""
        text = text.replace(terminator, terminator + "\n") if terminator else text
    return "\n".join(visible(line.rstrip("\r")) for line in text.rstrip("\n").split("\n")), cut


def _waits(message: Message, pauses: Mapping[str, str]) -> str:
    if message.cause == BEHIND:
        return message.detail
    asked = message.facts.get("error", {}).get("endpoint", "") if message.kind is Kind.DOCUMENT else ""
    return pauses.get(message.endpoint or asked, "")


def _order(message: Message) -> str | None:
    """The key of the order that a message is about, whichever line it stands in."""
    named = message.facts.get("order")
    if isinstance(named, str):
        return named
    if message.order_key is None:
        return None
    return message.order_key.removesuffix("#billing")
