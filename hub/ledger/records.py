"""What else the ledger hands out: rows as they were when read, and answers of its questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hub.errors import CrossdockError
from hub.ledger.message import Kind, State

__all__ = [
    "Answered",
    "Endpoint",
    "Event",
    "Filter",
    "LeaseLost",
    "Obligation",
    "OrderRow",
    "OrderStep",
    "Page",
    "Sent",
    "Swept",
    "Taken",
]

T = TypeVar("T")


class LeaseLost(CrossdockError):
    """Another worker has taken this message over; the result of the first one is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a message's history. ``state_from`` is empty for the first; both are empty for a note."""

    id: int
    message_id: str
    at: float
    what: str
    actor: str
    kind: Kind
    state_from: str
    state_to: str
    cause: str
    detail: str
    facts: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """A customer's order as `hub.orders` keeps it; ``data`` is its JSON, ``version`` grows with every save."""

    key: str
    partner: str
    po: str
    state: str
    data: dict[str, Any]
    version: int
    created_at: float
    changed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStep:
    """Something that happened to an order; ``message_id``: the message that brought it."""

    at: float
    what: str
    detail: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A document we sent and the acknowledgment it waits for. ``state`` is empty until it is answered."""

    partner: str
    group_type: str
    group_control: str
    document_control: str
    document: str
    message_id: str
    state: str
    detail: str
    sent_at: float
    due_at: float | None
    answered_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A document that an acknowledgment answers. ``before``: what was answered earlier, empty the first time.

    ``late``: the answer came after it was due.
    """

    message_id: str
    before: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """Something that has to happen until ``due_at``; open while ``closed_at`` is None."""

    order_key: str
    what: str
    partner: str
    due_at: float
    opened_at: float
    opened_by: str
    closed_at: float | None
    closed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Breaker and limits of one endpoint, how many deliveries and documents with a question wait for it, and how many
    deliveries are on their way.

    ``failures`` in a row. ``open_until``: nothing is sent before. ``ramp``: how many are sent at once while it
    recovers; None when it is well. ``max_concurrent``: workers at once. ``per_second``, ``burst``: rate limit.
    """

    name: str
    failures: int = 0
    open_until: float | None = None
    ramp: int | None = None
    max_concurrent: int | None = None
    per_second: float | None = None
    burst: int | None = None
    cause: str = ""
    detail: str = ""
    waiting: int = 0
    working: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which messages; empty fields do not restrict. ``created_*`` are seconds since 1970, ``until`` exclusive.

    ``key``: a business key of any kind, exactly.
    """

    kind: Kind | None = None
    states: frozenset[State] = frozenset()
    type: str = ""
    partner: str = ""
    endpoint: str = ""
    cause: str = ""
    order_key: str = ""
    parent: str = ""
    key: str = ""
    created_from: float | None = None
    created_until: float | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Newest first; ``cursor`` fetches the next page, None at the end."""

    items: tuple[T, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer of `Change.take_key`: None means the key is ours now; otherwise who has it."""

    existing_message_id: str | None
    same_fingerprint: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep found.

    ``stages``: stages with work that can be claimed now: ``interchange``, ``document``, ``delivery:<endpoint>``,
    ``solo``. ``next_seconds``: until something else becomes due or a lease runs out; None when nothing waits.
    ``recovered``: messages taken back from dead workers; ``died``: those of them that were given up.
    """

    stages: tuple[str, ...] = ()
    next_seconds: float | None = None
    recovered: int = 0
    died: int = 0
