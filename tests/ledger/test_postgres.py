"""P1, P2 on PostgreSQL: backends that die, commits whose answer is lost, clocks that disagree."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench.servers import Postgres
from hub.clock import SystemClock, TimeIds
from hub.errors import Unreachable
from hub.ledger import Change, Kind, Ledger, NewMessage, State
from hub.ledger.postgres import PostgresDatabase


@pytest.fixture
def opened(postgres_ledger_url: str, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger.open(postgres_ledger_url, home=tmp_path, clock=SystemClock())
    yield ledger
    ledger.close()


def _new(number: object, **fields: Any) -> NewMessage:
    return NewMessage(id=f"m{number}", kind=Kind.DOCUMENT, type="850", partner="p", **fields)


def _kill_backends(server: Postgres, url: str) -> int:
    database = url.partition("@/")[2].partition("?")[0]
    rows = server.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        f" WHERE datname='{database}' AND pid<>pg_backend_pid()"
    )
    return len(rows)


class _LosesTheAnswer:
    """Stands before a connection and loses the answer to its next COMMIT, after or before it takes place."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, committed: bool) -> None:
        self.left = 1
        commit = psycopg.Connection.commit

        def losing(connection: psycopg.Connection[Any]) -> None:
            if self.left and not connection.autocommit and connection.info.transaction_status.name == "INTRANS":
                self.left -= 1
                if committed:
                    commit(connection)
                connection.close()
                raise psycopg.OperationalError("the connection was lost in the middle of COMMIT")
            commit(connection)

        monkeypatch.setattr(psycopg.Connection, "commit", losing)


@pytest.mark.parametrize("committed", [True, False])
def test_a_commit_without_an_answer_happens_once(
    opened: Ledger, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    opened.write(lambda change: change.insert(_new(1)))
    (claimed,) = opened.claim(Kind.DOCUMENT, 1, lease_seconds=60, owner="a")
    runs: list[int] = []

    def work(change: Change) -> int:
        runs.append(1)
        change.finish(claimed, State.DELIVERED, event="processed")
        assert change.insert(_new(2, unique_key="once"))
        return change.next_number("isa", maximum=99)

    losing = _LosesTheAnswer(monkeypatch, committed=committed)
    assert opened.write(work) == 1
    assert losing.left == 0
    assert len(runs) == (1 if committed else 2)
    assert [event.what for event in opened.events("m1")] == ["received", "processed"]
    assert [event.what for event in opened.events("m2")] == ["received"]
    assert opened.write(lambda change: change.next_number("isa", maximum=99)) == 2
    assert opened.audit()["problems"] == []


def test_a_seal_waits_for_who_has_taken_an_earlier_place_and_stops_nobody(opened: Ledger) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(change: Change) -> None:
        change.insert(_new("slow"))
        change.next_number("isa", maximum=99)  # writes what is gathered: the event has its id
        begun.set()
        assert go_on.wait(30)

    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(opened.write, slow)
        assert begun.wait(30)
        opened.write(lambda change: change.insert(_new("later")))
        sealing = pool.submit(opened.seal)
        opened.write(lambda change: change.insert(_new("beside")))
        assert not sealing.done()
        go_on.set()
        writing.result()
        assert sealing.result()
    report = opened.audit()
    assert (report["received"], report["problems"]) == (3, [])


def test_killed_backends_double_and_lose_nothing(
    opened: Ledger, postgres_server: Postgres, postgres_ledger_url: str
) -> None:
    numbers: list[int] = []
    killed = 0
    with ThreadPoolExecutor(1) as killer:
        for number in range(30):
            strike = killer.submit(_kill_backends, postgres_server, postgres_ledger_url)
            opened.write(lambda change, number=number: change.insert(_new(number, unique_key=f"k{number}")))
            numbers.append(opened.write(lambda change: change.next_number("isa", maximum=10_000)))
            for message in opened.claim(Kind.DOCUMENT, 5, lease_seconds=0.0, owner="a"):
                opened.write(lambda change, m=message: change.finish(m, State.DELIVERED, event="processed"))
            killed += strike.result()
    assert killed >= 10
    assert len(numbers) == len(set(numbers)) == 30
    report = opened.audit()
    assert (report["received"], report["problems"]) == (30, [])
    for number in range(30):
        assert [event.what for event in opened.events(f"m{number}")].count("processed") <= 1


@pytest.mark.parametrize(
    ("query", "changed"), [("", {}), ("keepalives_idle=60&tcp_user_timeout=0", {"keepalives_idle": "60"})]
)
def test_a_server_that_is_gone_without_a_word_is_noticed(
    postgres_ledger_url: str, query: str, changed: dict[str, str]
) -> None:
    """What the URL says goes before."""
    expected = {"keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3"} | changed
    expected["tcp_user_timeout"] = "0" if query else "30000"
    url = postgres_ledger_url + (("&" if "?" in postgres_ledger_url else "?") + query if query else "")
    database = PostgresDatabase(url, SystemClock())
    with database._borrowed(autocommit=True) as connection:
        said = connection.info.get_parameters()
    database.close()
    assert {name: said.get(name, "0") for name in expected} == expected


def test_a_server_that_restarts_is_waited_for(tmp_path: Path) -> None:
    server = Postgres().start()
    try:
        ledger = Ledger.open(server.create("ledger"), home=tmp_path, clock=SystemClock())
        ledger.write(lambda change: change.insert(_new(1)))
        server.kill()
        with ThreadPoolExecutor(1) as pool:
            written = pool.submit(ledger.write, lambda change: change.insert(_new(2)))
            server.start()
            assert written.result()
        assert {message.id for message in ledger.messages().items} == {"m1", "m2"}
        assert ledger.sweep().stages == ("document",)
        ledger.close()
    finally:
        server.stop()


def test_numbers_and_places_are_given_once_under_load(opened: Ledger) -> None:
    ids = TimeIds(SystemClock())
    numbers: list[int] = []
    together = threading.Barrier(6)

    def work() -> None:
        together.wait()
        for _ in range(20):
            news = [
                NewMessage(id=ids.new(), kind=Kind.DOCUMENT, type="850", partner="p", order_key=f"po{n % 3}")
                for n in range(6)
            ]
            numbers.append(
                opened.write(
                    lambda change, news=news: (change.insert_many(news), change.next_number("isa", maximum=10_000))[1]
                )
            )

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 121))
    places: dict[str | None, list[int]] = {}
    for message in opened.messages(limit=1000).items:
        places.setdefault(message.order_key, []).append(message.seq)
    assert all(sorted(seqs) == list(range(1, 241)) for seqs in places.values())


def test_leases_follow_the_servers_clock(postgres_ledger_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda _self: 5.0)
    database = PostgresDatabase(postgres_ledger_url, SystemClock())
    assert database.now() == pytest.approx(time.time(), abs=5)
    database.close()


@pytest.mark.parametrize(
    ("before", "statement", "said"),
    [
        ("SET LOCAL statement_timeout=10", "SELECT pg_sleep(20)", "busy"),
        ("SET TRANSACTION READ ONLY", "DELETE FROM event", "only be read"),
    ],
    ids=["canceled", "read only"],
)
def test_what_the_server_cannot_do_now_is_no_fault_of_the_message(
    opened: Ledger, before: str, statement: str, said: str
) -> None:
    def work(transaction: Any, _attempt: int) -> None:
        transaction.run(before)
        transaction.run(statement)

    with pytest.raises(Unreachable, match=said):
        opened._database.write(work, lambda: None)
