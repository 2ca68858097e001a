"""Rows of the table ``message`` as `Message` values."""

from __future__ import annotations

from typing import Any

import orjson

from hub.ledger.message import Kind, Message, State
from hub.ledger.transaction import Row

__all__ = ["MESSAGE_COLUMNS", "SELECT_MESSAGE", "json_object", "object_in", "to_message"]

SELECT_MESSAGE = (
    "SELECT id, kind, state, type, partner, endpoint, order_key, seq, order_hold, unique_key, payload, reading, parent,"
    " replay_of, attempts, crashes, fence, owner, due_at, lease_until, created_at, changed_at, cause, detail, facts,"
    " chain FROM message"
)
MESSAGE_COLUMNS = SELECT_MESSAGE.removeprefix("SELECT ").removesuffix(" FROM message")
_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}


def json_object(text: str) -> dict[str, Any]:
    """The JSON object in a text column."""
    if text == "{}":
        return {}
    value: dict[str, Any] = orjson.loads(text)
    return value


def object_in(text: str) -> dict[str, Any] | None:
    """As `json_object`; None where there is no JSON object, which the ledger never writes."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def to_message(row: Row) -> Message:
    """A row selected with `MESSAGE_COLUMNS`."""
    return Message(
        id=row[0],
        kind=_KINDS[row[1]],
        state=_STATES[row[2]],
        type=row[3],
        partner=row[4],
        endpoint=row[5],
        order_key=row[6],
        seq=row[7],
        order_hold=bool(row[8]),
        unique_key=row[9],
        payload=row[10],
        reading=row[11],
        parent=row[12],
        replay_of=row[13],
        attempts=row[14],
        crashes=row[15],
        fence=row[16],
        owner=row[17],
        due_at=row[18],
        lease_until=row[19],
        created_at=row[20],
        changed_at=row[21],
        cause=row[22],
        detail=row[23],
        facts=json_object(row[24]),
        chain=row[25],
    )
