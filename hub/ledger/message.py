"""One unit in the ledger, its kinds and its states.

::

                    ┌────────────── later ─────────────┐
                    ▼                                  │
    accept ──▶ received ──claim──▶ working ──finish────┴─▶ delivered | answered | held | rejected | dead
                    ▲                                                                │
                    └──────────────────────── replay, release ◀─────────────────────┘

``received`` and ``working`` are in flight. Everything else is at rest. Every move is a guarded update plus one event
row in one commit, so that at any moment (P3)

    received = delivered + answered + held + rejected + dead + in flight
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

__all__ = ["AT_REST", "IN_FLIGHT", "Kind", "Message", "NewMessage", "State", "Stored"]


class Kind(StrEnum):
    """What a message is; each kind is worked on by a stage of its own."""

    INTERCHANGE = "interchange"
    """Bytes as they came from a connection: an X12 file, a JSON body."""
    DOCUMENT = "document"
    """One document, or one canonical message that was made here; its reading is canonical JSON."""
    DELIVERY = "delivery"
    """Bytes on their way to one endpoint."""


class State(StrEnum):
    """Where a message stands; exactly one."""

    RECEIVED = "received"
    """Committed, and due at ``due_at``."""
    WORKING = "working"
    """Claimed by a worker until ``lease_until``."""
    DELIVERED = "delivered"
    """Its effect has happened: the endpoint has it, or all that follows from it is on record."""
    ANSWERED = "answered"
    """Nothing more follows: a duplicate was told so, an acknowledgment was matched, a replay took its place."""
    HELD = "held"
    """A person has to decide."""
    REJECTED = "rejected"
    """It is wrong, and its sender was told."""
    DEAD = "dead"
    """It failed for good, or too often; it waits for someone to mend and replay it."""


IN_FLIGHT = frozenset({State.RECEIVED, State.WORKING})
AT_REST = frozenset(State) - IN_FLIGHT


class Stored(NamedTuple):
    """What `Ledger.store` gives back: the only way to let a message own new bytes.

    ``data`` is None when the bytes already lie in a file; otherwise they are inserted by the change that takes this.
    """

    sha256: str
    size: int
    data: bytes | None = None

    def __repr__(self) -> str:
        return f"Stored({self.sha256}, {self.size} bytes)"


class NewMessage(NamedTuple):
    """A message to be inserted.

    ``type``: ``x12``, ``850``, ``shipment_confirmation``, ``Invoice``. ``endpoint``: for a delivery the connection it
    goes to, for an interchange the connection it came from. ``order_key``: messages of one kind with one key are
    worked on in order of ``seq`` (P4). ``unique_key``: at most one message may ever carry it (P2): the source key of an
    arrival, the effect key of a delivery. ``payload``, ``reading``: bytes given to `Ledger.store`, or the SHA-256 of
    bytes that another message owns already. ``due_at``: seconds since 1970 before which it is not worked on.
    ``order_hold``: when it ends held or dead, those behind it in its order wait for it. ``replay_of``: a message whose
    place in the order it takes. ``facts``: JSON values for people and stages.
    """

    id: str
    kind: Kind
    type: str
    partner: str
    endpoint: str = ""
    payload: Stored | str | None = None
    reading: Stored | str | None = None
    parent: str | None = None
    replay_of: str | None = None
    order_key: str | None = None
    order_hold: bool = False
    unique_key: str | None = None
    due_at: float = 0.0
    state: State = State.RECEIVED
    cause: str = ""
    detail: str = ""
    facts: Mapping[str, Any] = {}


class Message(NamedTuple):
    """A row of the ledger, as it was when it was read. Times are seconds since 1970 UTC.

    ``fence`` grows with every claim and finish; a result that carries an old fence is dropped. ``attempts``: how often
    it was claimed since it last moved on. ``crashes``: how often its worker died. ``owner``: the worker that holds it.
    ``cause``: slug of the last error; ``detail``: its sentence. ``chain``: hash of its newest event, head of its event
    chain.
    """

    id: str
    kind: Kind
    state: State
    type: str
    partner: str
    endpoint: str
    order_key: str | None
    seq: int
    order_hold: bool
    unique_key: str | None
    payload: str | None
    reading: str | None
    parent: str | None
    replay_of: str | None
    attempts: int
    crashes: int
    fence: int
    owner: str
    due_at: float
    lease_until: float | None
    created_at: float
    changed_at: float
    cause: str
    detail: str
    facts: Mapping[str, Any]
    chain: str
