"""P2 on PostgreSQL, where changes run beside each other: one message has a business key, whoever lets go of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hub.errors import KeyConflict
from hub.flow.book import Book
from hub.flow.outbox import Outbox
from hub.flow.visit import Visit
from hub.ledger import Change, Kind, NewMessage, State
from hub.ledger.postgres import PostgresTransaction
from hub.runtime import Hub
from tests.contract.waiting import eventually
from tests.flow.test_replay_job import open_hub
from tests.orders.samples import order

PATIENCE_SECONDS = 30.0
KEY = ("Order", f"bigbox:{order().id}")


@pytest.fixture
def hub(postgres_ledger_url: str, tmp_path: Path) -> Iterator[Hub]:
    """One message that was replaced and has the key, and two that are replays."""
    opened = open_hub(postgres_ledger_url, tmp_path)
    first = _new("m1", state=State.ANSWERED, cause="replaced")
    replays = [_new(name, replay_of="m1", reading=opened.ledger.store(name.encode())) for name in ("m2", "m3")]
    opened.ledger.write(lambda change: (change.insert_many([first, *replays]), change.take_key(*KEY, "f", "m1")))
    yield opened
    opened.close()


def _new(name: str, **fields: Any) -> NewMessage:
    return NewMessage(id=name, kind=Kind.DOCUMENT, type="850", partner="bigbox", **fields)


def _take(hub: Hub, message_id: str) -> None:
    message = hub.ledger.message(message_id)

    def take(change: Change) -> None:
        outbox, book = Outbox(hub.flow, change), Book(change)
        Visit(hub.flow, change, message, None, order(), None, book, outbox).take_business_key("bigbox")

    hub.ledger.write(take)


def _holder(hub: Hub) -> str | None:
    return hub.ledger.write(lambda change: change.take_key(*KEY, "f", "anybody")).existing_message_id


def test_of_two_replays_of_one_message_one_has_its_key(
    hub: Hub, postgres_ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_replaced = Visit._was_replaced
    first, go_on = threading.Event(), threading.Event()

    def wait(visit: Visit, holder: str) -> bool:
        """The first one goes on when the second one has seen the same holder, and waits for its row."""
        found = was_replaced(visit, holder)
        if not first.is_set():
            first.set()
            assert go_on.wait(PATIENCE_SECONDS)
        return found

    monkeypatch.setattr(Visit, "_was_replaced", wait)
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname=current_database() AND wait_event_type='Lock'"
    with psycopg.connect(postgres_ledger_url, autocommit=True) as watching, ThreadPoolExecutor(2) as pool:
        one = pool.submit(_take, hub, "m2")
        assert first.wait(PATIENCE_SECONDS)
        two = pool.submit(_take, hub, "m3")
        eventually(lambda: watching.execute(sql).fetchall() == [(1,)])
        go_on.set()
        one.result(PATIENCE_SECONDS)
        with pytest.raises(KeyConflict):
            two.result(PATIENCE_SECONDS)
    assert _holder(hub) == "m2"


def test_a_key_that_is_let_go_as_it_is_asked_for_is_taken(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    run = PostgresTransaction.run

    def let_go_afterwards(transaction: PostgresTransaction, sql: str, values: Any = ()) -> int:
        count = run(transaction, sql, values)
        if sql.startswith("INSERT INTO business_key") and not count:
            monkeypatch.setattr(PostgresTransaction, "run", run)
            assert hub.ledger.write(lambda change: change.give_key(*KEY, "m1"))
        return count

    monkeypatch.setattr(PostgresTransaction, "run", let_go_afterwards)
    assert hub.ledger.write(lambda change: change.take_key(*KEY, "f", "m2")).existing_message_id is None
    assert _holder(hub) == "m2"
