"""Puts gathered rows into a ledger in bulk: many rows a statement on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from bench.data.rows import COLUMNS, Rows

__all__ = ["Loader", "loader"]


class Loader(Protocol):
    """One connection to a ledger that nobody else uses meanwhile."""

    def take(self, rows: Rows) -> None:
        """Writes all rows that were gathered, in one commit, and forgets them."""

    def settle(self) -> None:
        """What the engine would do by itself after a while: statistics, and on PostgreSQL a vacuum."""


@contextmanager
def loader(url: str) -> Iterator[Loader]:
    """A loader for a ledger's URL."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        with closing(sqlite3.connect(Path(rest[1:]), isolation_level=None)) as connection:
            for pragma in ("synchronous=OFF", "cache_size=-1000000"):
                connection.execute(f"PRAGMA {pragma}")
            yield _Sqlite(connection)
    else:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET synchronous_commit TO off")
            yield _Postgres(connection)


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def take(self, rows: Rows) -> None:
        self._connection.execute("BEGIN")
        for table, names in COLUMNS.items():
            marks = ",".join("?" * len(names))
            sql = f"INSERT INTO {table} ({','.join(names)}) VALUES ({marks})"
            self._connection.executemany(sql, rows.tables[table])
            rows.tables[table].clear()
        self._connection.execute("COMMIT")

    def settle(self) -> None:
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Postgres:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def take(self, rows: Rows) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for table, names in COLUMNS.items():
                if not rows.tables[table]:
                    continue
                with cursor.copy(f"COPY {table} ({','.join(names)}) FROM STDIN") as copy:
                    for row in rows.tables[table]:
                        copy.write_row(row)
                rows.tables[table].clear()

    def settle(self) -> None:
        self._connection.execute("VACUUM (ANALYZE)")
