"""No question and no step of the hub reads a whole table: asked of each engine's own plan, on 5,000 messages."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from bench.data import generate
from bench.data.trade import PARTNERS
from bench.search import filters
from hub.clock import SystemClock
from hub.ledger import Filter, Kind, Ledger, Message, NewMessage, State
from hub.ledger.engines import open_database
from hub.ledger.ordering import overlooked
from hub.ledger.transaction import Database, Row, Transaction

MESSAGES = 5_000
UNTIL = 1_800_000_000.0
_WHOLE = {
    "sqlite": re.compile(r"^SCAN (?!lane\d|found|waiting|w$|due|newest|endpoint|seal|stopped_group|replay_job)\w+$"),
    "postgresql": re.compile(r"Seq Scan on (?!endpoint|seal|stopped_group|replay_job)\w+"),
}
"""A table that grows with the messages, read from end to end."""
_SORTED = "USE TEMP B-TREE FOR ORDER BY"
"""In SQLite's plans. PostgreSQL sorts what is little rather than look it up in order, so there it says nothing."""

Plan = Callable[[str, Sequence[Any]], list[str]]


@dataclass
class Explained:
    """A transaction that keeps the plan of each statement. ``plans``: statement -> lines of its plan."""

    inner: Transaction
    plan: Plan
    plans: dict[str, list[str]]

    @property
    def lock(self) -> str:
        return self.inner.lock

    @property
    def skip_locked(self) -> str:
        return self.inner.skip_locked

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        self.plans[sql] = self.plan(sql, values)
        return self.inner.rows(sql, values)

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def among(self, sql: str, keys: Sequence[str]) -> list[Row]:
        self.plans[sql] = self.plan(sql, keys)
        return self.inner.among(sql, keys)

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        self.plans[sql] = self.plan(sql, values)
        return self.inner.run(sql, values)

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        if rows:
            self.plans[sql] = self.plan(sql, rows[0])
        return self.inner.many(sql, rows)

    def returned(self, sql: str, rows: Sequence[Sequence[Any]]) -> list[Row]:
        self.plans[sql] = self.plan(sql, rows[0])
        return self.inner.returned(sql, rows)


