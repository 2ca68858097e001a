"""The decision after an error is total, and each class leads where its docstring says."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from hub import errors
from hub.contracts.partner import Timing
from hub.flow.retry import backoff, decide
from hub.ledger.message import Kind, Message, State

NOW = 1_000.0
CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, errors.CrossdockError)]


def _message(**changes: Any) -> Message:
    values: dict[str, Any] = {
        "id": "m1", "kind": Kind.DELIVERY, "state": State.WORKING, "type": "855", "partner": "bigbox",
        "endpoint": "mailbox/bigbox", "order_key": None, "seq": 0, "order_hold": False, "unique_key": "k",
        "payload": None, "reading": None, "parent": None, "replay_of": None, "attempts": 1, "crashes": 0, "fence": 1,
        "owner": "w", "due_at": 0.0, "lease_until": None, "created_at": 0.0, "changed_at": 0.0, "cause": "",
        "detail": "", "facts": {}, "chain": "",
    }  # fmt: skip
    return Message(**{**values, **changes})


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("attempts", [1, 8, 50])
def test_every_error_has_a_decision(cls: type[errors.CrossdockError], attempts: int) -> None:
    decision = decide(cls(), _message(attempts=attempts), attempts_max=8, timing=Timing(), now=NOW)
    assert decision.state in State
    assert (decision.due_at is not None) == (decision.state is State.RECEIVED)
    if decision.due_at is not None:
        assert decision.due_at > NOW


@pytest.mark.parametrize(
    ("error", "attempts", "state"),
    [
        (errors.Unreachable(), 100, State.RECEIVED),
        (errors.Throttled(retry_after_seconds=30), 100, State.RECEIVED),
        (errors.Retryable(), 1, State.RECEIVED),
        (errors.Retryable(), 8, State.DEAD),
        (errors.OutcomeUnknown(), 8, State.HELD),
        (errors.Rejected(), 1, State.DEAD),
        (errors.Held(), 1, State.HELD),
        (errors.KeyConflict(), 1, State.HELD),
        (errors.Duplicate(), 1, State.ANSWERED),
        (errors.Broken(), 1, State.DEAD),
        (errors.Misconfigured(), 1, State.HELD),
    ],
)
def test_decision(error: errors.CrossdockError, attempts: int, state: State) -> None:
    decision = decide(error, _message(attempts=attempts), attempts_max=8, timing=Timing(), now=NOW)
    assert decision.state is state


def test_a_bad_document_is_rejected_and_a_bad_delivery_is_dead() -> None:
    bad = errors.BadDocument()
    assert decide(bad, _message(kind=Kind.DOCUMENT), attempts_max=8, timing=Timing(), now=NOW).state is State.REJECTED
    assert decide(bad, _message(), attempts_max=8, timing=Timing(), now=NOW).state is State.DEAD


def test_the_far_ends_own_time_is_kept() -> None:
    error = errors.Throttled(retry_after_seconds=30)
    assert decide(error, _message(), attempts_max=8, timing=Timing(), now=NOW).due_at == NOW + 30


def test_waiting_doubles_up_to_the_maximum() -> None:
    timing = Timing(retry_first_seconds=2, retry_max_seconds=60)
    waits = [backoff(_message(attempts=attempts), timing) for attempts in range(1, 12)]
    assert all(0.89 * 2**n <= wait <= 1.11 * 2**n for n, wait in enumerate(waits[:5], 1))
    assert max(waits) <= 66
