"""After an error: the decision is carried out, in one change, and the endpoint's health is noted."""

from __future__ import annotations

from hub.errors import BadDocument, CrossdockError
from hub.flow.desk import Desk
from hub.flow.retry import backoff, decide
from hub.ledger import Change, LeaseLost
from hub.ledger.message import Message

__all__ = ["settle"]


def settle(desk: Desk, message: Message, error: CrossdockError, *, attempts_max: int) -> None:
    """Move a claimed message to where its error leads. A lost lease drops the result: someone else has it now."""
    timing = desk.settings.timing
    decision = decide(error, message, attempts_max=attempts_max, timing=timing, now=desk.clock.now())
    facts = {"error": error.as_json()}
    if isinstance(error, BadDocument) and error.problems:
        facts["problems"] = [problem.as_json() for problem in error.problems]  # type: ignore[assignment]
    if decision.look_first:
        facts["look_first"] = True  # type: ignore[assignment]

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
