"""The whole ledger as lines of JSON, table by table and from one moment, and back into an empty database.

The lines are the same for both engines, so that what was SQLite may become PostgreSQL and the other way round.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import LargeBinary, Table, inspect

from hub.clock import Clock
from hub.errors import Broken, KeyConflict
from hub.ledger.engines import open_database
from hub.ledger.revisions import apply_pending
from hub.ledger.schema import metadata
from hub.ledger.schema_home import ledger_home
from hub.ledger.transaction import Database, Row, Transaction, in_parts

__all__ = ["Lines", "Snapshot", "load", "require_empty"]

Lines = Callable[[str], Iterator[bytes]]
"""The lines of a table, by its name: the names of its columns first, then a row each."""
_AT_ONCE = 200
_NUMBER_MAX = 999_999_999
_IN_FILES = (
    "SELECT p.sha256 FROM payload p WHERE p.data IS NULL AND p.sha256>?"
    " AND NOT EXISTS (SELECT 1 FROM archived_payload a WHERE a.sha256=p.sha256) ORDER BY p.sha256 LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The ledger as it was at one moment."""

    db: Transaction

    @property
    def revision(self) -> str:
        row = self.db.row("SELECT version_num FROM alembic_version")
        assert row is not None
        return str(row[0])

    @property
    def tables(self) -> list[str]:
        """All but the id of the home, of which a restore makes another."""
        return [table.name for table in metadata.sorted_tables if table is not ledger_home]

    @property
    def latest_seal(self) -> str:
        """The hash that covers all events but the newest seconds'; empty where nothing was sealed yet."""
        row = self.db.row("SELECT hash FROM seal ORDER BY id DESC LIMIT 1")
        return str(row[0]) if row else ""

    def lines(self, name: str) -> Iterator[bytes]:
        """A table as `Lines`."""
        table = metadata.tables[name]
        columns, keys = [column.name for column in table.columns], [column.name for column in table.primary_key]
        places = [columns.index(key) for key in keys]
        yield orjson.dumps(columns)
        select, order = f"SELECT {_listed(columns)} FROM {name}", f" ORDER BY {_listed(keys)} LIMIT ?"  # noqa: S608 - names of our own schema
        rows = self.db.rows(select + order, (_AT_ONCE,))
        onwards = f"{select} WHERE ({_listed(keys)})>({','.join('?' * len(keys))}){order}"
        while rows:
            for row in rows:
                yield orjson.dumps(row, default=_text)
            rows = self.db.rows(onwards, (*(rows[-1][place] for place in places), _AT_ONCE))

    def files(self) -> Iterator[str]:
        """Hashes of the payloads that lie in files."""
        rows = self.db.rows(_IN_FILES, ("", _AT_ONCE))
        while rows:
            yield from (row[0] for row in rows)
            rows = self.db.rows(_IN_FILES, (rows[-1][0], _AT_ONCE))


def require_empty(url: str, clock: Clock) -> None:
    """KeyConflict when there is anything in a database."""
    with _opened(url, clock) as database, database.engine.connect() as connection:
        found = inspect(connection).get_table_names()
    if found:
        raise KeyConflict(
            f"the database is not empty: it has {len(found)} tables", fix="name an empty database, or remove that one"
        )


def load(
    url: str,
    *,
    home: Path,
    clock: Clock,
    revision: str,
    lines: Lines,
    skip: int,
    snapshot_at: float,
    doubt_until: float,
) -> dict[str, tuple[int, int]]:
    """Fills an empty database with a snapshot of a revision and brings it up to date.

    ``skip``: so many numbers of each sequence are left out, because the hub that was lost may have used them; which
    sequences those were, each with its number before and after. Interrupted, it leaves a database to be thrown away.
    """
    apply_pending(url, home=home, clock=clock, to=revision)
    with _opened(url, clock) as database:
        database.write(lambda db, _: _fill(db, lines), lambda: None)
        _go_on_counting(database)
    apply_pending(url, home=home, clock=clock)
    with _opened(url, clock) as database:
        now = database.now()
        return database.write(lambda db, _: _mark(db, skip, (now, snapshot_at, doubt_until, skip)), lambda: None)


@contextmanager
def _opened(url: str, clock: Clock) -> Iterator[Database]:
    database = open_database(url, clock)
    try:
        yield database
    finally:
        database.close()


def _fill(db: Transaction, lines: Lines) -> None:
    for table in metadata.sorted_tables:
        rows = lines(table.name)
        head = next(rows, None)
        if head is None:
            continue  # the backup is older than the table
        columns = orjson.loads(head)
        binary = [columns.index(column.name) for column in table.columns if isinstance(column.type, LargeBinary)]
        places = ",".join("?" * len(columns))
        insert = f"INSERT INTO {table.name} ({_listed(columns)}) VALUES ({places})"  # noqa: S608 - names of our own schema
        for part in in_parts(rows, _AT_ONCE):
            db.many(insert, [_row(line, binary) for line in part])


def _row(line: bytes, binary: list[int]) -> list[Any]:
    row: list[Any] = orjson.loads(line)
    for place in binary:
        row[place] = None if row[place] is None else base64.b64decode(row[place])
    return row


def _go_on_counting(database: Database) -> None:
    """PostgreSQL's own counters begin behind what was filled in."""
    if database.engine.dialect.name != "postgresql":
        return

    def work(db: Transaction, _attempt: int) -> None:
        for table in metadata.sorted_tables:
            if (name := _counted(table)) is not None:
                sequence = f"pg_get_serial_sequence('{table.name}', '{name}')"
                db.rows(f"SELECT setval({sequence}, max({name})) FROM {table.name} HAVING max({name}) IS NOT NULL")  # noqa: S608

    database.write(work, lambda: None)


def _counted(table: Table) -> str | None:
    """The column that the database counts by itself."""
    column = table.autoincrement_column
    return None if column is None else column.name


def _mark(db: Transaction, skip: int, restored: Row) -> dict[str, tuple[int, int]]:
    numbers = {}
    for name, value in db.rows("SELECT name, value FROM control_number ORDER BY name"):
        rounds, after = divmod(value + skip, _NUMBER_MAX)
        db.run("UPDATE control_number SET value=?, rounds=rounds+? WHERE name=?", (after, rounds, name))
        numbers[name] = (value, after)
    db.run("INSERT INTO restoration (at, snapshot_at, doubt_until, numbers) VALUES (?,?,?,?)", restored)
    return numbers


def _listed(columns: list[str]) -> str:
    return ",".join(f'"{column}"' for column in columns)


def _text(value: object) -> str:
    """Bytes as base64; both engines hand them out as such."""
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    raise Broken(f"{type(value).__name__} in a row of the ledger")
