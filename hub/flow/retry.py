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

__all__ = ["Decision", "decide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The next state. ``due_at``: when to try again, for RECEIVED. ``counts``: whether it uses up an attempt.

    ``endpoint_down``: the endpoint, not the message, is the trouble. ``look_first``: it may have arrived already.
    """

    state: State
    event: str
    due_at: float | None = None
    counts: bool = True
    endpoint_down: bool = False
    look_first: bool = False


def decide(error: CrossdockError, message: Message, *, attempts_max: int, timing: Timing, now: float) -> Decision:
    """Total: every error has a decision; what is not known of stops the message as dead."""
    wait = backoff(message, timing)
    match error:
        case Unreachable():
            return Decision(state=State.RECEIVED, event="parked", due_at=now + wait, counts=False, endpoint_down=True)
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
    """Seconds to wait: doubling from the first, capped, spread by ±10 % so that many do not come back at once."""
    exponent = min(max(message.attempts - 1, 0), 20)
    spread = 0.9 + (zlib.crc32(f"{message.id}{message.attempts}".encode()) % 200) / 1000
    return min(timing.retry_first_seconds * 2.0**exponent, timing.retry_max_seconds) * spread


def _limited(
    event: str, message: Message, attempts_max: int, due_at: float, at_last: State, *, look_first: bool = False
) -> Decision:
    if message.attempts >= attempts_max:
        return Decision(state=at_last, event="gave_up")
    return Decision(state=State.RECEIVED, event=event, due_at=due_at, look_first=look_first)
