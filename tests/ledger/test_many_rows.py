"""Many rows as one statement say what a statement for each would say."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import pytest

from hub.clock import SystemClock
from hub.ledger.many_rows import whole
from hub.ledger.postgres import PostgresDatabase

_CONTENT = "INSERT INTO payload (sha256, size, created_at, data) VALUES (?,?,?,?)"


def test_an_insert_takes_an_array_for_each_column() -> None:
    found = whole(
        "INSERT INTO payload (sha256, size, created_at) VALUES (?,0,?) ON CONFLICT (sha256) DO UPDATE SET size=1%2"
    )
    assert found is not None
    assert found.statement == (
        "INSERT INTO payload (sha256, size, created_at) SELECT r.sha256, 0, r.created_at"
        " FROM unnest(%b, %b) AS r (sha256, created_at) ON CONFLICT (sha256) DO UPDATE SET size=1%%2"
    )


def test_an_update_sets_some_columns_and_finds_its_row_by_others() -> None:
    found = whole("UPDATE message SET state=?, fence=message.fence+1, cause='' WHERE id=? AND state='held' AND fence=?")
    assert found is not None
    assert found.statement == (
        "UPDATE message SET state=r.state, fence=message.fence+1, cause='' FROM unnest(%b, %b, %b)"
        " AS r (state, k_id, k_fence) WHERE message.id=r.k_id AND message.state='held' AND message.fence=r.k_fence"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE message SET state=? WHERE id IN (SELECT 1)",
        "UPDATE message SET seq=seq-? WHERE id=?",
        "UPDATE message SET seq=seq+1 WHERE id=?",
        "UPDATE message SET state=? WHERE seq<?",
        "UPDATE message SET state=? WHERE id=? OR seq=?",
        "UPDATE elsewhere SET state=? WHERE id=?",
        "INSERT INTO elsewhere (id) VALUES (?)",
        "INSERT INTO payload (size) VALUES (1+(SELECT 2)) RETURNING size",
    ],
)
def test_other_statements_are_run_row_by_row(sql: str) -> None:
    assert whole(sql) is None


@pytest.fixture
def database(postgres_ledger_url: str) -> Iterator[PostgresDatabase]:
    opened = PostgresDatabase(postgres_ledger_url, SystemClock())
    yield opened
    opened.close()


def test_values_arrive_as_they_were(database: PostgresDatabase) -> None:
    rows = [
        ("ü\"'\\{},NULL", -(2**63), 0.1, b"\x00\xff"),
        ("", 2**63 - 1, -2.5e300, b""),
        ("x" * 70_000, 0, 3, b"x" * 70_000),
        ("x" * 4096, 7, 1e-300, None),
    ]
    assert database.write(lambda db, _: db.many(_CONTENT, rows), lambda: None) == len(rows)
    with database.read() as db:
        assert db.rows("SELECT sha256, size, created_at, data FROM payload") == rows
        wanted = ["", "x" * 4096, "none such"]
        assert db.among("SELECT size FROM payload WHERE sha256 IN (*) ORDER BY size", wanted) == [(7,), (2**63 - 1,)]
        assert db.among("SELECT size FROM payload WHERE sha256 IN (*)", []) == []


@pytest.mark.parametrize("kind", [str, int, float])
def test_a_column_may_have_holes(database: PostgresDatabase, kind: Callable[[int], object]) -> None:
    column = {str: "detail", int: "failures", float: "open_until"}[kind]  # type: ignore[index]
    database.write(lambda db, _: db.run(f"ALTER TABLE endpoint ALTER {column} DROP NOT NULL"), lambda: None)
    rows = [("a", kind(1), 0.0), ("b", None, 0.0), ("c", kind(2), 0.0), ("d", None, 0.0)]
    database.write(
        lambda db, _: db.many(f"INSERT INTO endpoint (name, {column}, changed_at) VALUES (?,?,?)", rows), lambda: None
    )
    with database.read() as db:
        assert db.rows(f"SELECT name, {column}, changed_at FROM endpoint ORDER BY name") == rows


@pytest.mark.parametrize("wrong", [(1, 0, 0.0, b""), ("", "", 0.0, b""), ("", 0, "", b""), ("", 0, 0.0, 1.5)])
def test_values_of_another_kind_are_refused(wrong: tuple[object, ...]) -> None:
    found = whole(_CONTENT)
    assert found is not None
    with pytest.raises((AttributeError, TypeError, struct.error)):
        found.values([wrong, wrong])
