"""P6: a job of many is done once, whoever works on it and whatever dies on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hub.clock import SystemClock, TimeIds
from hub.contracts.partner import HubSettings
from hub.flow import replay_job
from hub.flow.replay_selection import Selection
from hub.flow.replay_way import How
from hub.ledger import JobState, Kind, Ledger, NewMessage, State
from hub.runtime import Hub
from tests.orders.samples import entity, partner

COUNT = 1200


def open_hub(url: str, home: Path) -> Hub:
    clock = SystemClock()
    return Hub(
        home=home,
        settings=HubSettings(entity=entity()),
        partners={"bigbox": partner()},
        ledger=Ledger.open(url, home=home, clock=clock),
        clock=clock,
        hint=lambda _stage: None,
    )


@pytest.fixture
def hub(ledger_url: str, tmp_path: Path) -> Iterator[Hub]:
    opened = open_hub(ledger_url, tmp_path)
    yield opened
    opened.close()


def bury(hub: Hub, count: int = COUNT) -> None:
    """Dead deliveries of one cause."""
    ids = TimeIds(hub.clock)
    dead = [
        NewMessage(
            id=ids.new(), kind=Kind.DELIVERY, type="erp_order", partner="bigbox", endpoint="erp", state=State.DEAD,
            cause="rejected", detail=f"order PO-{number} is blocked", facts={"document": "json/erp_order"},
        )
        for number in range(count)
    ]  # fmt: skip
    hub.ledger.write(lambda change: change.insert_many(dead))


def make(hub: Hub, **options: int) -> str:
    (group,) = hub.ledger.stopped_groups()
    ids = Selection(group=group.id).ids(hub.ledger)
    return replay_job.create(hub.flow, ids, how=How(), actor="dana", reason="mended", **options).id


def replays(hub: Hub) -> Counter[int]:
    """How many messages were replayed how often."""
    cursor, found = None, Counter[int]()
    while True:
        page = hub.ledger.messages(limit=1000, cursor=cursor)
        for message in page.items:
            found[sum(event.what == "replayed" for event in hub.ledger.events(message.id))] += 1
        cursor = page.cursor
        if cursor is None:
            return found


def test_two_hubs_on_one_job_replay_each_message_once(hub: Hub, ledger_url: str, tmp_path: Path) -> None:
    bury(hub)
    job = make(hub)
    other = open_hub(ledger_url, tmp_path)

    def drain(one: Hub) -> int:
        dealt = 0
        while one.ledger.replay_job(job).state is JobState.RUNNING:
            dealt += replay_job.step(one.flow, job)
        return dealt

    with ThreadPoolExecutor(2) as pool:
        dealt = list(pool.map(drain, (hub, other)))
    other.close()
    assert sum(dealt) == COUNT
    assert hub.ledger.replay_progress(job)["replayed"] == COUNT
    assert replays(hub) == {1: COUNT}
    audit = hub.ledger.audit()
    assert (audit["balanced"], audit["chain_ok"], audit["in_flight"]) == (True, True, COUNT)


def test_what_fails_in_two_hubs_at_once_is_noted_once_and_stops_no_other(
    hub: Hub, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bury(hub, 5)
    found = [message.id for message in hub.ledger.stopped()]
    job = replay_job.create(hub.flow, ["0missing", *found], how=How(), actor="dana", reason="mended").id
    other = open_hub(ledger_url, tmp_path)
    note_failed = replay_job._note_failed

    def be_slow(*about: Any) -> int:
        """The other hub has found the same, notes it and goes on, before this one notes it."""
        monkeypatch.setattr(replay_job, "_note_failed", note_failed)
        assert replay_job.step(other.flow, job) == 2
        return note_failed(*about)

    monkeypatch.setattr(replay_job, "BATCH", 2)
    monkeypatch.setattr(replay_job, "_note_failed", be_slow)
    while hub.ledger.replay_job(job).state is JobState.RUNNING:
        replay_job.step(hub.flow, job)
    other.close()
    assert hub.ledger.replay_progress(job) == {"waiting": 0, "replayed": 5, "skipped": 0, "failed": 1}
    assert replays(hub) == {1: 5}


def test_a_crash_in_a_batch_leaves_a_job_that_goes_on(
    hub: Hub, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bury(hub, 350)
    job = make(hub)
    assert replay_job.step(hub.flow, job) == replay_job.BATCH

    class Killed(BaseException):
        """As the process that dies before its commit."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(replay_job, "_advance", die)
        with pytest.raises(Killed):
            replay_job.step(hub.flow, job)
    assert hub.ledger.replay_progress(job)["replayed"] == replay_job.BATCH, "the batch happened not at all"
    successor = open_hub(ledger_url, tmp_path)
    assert "replay" in successor.ledger.sweep().stages, "the sweeper of any hub finds it"
    while replay_job.work(successor.flow):
        pass
    assert successor.ledger.replay_job(job).state is JobState.DONE
    assert replays(successor) == {1: 350}
    successor.close()


def test_the_selection_is_frozen_when_the_job_is_made(hub: Hub) -> None:
    bury(hub, 3)
    job = make(hub)
    bury(hub, 2)
    while replay_job.work(hub.flow):
        pass
    assert hub.ledger.replay_job(job).total == 3
    assert [group.count for group in hub.ledger.stopped_groups()] == [2]


def test_a_canary_of_all_comes_to_its_end(hub: Hub) -> None:
    bury(hub, 3)
    job = make(hub, canary=5)
    assert replay_job.step(hub.flow, job) == 3
    owner = hub.ledger.owner("test")
    claimed = hub.ledger.claim(Kind.DELIVERY, 3, lease_seconds=60, owner=owner, endpoint="erp")
    hub.ledger.write(lambda change: change.finish_many(claimed, State.DELIVERED, event="delivered"))
    states = [hub.ledger.replay_job(job).state]
    for _ in range(2):
        replay_job.step(hub.flow, job)
        states.append(hub.ledger.replay_job(job).state)
    assert states == [JobState.CANARY, JobState.RUNNING, JobState.DONE]


@pytest.mark.parametrize(
    ("how", "said"), [(How(fields={"nothing": "1"}), "2 failed"), (How(stage="read"), "2 skipped")]
)
def test_a_canary_that_could_not_be_replayed_stops_the_rest(hub: Hub, how: How, said: str) -> None:
    bury(hub, 5)
    found = [message.id for message in hub.ledger.stopped()]
    job = replay_job.create(hub.flow, found, how=how, actor="dana", reason="mended", canary=2).id
    assert replay_job.step(hub.flow, job) == 2
    replay_job.step(hub.flow, job)
    stopped = hub.ledger.replay_job(job)
    assert (stopped.state, stopped.detail) == (JobState.STOPPED, f"of the first 2 and what came of them: {said}")
    assert hub.ledger.replay_progress(job)["waiting"] == 3
