"""After an error: the decision is carried out, in one change, and the endpoint's health is noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from hub.errors import BadDocument, Broken, CrossdockError, OutcomeUnknown, Throttled, Unreachable
from hub.flow.desk import Desk
from hub.flow.retry import UNANSWERED_MAX, decide, pause
from hub.ledger import Change, LeaseLost
from hub.ledger.message import Kind, Message, State

__all__ = ["give_back", "give_up", "note_failure", "settle", "settle_any"]

_BACK_SECONDS = 30.0


def settle(desk: Desk, message: Message, error: CrossdockError, *, attempts_max: int, noted: bool = False) -> None:
    """Move a claimed message to where its error leads. A lost lease drops the result: someone else has it now.

    ``noted``: the endpoint's failure is on record already, with another message of the same call. Those of services are
    noted when they are asked; who was turned away because one is down comes after those who asked.
    """
    timing = desk.settings.timing
    decision = decide(error, message, attempts_max=attempts_max, timing=timing, now=desk.ledger.now())
    facts: dict[str, Any] = {"error": error.as_json()}
    if isinstance(error, BadDocument) and error.problems:
        facts["problems"] = [problem.as_json() for problem in error.problems]
    if decision.look_first:
        facts["look_first"] = True

    def work(change: Change) -> None:
        due_at = decision.due_at
        if message.kind is Kind.DELIVERY and not noted:
            until = note_failure(desk, change, message.endpoint, error)
        else:
            until = change.endpoint_open_until(message.endpoint or error.facts.get("endpoint", ""))
        if isinstance(error, Unreachable) and (until is None or "asked" in error.facts):
            facts["pauses"] = int(message.facts.get("pauses", 0)) + 1
        elif isinstance(error, Unreachable):
            due_at = until
        if until is not None and due_at is not None:
            due_at = max(due_at, until)
        change.finish(
            message,
            decision.state,
            event=decision.event,
            cause=type(error).slug,
            detail=error.message,
            due_at=due_at,
            facts=facts,
            count_attempt=decision.counts,
        )

    _write(desk, work)


def settle_any(desk: Desk, message: Message, error: Exception, *, attempts_max: int, noted: bool = False) -> None:
    """As `settle`, for whatever was raised: what is none of our errors is a bug, and stops this message alone (P4).

    Of a bug only its kind and place are kept; its text may hold data.
    """
    if isinstance(error, LeaseLost):
        return
    if isinstance(error, CrossdockError):
        settle(desk, message, error, attempts_max=attempts_max, noted=noted)
        return
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f" in {where.tb_frame.f_code.co_qualname}, line {where.tb_lineno}" if where else ""
    broken = Broken(f"{type(error).__name__}{place}", fix="Report this; then replay the message.")
    settle(desk, message, broken, attempts_max=1)


def give_back(desk: Desk, messages: Sequence[Message], why: str, *, seconds_apart: float = 0.0) -> None:
    """Claimed messages that were not tried keep their places; or are due that far apart from now, which is not waited
    for longer than `_BACK_SECONDS`."""

    def work(change: Change) -> None:
        for place, message in enumerate(messages, start=1):
            due_at = change.now + min(place * seconds_apart, _BACK_SECONDS) if seconds_apart else message.due_at
            change.finish(message, State.RECEIVED, event="parked", detail=why, due_at=due_at, count_attempt=False)

    if not messages:
        return
    try:
        desk.ledger.write(work)
    except LeaseLost:
        for message in messages if len(messages) > 1 else ():
            give_back(desk, [message], why, seconds_apart=seconds_apart)


def give_up(desk: Desk, message: Message, why: str) -> None:
    """A claimed delivery whose deadline has passed is dead."""
    _write(
        desk, partial(Change.finish, message=message, state=State.DEAD, event="gave_up", cause="deadline", detail=why)
    )


def _write(desk: Desk, work: Callable[[Change], None]) -> None:
    try:
        desk.ledger.write(work)
    except LeaseLost:
        return


def note_failure(desk: Desk, change: Change, endpoint: str, error: CrossdockError) -> float | None:
    """Puts on record what failed; until when nothing is sent to the endpoint, None where it stays in use."""
    about = {"cause": type(error).slug, "detail": error.message}
    if isinstance(error, Throttled) and error.retry_after_seconds:
        until = change.now + error.retry_after_seconds
        change.pause_endpoint(endpoint, until, **about)
        return until
    if not isinstance(error, Unreachable | Throttled | OutcomeUnknown):
        return None
    failures = change.endpoint_failures(endpoint)
    if isinstance(error, OutcomeUnknown) and failures + 1 < UNANSWERED_MAX:
        change.endpoint_failed(endpoint, open_until=None, **about)
        return None
    seconds = pause(endpoint, failures, desk.settings.timing)
    return change.endpoint_failed(endpoint, open_until=change.now + seconds, **about)
