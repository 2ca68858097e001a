"""After an error: the decision is carried out, in one change, and the endpoint's health is noted."""

from __future__ import annotations

from typing import Any

from hub.errors import BadDocument, Broken, CrossdockError
from hub.flow.desk import Desk
from hub.flow.retry import backoff, decide
from hub.ledger import Change, LeaseLost
from hub.ledger.message import Message

__all__ = ["settle", "settle_any"]


def settle(desk: Desk, message: Message, error: CrossdockError, *, attempts_max: int) -> None:
    """Move a claimed message to where its error leads. A lost lease drops the result: someone else has it now."""
    timing = desk.settings.timing
    decision = decide(error, message, attempts_max=attempts_max, timing=timing, now=desk.clock.now())
    facts: dict[str, Any] = {"error": error.as_json()}
    if isinstance(error, BadDocument) and error.problems:
        facts["problems"] = [problem.as_json() for problem in error.problems]
    if decision.look_first:
        facts["look_first"] = True

    def work(change: Change) -> None:
        change.finish(
            message,
            decision.state,
            event=decision.event,
            cause=type(error).slug,
            detail=error.message,
            due_at=decision.due_at,
            facts=facts,
            count_attempt=decision.counts,
        )
        if decision.endpoint_down and message.endpoint:
            change.endpoint_failed(
                message.endpoint,
                open_until=desk.clock.now() + backoff(message, timing),
                cause=type(error).slug,
                detail=error.message,
            )

    try:
        desk.ledger.write(work)
    except LeaseLost:
        return


def settle_any(desk: Desk, message: Message, error: Exception, *, attempts_max: int) -> None:
    """As `settle`, for whatever was raised: what is none of our errors is a bug, and stops this message alone (P4).

    Of a bug only its kind and place are kept; its text may hold data.
    """
    if isinstance(error, LeaseLost):
        return
    if isinstance(error, CrossdockError):
        settle(desk, message, error, attempts_max=attempts_max)
        return
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f" in {where.tb_frame.f_code.co_qualname}, line {where.tb_lineno}" if where else ""
    broken = Broken(f"{type(error).__name__}{place}", fix="Report this; then replay the message.")
    settle(desk, message, broken, attempts_max=1)
