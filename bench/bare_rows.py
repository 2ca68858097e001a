"""What the database alone takes: the rows of a ledger, written once more with nothing else around them.

They go table by table into an empty ledger on the same server or disk, many in a statement and a commit for some
hundred orders. Deliveries come in as due, are claimed and are finished, each in a commit of its own, which any queue in
a database needs. No file is read, nothing is mapped, judged, asked or sent; nothing is looked up before it is written.
PostgreSQL gets them from two processes, SQLite, which has one writer, from one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import side_by_side
from bench.side_by_side import Ready
from hub.clock import SystemClock
from hub.ledger import Kind, Ledger, State
from hub.ledger.engines import open_database
from hub.ledger.schema import metadata
from hub.ledger.transaction import Database, Row

__all__ = ["busy_seconds"]

_AT_ONCE = 400
"""Orders in a commit."""
_BY_THE_DATABASE = {"event": "id", "order_step": "id"}
"""Columns that number themselves."""
_FEW = ("seal", "endpoint", "control_number", "restoration", "ledger_home")
"""Tables that do not grow with the orders."""
_CLAIM = (
    "UPDATE message SET state='working', attempts=?, fence=?, owner=?, lease_until=? WHERE id=? AND state='received'"
)
_FINISH = (
    "UPDATE message SET state=?, changed_at=?, facts=?, chain=?, owner='', lease_until=NULL WHERE id=? AND fence=?"
)

Rows = tuple[Sequence[str], list[Row]]


def busy_seconds(filled: str, empty: str, home: Path, orders: int) -> float:
    """Processor time of the whole machine for the rows of the ledger at ``filled``, which nobody uses, written to a new
    one at ``empty``; ``home`` is its folder. Raises RuntimeError where they did not get there."""
    Ledger.open(empty, home=home, clock=SystemClock()).close()
    tables = _read(filled)
    writers = 2 if empty.startswith("postgresql") else 1
    shares = [{name: (columns, rows[at::writers]) for name, (columns, rows) in tables.items()} for at in range(writers)]
    return side_by_side.busy_seconds(_write, [(empty, share, orders // writers) for share in shares])


def _read(url: str) -> dict[str, Rows]:
    """By table: its columns, those that number themselves left out, and all of its rows."""
    found: dict[str, Rows] = {}
    database = open_database(url, SystemClock())
    with database.read() as db:
        for table in metadata.sorted_tables:
            columns = [column.name for column in table.columns if column.name != _BY_THE_DATABASE.get(table.name)]
            rows = db.rows(f"SELECT {', '.join(columns)} FROM {table.name}")
            if rows and table.name not in _FEW:
                found[table.name] = (columns, rows)
    database.close()
    return found


def _write(ready: Ready, url: str, tables: dict[str, Rows], orders: int) -> None:
    database = open_database(url, SystemClock())
    ready()
    commits = max(1, orders // _AT_ONCE)
    for number in range(commits):
        part = {
            name: (columns, rows[number * len(rows) // commits : (number + 1) * len(rows) // commits])
            for name, (columns, rows) in tables.items()
        }
        _write_part(database, part)
    database.close()


def _write_part(database: Database, tables: dict[str, Rows]) -> None:
    columns, rows = tables["message"]
    place = {name: at for at, name in enumerate(columns)}
    due = {"state": str(State.RECEIVED), "attempts": 0, "fence": 0}
    inserted, claimed, finished = [], [], []
    for row in rows:
        if row[place["kind"]] != Kind.DELIVERY:
            inserted.append(row)
            continue
        inserted.append(tuple(due.get(name, row[at]) for name, at in place.items()))
        claimed.append((1, 1, "bare", row[place["created_at"]], row[place["id"]]))
        last = ("state", "changed_at", "facts", "chain", "id")
        finished.append((*(row[place[name]] for name in last), 1))
    texts = {name: _insert(name, columns) for name, (columns, _) in tables.items()}
    everything = {**tables, "message": (columns, inserted)}
    _commit(database, [(texts[name], rows) for name, (_, rows) in everything.items()])
    _commit(database, [(_CLAIM, claimed)])
    _commit(database, [(_FINISH, finished)])


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({','.join('?' * len(columns))})"


def _commit(database: Database, statements: Sequence[tuple[str, Sequence[Row]]]) -> None:
    """Raises AssertionError where a row did not find its place."""

    def work(db: Any, _: int) -> None:
        for sql, rows in statements:
            assert not rows or db.many(sql, rows) == len(rows), sql

    database.write(work, lambda: None)