@dataclass
class ExplainedDatabase:
    """A database whose transactions are `Explained`."""

    inner: Database
    plan: Plan
    plans: dict[str, list[str]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def write(self, work: Any, marker: Any) -> Any:
        return self.inner.write(lambda db, attempt: work(Explained(db, self.plan, self.plans), attempt), marker)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self.inner.read() as db:
            yield Explained(db, self.plan, self.plans)

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        with self.inner.snapshot() as db:
            yield Explained(db, self.plan, self.plans)


@dataclass
class Asked:
    """A ledger with 5,000 messages that tells how it found what it was asked for."""

    engine: str
    ledger: Ledger
    database: ExplainedDatabase

    def plans(self, ask: Callable[[Ledger], object]) -> dict[str, list[str]]:
        self.database.plans.clear()
        ask(self.ledger)
        return dict(self.database.plans)

    def reads_no_table_whole(self, ask: Callable[[Ledger], object]) -> None:
        plans = self.plans(ask)
        assert plans
        for sql, plan in plans.items():
            assert not [line for line in plan if _WHOLE[self.engine].search(line)], (sql, plan)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    home = tmp_path_factory.mktemp("plans")
    if request.param == "sqlite":
        url = f"sqlite:///{home / 'ledger.db'}"
        generate(url, home, MESSAGES, until=UNTIL)
        connection: Any = sqlite3.connect(home / "ledger.db", check_same_thread=False)
        plan = _sqlite_plan(connection)
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.create("plans", request.getfixturevalue("ledger_template"))
        generate(url, home, MESSAGES, until=UNTIL)
        connection = psycopg.connect(url, autocommit=True, prepare_threshold=None)
        connection.execute("SET enable_seqscan TO off")  # so small a table is read whole where nothing else forbids it
        plan = _postgres_plan(connection)
    database = ExplainedDatabase(open_database(url, SystemClock()), plan)
    with closing(connection), closing(Ledger(database, home)) as ledger:  # type: ignore[arg-type]
        yield Asked(request.param, ledger, database)


def _sqlite_plan(connection: sqlite3.Connection) -> Plan:
    def plan(sql: str, values: Sequence[Any]) -> list[str]:
        spelled = sql.replace("IN (*)", f"IN ({','.join('?' * len(values))})")
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {spelled}", tuple(values))]

    return plan


def _postgres_plan(connection: psycopg.Connection[Any]) -> Plan:
    def plan(sql: str, values: Sequence[Any]) -> list[str]:
        """The generic plan, which the ledger's connections use."""
        del values
        numbers = itertools.count(1)
        numbered = re.sub(r"\?", lambda _: f"${next(numbers)}", sql.replace("IN (*)", "= ANY(?)"))
        if not numbered.lstrip().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            return []
        return [row[0] for row in connection.execute(f"EXPLAIN (GENERIC_PLAN) {numbered}".encode())]

    return plan


@pytest.mark.parametrize("name", [name for name, _ in filters(UNTIL)])
def test_a_filter_goes_by_an_index(asked: Asked, name: str) -> None:
    which = dict(filters(UNTIL))[name]()
    for cursor in (None, "1m80x9z2jpj0ww65ft4h"):
        plans = asked.plans(lambda ledger, at=cursor: ledger.messages(which, cursor=at))  # type: ignore[misc]
        (plan,) = plans.values()
        text = "\n".join(plan)
        assert not [line for line in plan if _WHOLE[asked.engine].search(line)], text
        assert _SORTED not in text, text
        if which.partner or which.type or which.endpoint or which.cause or which.order_key:
            assert re.search("message_(rest_|stopped|open|working)", text), text


@pytest.mark.parametrize("name", [name for name, _ in filters(UNTIL)])
def test_a_filter_finds_what_matches_and_nothing_else(asked: Asked, name: str) -> None:
    which = dict(filters(UNTIL))[name]()
    wanted = [message.id for message in _pages(asked.ledger, Filter()) if _matches(message, which)]
    assert [message.id for message in _pages(asked.ledger, which)] == wanted


def _pages(ledger: Ledger, which: Filter) -> Iterator[Message]:
    cursor: str | None = None
    while True:
        page = ledger.messages(which, limit=997, cursor=cursor)
        yield from page.items
        cursor = page.cursor
        if cursor is None:
            return


def _matches(message: Message, which: Filter) -> bool:
    named = ("type", "partner", "endpoint", "cause", "order_key", "kind")
    return (
        all(getattr(message, name) == getattr(which, name) for name in named if getattr(which, name))
        and (not which.states or message.state in which.states)
        and (which.created_from is None or message.created_at >= which.created_from)
        and (which.created_until is None or message.created_at < which.created_until)
    )


def test_a_key_that_many_share_is_paged_and_narrowed(asked: Asked) -> None:
    """A control number that forty partners use, in two kinds of key."""
    found = []
    cursor: str | None = None
    while True:
        page = asked.ledger.search("000000002", limit=7, cursor=cursor)
        found += [message.id for message in page.messages]
        cursor = page.cursor
        if cursor is None:
            break
    assert len(found) > 14
    assert found == sorted(set(found), reverse=True)
    narrowed = asked.ledger.search("000000002", Filter(partner=PARTNERS[0]), limit=1000)
    assert [message.id for message in narrowed.messages] == [
        name for name in found if asked.ledger.message(name).partner == PARTNERS[0]
    ]


@pytest.mark.parametrize("value", ["PO0000000001", "INV-00000001", "000000001", "nothing"])
def test_a_business_key_goes_by_its_index(asked: Asked, value: str) -> None:
    asked.reads_no_table_whole(lambda ledger: ledger.search(value))
    asked.reads_no_table_whole(lambda ledger: ledger.search(value, Filter(partner=PARTNERS[0], type="850")))


@pytest.mark.parametrize(
    "ask",
    [
        lambda ledger: ledger.orders(),
        lambda ledger: ledger.orders(partner=PARTNERS[0]),
        lambda ledger: ledger.orders(state="picked"),
        lambda ledger: ledger.orders(po="PO0000000001"),
        lambda ledger: ledger.orders(cursor=ledger.orders(limit=5).cursor),
        lambda ledger: ledger.order(ledger.orders(limit=1).items[0].key),
        lambda ledger: ledger.steps("partner01:PO0000000001"),
        lambda ledger: ledger.obligations(order_key="partner01:PO0000000001"),
        lambda ledger: ledger.obligations(overdue_at=UNTIL),
        lambda ledger: ledger.sent(overdue_at=UNTIL),
        lambda ledger: ledger.counts(),
        lambda ledger: ledger.endpoints(),
        lambda ledger: ledger.stopped_groups(tuple(State)),
        lambda ledger: list(ledger.stopped((State.DEAD,))),
        lambda ledger: ledger.children(ledger.messages(Filter(kind=Kind.INTERCHANGE)).items[0].id),
        lambda ledger: ledger.events(ledger.messages(limit=1).items[0].id),
        lambda ledger: ledger.replays("x"),
        lambda ledger: ledger.existing("x"),
    ],
)
def test_what_pages_show_goes_by_an_index(asked: Asked, ask: Callable[[Ledger], object]) -> None:
    asked.reads_no_table_whole(ask)


def test_the_hubs_own_steps_go_by_an_index(asked: Asked) -> None:
    """Taking in, claiming, finishing, sweeping and sealing cost the same whatever the ledger holds."""
    asked.reads_no_table_whole(_one_round)


@pytest.mark.parametrize("stage", ["interchange", "document", "delivery:erp"])
def test_who_was_overlooked_is_found_by_an_index(asked: Asked, stage: str) -> None:
    def ask(_ledger: Ledger) -> None:
        with asked.database.read() as db:
            overlooked(db, stage, UNTIL)

    asked.reads_no_table_whole(ask)


def _one_round(ledger: Ledger) -> None:
    owner = ledger.owner("here")
    new = NewMessage(
        id=f"{ledger.now():020.0f}", kind=Kind.DOCUMENT, type="850", partner="p", order_key="k", unique_key="u",
        payload=ledger.store(b"ST~"),
    )  # fmt: skip
    ledger.write(lambda change: change.insert(new))
    for kind in (Kind.INTERCHANGE, Kind.DOCUMENT):
        claimed = ledger.claim(kind, 10, lease_seconds=60, owner=owner)
        ledger.write(lambda change, done=claimed: change.finish_many(done, State.DELIVERED, event="processed"))  # type: ignore[misc]
    ledger.claim(Kind.DELIVERY, 10, lease_seconds=60, owner=owner, endpoint="erp")
    ledger.claim(Kind.DELIVERY, 10, lease_seconds=60, owner=owner, solo=True)
    ledger.write(lambda change: (change.orders_found("po", "PO0000000001"), change.found("isa13", "000000001")))
    ledger.endpoints_due()
    ledger.sweep()
    ledger.seal()
