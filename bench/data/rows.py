"""Rows of a ledger as they are gathered, each event hashed onto the one before it by the ledger's own functions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.clock import TimeIds
from hub.ledger import State
from hub.ledger.chain import canonical_json, event_hash

__all__ = ["COLUMNS", "Happened", "Rows"]

_COLUMNS = {
    "payload": "sha256 size created_at data",
    "message": "id kind state type partner endpoint order_key seq order_hold unique_key payload reading parent attempts"
    " due_at created_at changed_at cause detail facts chain",
    "event": "message_id at what actor kind state_from state_to cause detail facts hash",
    "search_key": "value kind message_id order_key",
    "business_key": "scope key fingerprint message_id at",
    "order_sequence": "kind order_key seq",
    "control_number": "name value rounds",
    "customer_order": "key partner po state data version created_at changed_at",
    "order_step": "order_key at what detail message_id",
    "obligation": "order_key what partner due_at opened_at opened_by closed_at closed_by",
    "sent_document": "partner group_type group_control document_control document message_id state detail sent_at due_at"
    " answered_at",
}
COLUMNS = {table: tuple(names.split()) for table, names in _COLUMNS.items()}
"""The columns of each table in the order of its rows; the others keep their defaults."""
_WORK_SECONDS = 0.08
_OWNER = "4711-0f0f0f0f/thread-1"


@dataclass(frozen=True, slots=True)
class Happened:
    """How a message came to rest, or why it waits: ``again`` such tries went before."""

    state: State
    event: str
    cause: str = ""
    detail: str = ""
    again: int = 0
    due_in: float = 0.0


@dataclass(slots=True)
class Rows:
    """``now``: seconds since 1970 of what is being written. ``tables``: rows not handed on yet."""

    random: Any
    now: float
    messages: int = 0
    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    _sequences: dict[tuple[str, str], int] = field(default_factory=dict)
    _ids: TimeIds = field(init=False)

    def __post_init__(self) -> None:
        self._ids = TimeIds(_HandClock(self), self.random.randbytes)

    def add(self, table: str, *row: Any) -> None:
        self.tables[table].append(row)

    def message(
        self,
        kind: str,
        type_: str,
        partner: str,
        happened: Happened,
        *,
        endpoint: str = "",
        actor: str = "hub",
        payload: bytes | str = b"",
        reading: bytes = b"",
        parent: str | None = None,
        order_key: str | None = None,
        order_hold: bool = False,
        unique_key: str | None = None,
        keys: Iterable[tuple[str, str]] = (),
        order: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> str:
        """One message with its events and search keys, received now and worked on at once; its id.

        ``payload``: bytes that no message has yet, or the hash of bytes that one has.
        """
        name = self._ids.new()
        created = self.now
        at_once = not happened.event  # put on record as it is: rejected or held by the file's reader
        said = (happened.cause, happened.detail)
        first = happened.state if at_once else State.RECEIVED
        chain = self._event("", name, "received", actor, kind, "", first, *(said if at_once else ("", "")), "{}")
        tries = 0 if at_once else happened.again + 1
        for attempt in range(1, tries + 1):
            self.now += _WORK_SECONDS
            after = happened.state if attempt == tries else State.RECEIVED
            what = happened.event if attempt == tries else "parked"
            noted = canonical_json({"attempt": attempt, "owner": _OWNER})
            chain = self._event(chain, name, what, "hub", kind, State.WORKING, after, *said, noted)
        seq = self._next(kind, order_key) if order_key else 0
        own = (self._payload(payload), self._payload(reading), parent, tries, created + happened.due_in)
        text = canonical_json({**(facts or {}), **({"order": order} if order else {})})
        self.add(
            "message", name, kind, happened.state, type_, partner, endpoint, order_key, seq, int(order_hold),
            unique_key, *own, created, self.now, *said, text, chain,
        )  # fmt: skip
        for key, value in keys:
            self.add("search_key", value, key, name, order)
        self.messages += 1
        return name

    def sequences(self) -> Iterable[tuple[str, str, int]]:
        """The last number given in each order."""
        return ((kind, key, seq) for (kind, key), seq in self._sequences.items())

    def _event(self, chain: str, name: str, *content: str) -> str:
        what, actor, kind, before, after, cause, detail, facts = content
        row = (name, self.now, what, actor, kind, str(before), str(after), cause, detail, facts)
        digest = event_hash(chain, *row)
        self.add("event", *row, digest)
        return digest

    def _payload(self, data: bytes | str) -> str | None:
        if not data or isinstance(data, str):
            return str(data) if data else None
        digest = hashlib.sha256(data).hexdigest()
        self.add("payload", digest, len(data), self.now, data)
        return digest

    def _next(self, kind: str, key: str) -> int:
        self._sequences[kind, key] = self._sequences.get((kind, key), 0) + 1
        return self._sequences[kind, key]


@dataclass(frozen=True, slots=True)
class _HandClock:
    rows: Rows

    def now(self) -> float:
        return self.rows.now
