"""Many rows in few statements do what one statement for each row does."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from hub.ledger.in_one import in_one

_SET = "UPDATE t SET b=?, n=n+1 WHERE a=? AND b=?"


def test_rows_are_inserted_in_the_order_given() -> None:
    parts = list(in_one("INSERT INTO t (a, b, n) VALUES (?,?,0) ON CONFLICT DO NOTHING", [(n, "x") for n in range(70)]))
    assert [len(values) for _, values in parts] == [128, 8, 4]
    assert parts[1][0] == "INSERT INTO t (a, b, n) VALUES " + ",".join(["(?,?,0)"] * 4) + " ON CONFLICT DO NOTHING"
    assert [value for _, values in parts for value in values[::2]] == list(range(70))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 64, 200])
def test_a_guarded_update_changes_what_it_would_alone(count: int) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, n INTEGER DEFAULT 0)")
        db.executemany("INSERT INTO t (a, b) VALUES (?,?)", [(n, "old" if n % 3 else "other") for n in range(count)])
        rows = [(f"new {n}", n, "old") for n in range(count)]
        changed = sum(db.execute(sql, values).rowcount for sql, values in in_one(_SET, rows))
        found = db.execute("SELECT a, b, n FROM t ORDER BY a").fetchall()
    assert changed == sum(1 for n in range(count) if n % 3)
    assert found == [(n, f"new {n}" if n % 3 else "other", int(n % 3 > 0)) for n in range(count)]
