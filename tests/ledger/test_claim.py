"""P4: who gets what, in which order, and what happens when a worker dies."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.errors import Broken
from hub.ledger import Filter, Kind, LeaseLost, Ledger, Message, State

from .conftest import HandClock, NewDocument


def _ids(messages: Iterable[Message]) -> list[str]:
    return [message.id for message in messages]


def _claim(ledger: Ledger, limit: int = 10, *, owner: str = "a", **more: object) -> list[Message]:
    return ledger.claim(Kind.DOCUMENT, limit, lease_seconds=60, owner=owner, **more)  # type: ignore[arg-type]


def test_the_earliest_due_come_first_and_each_once(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    late, later, now = new(due_at=clock.now() + 50), new(due_at=clock.now() + 90), new()
    for document in (late, later, now):
        ledger.write(lambda change, document=document: change.insert(document))
    assert _ids(_claim(ledger)) == [now.id]
    assert _claim(ledger) == []
    assert ledger.sweep().next_seconds == pytest.approx(50, abs=0.1)
    clock.advance(55)
    assert _ids(_claim(ledger)) == [late.id]
    assert ledger.sweep().stages == ()


def test_many_workers_share_without_overlap(ledger: Ledger, new: NewDocument) -> None:
    ledger.write(lambda change: change.insert_many([new() for _ in range(200)]))
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: _claim(ledger, 7, owner=f"w{n}"), range(40)))
    ids = [message.id for claim in claims for message in claim]
    assert len(ids) == len(set(ids)) == 200


def test_one_key_is_worked_on_in_order(ledger: Ledger, new: NewDocument) -> None:
    first, second, other = (new(order_key=key) for key in ("po1", "po1", "po2"))
    ledger.write(lambda change: change.insert_many([first, second, other]))
    claimed = _claim(ledger)
    assert _ids(claimed) == [first.id, other.id]
    assert _claim(ledger) == []
    ledger.write(lambda change: change.finish_many(claimed, State.DELIVERED, event="processed"))
    assert _ids(_claim(ledger)) == [second.id]


def test_a_retry_keeps_its_place_in_the_order(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    first, second = new(order_key="po1"), new(order_key="po1")
    ledger.write(lambda change: change.insert_many([first, second]))
    (claimed,) = _claim(ledger)
    due = clock.now() + 10
    ledger.write(lambda change: change.finish(claimed, State.RECEIVED, event="later", due_at=due))
    assert _claim(ledger) == []
    clock.advance(10)
    assert _ids(_claim(ledger)) == [first.id]


@pytest.mark.parametrize("stopped", [State.HELD, State.DEAD])
@pytest.mark.parametrize("hold", [True, False])
def test_those_behind_a_stopped_one_wait_or_pass_as_it_says(
    ledger: Ledger, new: NewDocument, stopped: State, hold: bool
) -> None:
    first, second = new(order_key="po1", order_hold=hold), new(order_key="po1", order_hold=hold)
    ledger.write(lambda change: change.insert_many([first, second]))
    ledger.write(
        lambda change: change.finish_many(
            _in(change.claim(Kind.DOCUMENT, 1, lease_seconds=9, owner="a")), stopped, event="stopped"
        )
    )
    assert _ids(_claim(ledger)) == ([] if hold else [second.id])
    if hold:
        ledger.write(lambda change: change.move(first.id, {stopped}, State.ANSWERED, event="closed", actor="ann"))
        assert _ids(_claim(ledger)) == [second.id]


def _in(messages: list[Message]) -> list[Message]:
    assert len(messages) == 1
    return messages


def test_a_replay_takes_the_place_of_its_original(ledger: Ledger, new: NewDocument) -> None:
    first, second = new(order_key="po1", order_hold=True, state=State.DEAD), new(order_key="po1")
    ledger.write(lambda change: change.insert_many([first, second]))
    replay = new(order_key="po1", replay_of=first.id)
    ledger.write(lambda change: change.insert(replay))
    ledger.write(lambda change: change.move(first.id, {State.DEAD}, State.ANSWERED, event="replayed", actor="ann"))
    assert _ids(_claim(ledger)) == [replay.id]
    assert _ids(ledger.replays(first.id)) == [replay.id]


def test_a_dead_worker_loses_its_lease_and_its_result(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    ledger.write(lambda change: change.insert(new()))
    (claimed,) = _claim(ledger)
    clock.advance(59)
    assert ledger.sweep().recovered == 0
    assert ledger.renew([claimed], 60) == 1
    clock.advance(59)
    assert ledger.sweep().recovered == 0
    clock.advance(2)
    swept = ledger.sweep()
    assert (swept.recovered, swept.died, swept.stages, swept.next_seconds) == (1, 0, (), pytest.approx(1.0))
    with pytest.raises(LeaseLost):
        ledger.write(lambda change: change.finish(claimed, State.DELIVERED, event="processed"))
    assert ledger.renew([claimed], 60) == 0
    assert _claim(ledger) == []
    assert _claim(ledger, solo=True) == [], "its turn comes a second later"
    clock.advance(1.1)
    assert ledger.sweep().stages == ("solo",)
    assert _claim(ledger) == []
    (alone,) = _claim(ledger, solo=True)
    assert (alone.id, alone.crashes, alone.attempts) == (claimed.id, 1, 2)
    ledger.write(lambda change: change.finish(alone, State.DELIVERED, event="processed"))
    assert ledger.message(claimed.id).crashes == 0


def test_the_solo_lane_gives_one_at_a_time_and_gives_up_after_two_deaths(
    ledger: Ledger, new: NewDocument, clock: HandClock
) -> None:
    ledger.write(lambda change: change.insert_many([new() for _ in range(5)]))
    assert len(_claim(ledger)) == 5
    clock.advance(61)
    assert ledger.sweep().recovered == 5
    clock.advance(1.1)
    (poison,) = _claim(ledger, 10, solo=True)
    for death in (1, 2):
        clock.advance(61)
        assert ledger.sweep().died == death - 1
        if death == 1:
            for innocent in range(4):
                (alone,) = _claim(ledger, solo=True)
                assert alone.id != poison.id, innocent
                ledger.write(lambda change, alone=alone: change.finish(alone, State.DELIVERED, event="processed"))
            assert _claim(ledger, solo=True) == [], "who died alone waits longer"
            clock.advance(5.1)
            (again,) = _claim(ledger, solo=True)
            assert again.id == poison.id
    message = ledger.message(poison.id)
    assert (message.state, message.cause, message.crashes) == (State.DEAD, "worker_died", 3)
    assert [event.what for event in ledger.events(poison.id)] == [
        "received",
        "worker_died",
        "worker_died",
        "given_up",
    ]
    assert ledger.audit()["problems"] == []


def test_who_dies_with_others_is_not_taken_for_the_cause(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    innocent = new()
    ledger.write(lambda change: change.insert(innocent))
    claimed = _claim(ledger, owner="hub-1/flow")
    for death in range(1, 7):
        assert _ids(claimed) == [innocent.id]
        ledger.write(lambda change: change.insert(new()))
        assert len(_claim(ledger, owner=f"hub-{death}/delivery")) == 1
        clock.advance(61)
        assert ledger.sweep().died == 0
        clock.advance(61)
        claimed = _claim(ledger, owner=f"hub-{death + 1}/solo", solo=True)
        while claimed[0].id != innocent.id:
            ledger.write(lambda change, done=claimed: change.finish_many(done, State.DELIVERED, event="processed"))
            claimed = _claim(ledger, owner=f"hub-{death + 1}/solo", solo=True)
    clock.advance(61)
    assert ledger.sweep().died == 1, "in the end it is given up in any case"


def test_a_process_that_ended_is_noticed_before_its_lease_ends(
    ledger_url: str, tmp_path: Path, new: NewDocument, clock: HandClock
) -> None:
    before = Ledger.open(ledger_url, home=tmp_path, clock=clock)
    before.write(lambda change: change.insert(new()))
    (claimed,) = _claim(before, owner=before.owner("thread"))
    after = Ledger.open(ledger_url, home=tmp_path, clock=clock)
    try:
        assert after.sweep().recovered == 0
        before.close()
        assert after.sweep().recovered == 1
        clock.advance(1.1)
        assert _ids(_claim(after, solo=True)) == [claimed.id]
    finally:
        after.close()


def _deliveries(ledger: Ledger, new: NewDocument, endpoint: str, count: int) -> None:
    rows = [new(Kind.DELIVERY, endpoint=endpoint, type="erp_order") for _ in range(count)]
    ledger.write(lambda change: change.insert_many(rows))


def _deliver(ledger: Ledger, endpoint: str, limit: int = 50, owner: str = "a") -> list[Message]:
    return ledger.claim(Kind.DELIVERY, limit, lease_seconds=60, owner=owner, endpoint=endpoint)


def test_deliveries_are_claimed_for_one_endpoint(ledger: Ledger, new: NewDocument) -> None:
    _deliveries(ledger, new, "erp", 3)
    _deliveries(ledger, new, "mailbox/bigbox", 2)
    assert ledger.endpoints_due() == ["erp", "mailbox/bigbox"]
    assert ledger.sweep().stages == ("delivery:erp", "delivery:mailbox/bigbox")
    assert {message.endpoint for message in _deliver(ledger, "erp")} == {"erp"}
    assert ledger.endpoints_due() == ["mailbox/bigbox"]
    with pytest.raises(Broken):
        ledger.claim(Kind.DELIVERY, 1, lease_seconds=60, owner="a")


def test_an_open_breaker_parks_its_endpoint_and_no_other(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    _deliveries(ledger, new, "erp", 40)
    _deliveries(ledger, new, "warehouse", 1)
    until = clock.now() + 30
    failures = [ledger.write(lambda change: change.endpoint_failed("erp", open_until=until)) for _ in range(2)]
    assert failures == [until, until], "what was on its way when it failed does not count"
    assert _deliver(ledger, "erp") == []
    assert ledger.endpoints_due() == ["warehouse"]
    assert len(_deliver(ledger, "warehouse")) == 1
    assert ledger.sweep().next_seconds == pytest.approx(30, abs=0.1)
    clock.advance(31)
    ramp = []
    for _ in range(4):
        claimed = _deliver(ledger, "erp")
        ramp.append(len(claimed))
        ledger.write(lambda change, claimed=claimed: change.finish_many(claimed, State.DELIVERED, event="delivered"))
        ledger.write(lambda change: change.endpoint_succeeded("erp"))
    assert ramp == [1, 2, 4, 8]
    (endpoint,) = [row for row in ledger.endpoints() if row.name == "erp"]
    assert (endpoint.failures, endpoint.open_until, endpoint.ramp, endpoint.waiting) == (0, None, 16, 25)


def test_no_more_workers_than_an_endpoint_allows(ledger: Ledger, new: NewDocument) -> None:
    ledger.write(lambda change: change.set_endpoint_limits("erp", max_concurrent=2))
    _deliveries(ledger, new, "erp", 40)
    assert [len(_deliver(ledger, "erp", 5, owner)) for owner in ("a", "b", "c", "a")] == [5, 5, 0, 5]


def test_no_more_deliveries_than_the_rate_allows(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    ledger.write(lambda change: change.set_endpoint_limits("erp", per_second=2, burst=4))
    _deliveries(ledger, new, "erp", 40)
    assert [len(_deliver(ledger, "erp")) for _ in range(2)] == [4, 0]
    clock.advance(1.5)
    assert len(_deliver(ledger, "erp")) == 3


def test_each_call_has_a_turn_of_its_own(ledger: Ledger, clock: HandClock) -> None:
    def turns(count: int) -> list[float]:
        return [ledger.write(lambda change: change.take_turn("tax")) - clock.now() for _ in range(count)]

    assert turns(2) == [0.0, 0.0], "nothing is agreed"
    ledger.write(lambda change: change.set_endpoint_limits("tax", per_second=2, burst=3))
    assert turns(5) == pytest.approx([0.0, 0.0, 0.0, 0.5, 1.0])
    clock.advance(1.0)
    assert turns(2) == pytest.approx([0.5, 1.0])


def test_the_solo_lane_respects_breakers(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    _deliveries(ledger, new, "erp", 1)
    assert len(_deliver(ledger, "erp")) == 1
    clock.advance(61)
    assert ledger.sweep().recovered == 1
    clock.advance(1.1)
    ledger.write(lambda change: change.endpoint_failed("erp", open_until=clock.now() + 30))
    assert ledger.claim(Kind.DELIVERY, 1, lease_seconds=60, owner="a", solo=True) == []
    clock.advance(31)
    assert len(ledger.claim(Kind.DELIVERY, 1, lease_seconds=60, owner="a", solo=True)) == 1


def test_counts_follow_every_move(ledger: Ledger, new: NewDocument) -> None:
    ledger.write(lambda change: change.insert_many([new(), new(), new(state=State.REJECTED)]))
    ledger.seal()
    (claimed,) = _claim(ledger, 1)
    ledger.write(lambda change: change.finish(claimed, State.DELIVERED, event="processed"))
    counts = ledger.counts()["document"]
    assert counts == {"received": 3, "in_flight": 1, "delivered": 1, "rejected": 1}
    assert len(ledger.messages(Filter(states=frozenset({State.REJECTED}))).items) == 1
