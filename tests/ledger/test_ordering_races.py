"""P4 on PostgreSQL, where changes run beside each other: what is put behind a stopped message is never forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench.servers import Postgres
from hub.clock import SystemClock, TimeIds
from hub.errors import KeyConflict
from hub.ledger import Change, Filter, Kind, Ledger, Message, Move, NewMessage, State
from tests.contract.waiting import eventually

KEY = "bigbox:4711"
PATIENCE_SECONDS = 30.0
ROUNDS = 100

_ids = TimeIds(SystemClock())


@pytest.fixture
def ledger(postgres_ledger_url: str, tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(postgres_ledger_url, home=tmp_path, clock=SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def somebody_waits(postgres_ledger_url: str) -> Iterator[Callable[[], bool]]:
    """Whether a transaction waits for the end of another."""
    with psycopg.connect(postgres_ledger_url, autocommit=True) as watching:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE datname=current_database() AND wait_event_type='Lock'"
        yield lambda: bool(watching.execute(sql).fetchall()[0][0])


def _new(**fields: Any) -> NewMessage:
    values: dict[str, Any] = {"order_key": KEY, "order_hold": True, **fields}
    return NewMessage(id=_ids.new(), kind=Kind.DOCUMENT, type="850", partner="bigbox", **values)


def _claim(ledger: Ledger, limit: int = 40) -> list[Message]:
    return ledger.claim(Kind.DOCUMENT, limit, lease_seconds=60, owner="a")


def _stopped(ledger: Ledger) -> str:
    """A new message that is dead."""
    new = _new()
    ledger.write(lambda change: change.insert(new))
    (claimed,) = _claim(ledger)
    ledger.write(lambda change: change.finish(claimed, State.DEAD, event="stopped", cause="rejected", detail="no"))
    return new.id


@contextmanager
def _halfway(pool: ThreadPoolExecutor, ledger: Ledger, work: Callable[[Change], object]) -> Iterator[None]:
    """The work of a change is done; it is committed at the end."""
    done, go_on = threading.Event(), threading.Event()

    def change_and_wait(change: Change) -> None:
        work(change)
        done.set()
        assert go_on.wait(PATIENCE_SECONDS)

    writing = pool.submit(ledger.write, change_and_wait)
    assert done.wait(PATIENCE_SECONDS)
    yield
    go_on.set()
    writing.result(PATIENCE_SECONDS)


def _replay(change: Change, message_id: str) -> None:
    change.move(message_id, [State.DEAD], State.RECEIVED, event="replayed", actor="dana")


def _close(change: Change, message_id: str) -> None:
    change.move(message_id, [State.DEAD], State.ANSWERED, event="closed", actor="dana")


def _skip(change: Change, message_id: str) -> None:
    change.skip(message_id, actor="dana", reason="not needed")


def _replay_job(change: Change, message_id: str) -> None:
    found = change.messages([message_id]).values()
    change.move_many([Move(message=one, state=State.RECEIVED, event="replayed") for one in found], actor="dana")


DEALINGS = [_replay, _close, _skip, _replay_job]


def _work_off(ledger: Ledger) -> list[str]:
    """Works on all that can be claimed; the ids, in the order of the work."""
    seen = []
    while claimed := _claim(ledger):
        (message,) = claimed
        seen.append(message.id)
        ledger.write(lambda change, message=message: change.finish(message, State.DELIVERED, event="done"))  # type: ignore[misc]
    return seen


@pytest.mark.parametrize("deal", DEALINGS)
def test_what_is_put_behind_one_that_is_dealt_with_meanwhile_goes_on(
    ledger: Ledger, somebody_waits: Callable[[], bool], deal: Callable[[Change, str], None]
) -> None:
    first, second = _stopped(ledger), _new()
    with ThreadPoolExecutor(2) as pool:
        with _halfway(pool, ledger, lambda change: change.insert(second)):
            dealing = pool.submit(ledger.write, lambda change: deal(change, first))
            eventually(lambda: dealing.done() or somebody_waits())
        dealing.result(PATIENCE_SECONDS)
    assert _work_off(ledger)[-1:] == [second.id]
    assert ledger.audit()["problems"] == []


@pytest.mark.parametrize("deal", DEALINGS)
def test_who_comes_while_one_before_it_is_dealt_with_waits_for_nobody(
    ledger: Ledger, deal: Callable[[Change, str], None]
) -> None:
    first, second = _stopped(ledger), _new()
    with ThreadPoolExecutor(2) as pool, _halfway(pool, ledger, lambda change: deal(change, first)):
        inserting: Future[bool] = pool.submit(ledger.write, lambda change: change.insert(second))
        assert inserting.result(PATIENCE_SECONDS)
        assert _claim(ledger) == [], "the first one is still dead to all others"
    assert _work_off(ledger)[-1:] == [second.id]


def test_a_replacement_behind_one_that_is_dealt_with_meanwhile_goes_on(
    ledger: Ledger, somebody_waits: Callable[[], bool]
) -> None:
    """It takes the place of the one it replaces, and no new one."""
    first, second = _stopped(ledger), _new()
    ledger.write(lambda change: change.insert(second))
    _work_off_behind(ledger, first, second.id)
    third = _new(replay_of=second.id)
    with ThreadPoolExecutor(2) as pool:
        with _halfway(pool, ledger, lambda change: change.insert(third)):
            dealing = pool.submit(ledger.write, lambda change: _close(change, first))
            eventually(lambda: dealing.done() or somebody_waits())
        dealing.result(PATIENCE_SECONDS)
    assert _work_off(ledger) == [third.id]


def _work_off_behind(ledger: Ledger, stopped: str, message_id: str) -> None:
    """Works on a message behind one that stopped, which stops again afterwards."""
    ledger.write(lambda change: _close(change, stopped))
    assert _work_off(ledger) == [message_id]
    ledger.write(lambda change: change.move(stopped, [State.ANSWERED], State.DEAD, event="reopened", actor="dana"))


def test_who_waits_behind_two_that_are_dealt_with_at_once_goes_on(ledger: Ledger) -> None:
    first = _stopped(ledger)
    ledger.write(lambda change: _close(change, first))
    second, third = _stopped(ledger), _new()
    ledger.write(lambda change: change.move(first, [State.ANSWERED], State.DEAD, event="reopened", actor="dana"))
    with ThreadPoolExecutor(1) as pool, _halfway(pool, ledger, lambda change: _close(change, second)):
        ledger.write(lambda change: change.insert(third))
        ledger.write(lambda change: _close(change, first))
    assert _work_off(ledger) == [third.id]


def test_who_comes_while_one_before_it_stops_is_put_behind_it_by_the_sweep(ledger: Ledger) -> None:
    """Neither change sees the other, and claims keep the order; but nobody should look at it in vain."""
    first, second = _new(), _new()
    ledger.write(lambda change: change.insert(first))
    (claimed,) = _claim(ledger)
    with ThreadPoolExecutor(1) as pool, _halfway(pool, ledger, lambda change: change.insert(second)):
        ledger.write(lambda change: change.finish(claimed, State.HELD, event="stopped"))
    assert _claim(ledger) == []
    assert ledger.sweep().stages == ("document",)
    assert ledger.sweep().stages == ()
    waiting = ledger.message(second.id)
    assert waiting.cause == "in_order"
    assert first.id in waiting.detail
    ledger.write(lambda change: change.skip(first.id, actor="dana", reason="not needed"))
    assert _work_off(ledger) == [second.id]
    assert ledger.audit()["problems"] == []


class Traffic:
    """Messages of three orders come, are worked on, stop (every third, the first time) and are dealt with."""

    keys = ("bigbox:1", "bigbox:2", "bigbox:3")

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.finished: dict[str | None, list[int]] = {key: [] for key in self.keys}
        self.coming = True

    def come(self, rounds: int) -> None:
        for number in range(rounds):
            order = self.keys if number % 2 else self.keys[::-1]
            self.ledger.write(lambda change, order=order: change.insert_many([_new(order_key=key) for key in order]))  # type: ignore[misc]

    def work_while_they_come(self) -> None:
        while self.coming:
            self.work()

    def deal_while_they_come(self) -> None:
        while self.coming:
            self.deal()

    def work(self) -> int:
        claimed = _claim(self.ledger, 2)
        for message in claimed:
            stops = message.seq % 3 == 0 and "replayed" not in message.facts
            if not stops:
                self.finished[message.order_key].append(message.seq)
        self.ledger.write(lambda change: [_finish(change, message) for message in claimed])
        return len(claimed)

    def deal(self) -> int:
        """With some of those that stopped, by one another; how many stood there."""
        found = [message for message in self.ledger.stopped((State.DEAD,)) if message.order_hold]
        for number, message in enumerate(found):
            if (message.seq // 3 + number) % 3 == 0:
                work = partial(_replay_all, ids=[one.id for one in found])
            else:
                work = partial((_close, _skip)[number % 2], message_id=message.id)
            with suppress(KeyConflict):  # somebody else was quicker
                self.ledger.write(work)
        return len(found)


def _finish(change: Change, message: Message) -> None:
    stops = message.seq % 3 == 0 and "replayed" not in message.facts
    change.finish(message, State.DEAD if stops else State.DELIVERED, event="worked on")


def _replay_all(change: Change, ids: list[str]) -> None:
    found = [message for message in change.messages(ids).values() if message.state is State.DEAD and message.order_hold]
    moves = [Move(message=one, state=State.RECEIVED, event="replayed", facts={"replayed": True}) for one in found]
    change.move_many(moves, actor="dana")


def test_who_comes_and_who_deals_are_in_no_deadlock_and_forget_nobody(
    ledger: Ledger, postgres_server: Postgres, postgres_ledger_url: str
) -> None:
    traffic = Traffic(ledger)
    with ThreadPoolExecutor(6) as pool:
        coming = [pool.submit(traffic.come, ROUNDS) for _ in range(2)]
        others = [pool.submit(traffic.work_while_they_come) for _ in range(2)]
        others += [pool.submit(traffic.deal_while_they_come) for _ in range(2)]
        try:
            for running in coming:
                running.result(120)
        finally:
            traffic.coming = False
        for running in others:
            running.result(PATIENCE_SECONDS)
    while traffic.work() or traffic.deal():
        pass
    assert ledger.messages(Filter(states=frozenset({State.RECEIVED, State.WORKING}))).items == ()
    for seqs in traffic.finished.values():
        assert seqs == sorted(set(seqs))
        assert len(seqs) > ROUNDS
    assert ledger.audit()["problems"] == []
    ledger.close()  # only then has the server counted all
    database = postgres_ledger_url.partition("@/")[2].partition("?")[0]
    assert postgres_server.execute(f"SELECT deadlocks FROM pg_stat_database WHERE datname='{database}'") == [(0,)]
