"""What to do after an error: one total function over the error tree."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from hub.contracts.partner import Timing
from hub.errors import (
    AuthExpired,
    BadDocument,
    Broken,
    CrossdockError,
    Duplicate,
    Held,
    KeyConflict,
    Misconfigured,
    NotFound,
    NotYet,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unreachable,
)
from hub.ledger.message import Message, State

__all__ = ["UNANSWERED_MAX", "Decision", "backoff", "decide", "pause"]

UNANSWERED_MAX = 3
"""Deliveries in a row without an answer after which nothing more is sent to an endpoint for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The next state. ``due_at``: when to try again, for RECEIVED. ``counts``: whether it uses up an attempt.

    ``look_first``: it may have arrived already.
    """

    state: State
    event: str
    due_at: float | None = None
    counts: bool = True
    look_first: bool = False


def decide(error: CrossdockError, message: Message, *, attempts_max: int, timing: Timing, now: float) -> Decision:
    """Total: every error has a decision; what is not known of stops the message as dead."""
    wait = backoff(message, timing)
    match error:
        case Unreachable():
            wait = _grown(int(message.facts.get("pauses", 0)), message.id, timing, timing.retry_max_seconds)
            return Decision(state=State.RECEIVED, event="parked", due_at=now + wait, counts=False)
        case Throttled():
            after = now + (error.retry_after_seconds or wait)
            return Decision(state=State.RECEIVED, event="throttled", due_at=after, counts=False)
        case NotYet():
            return _limited("waiting", message, attempts_max, now + error.retry_after_seconds, State.HELD)
        case OutcomeUnknown():
            return _limited("outcome_unknown", message, attempts_max, now + wait, State.HELD, look_first=True)
        case KeyConflict() | Held() | Misconfigured():
            return Decision(state=State.HELD, event="held")
        case Duplicate():
            return Decision(state=State.ANSWERED, event="duplicate")
        case BadDocument() if message.kind != "delivery":
            return Decision(state=State.REJECTED, event="rejected")
        case BadDocument() | Rejected() | Broken() | NotFound():
            return Decision(state=State.DEAD, event="refused")
        case AuthExpired():
            return _limited("credentials_expired", message, min(attempts_max, 3), now + wait, State.HELD)
        case _:
            after = now + (getattr(error, "retry_after_seconds", None) or wait)
            return _limited("failed", message, attempts_max, after, State.DEAD)


def backoff(message: Message, timing: Timing) -> float:
    """Seconds until a message is tried again, after its attempts so far."""
    return _grown(message.attempts - 1, message.id, timing, timing.retry_max_seconds)


def pause(endpoint: str, failures: int, timing: Timing) -> float:
    """Seconds for which nothing is sent to an endpoint that failed once more, after ``failures`` in a row."""
    return _grown(failures, endpoint, timing, min(timing.pause_max_seconds, timing.retry_max_seconds))


def _grown(doublings: int, name: str, timing: Timing, most: float) -> float:
    """Doubling from the first, capped, spread by ±10 % so that many do not come back at once."""
    spread = 0.9 + (zlib.crc32(f"{name}{doublings}".encode()) % 200) / 1000
    return min(timing.retry_first_seconds * 2.0 ** min(max(doublings, 0), 20), most) * spread


def _limited(
    event: str, message: Message, attempts_max: int, due_at: float, at_last: State, *, look_first: bool = False
) -> Decision:
    if message.attempts >= attempts_max:
        return Decision(state=at_last, event="gave_up", look_first=look_first)
    return Decision(state=State.RECEIVED, event=event, due_at=due_at, look_first=look_first)
