"""`crossdock migrate`: which revisions a ledger lacks, and applying them while older hubs may run beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from hub.clock import Clock
from hub.ledger.alive import Alive
from hub.ledger.engines import open_database
from hub.ledger.migrate import FOLDER, Revision, current_revision, pending, upgrade
from hub.ledger.transaction import Database

__all__ = ["Course", "apply_pending", "course"]

_SESSIONS = (
    "SELECT application_name, host(client_addr), pid FROM pg_stat_activity WHERE datname=current_database()"
    " AND pid<>pg_backend_pid() AND application_name LIKE 'crossdock%'"
)


@dataclass(frozen=True, slots=True)
class Course:
    """From where to where a ledger's schema has to go. ``current`` is empty for an empty database."""

    current: str
    target: str
    pending: tuple[Revision, ...]


def course(url: str, *, clock: Clock, folder: Path = FOLDER) -> Course:
    """What `apply_pending` would do. Misconfigured when a newer Crossdock has been here."""
    with _opened(url, clock) as database, database.engine.connect() as connection:
        steps = pending(connection, folder)
        current = current_revision(connection) or ""
    return Course(current, steps[-1].id if steps else current, tuple(steps))


def apply_pending(
    url: str,
    *,
    home: Path,
    clock: Clock,
    to: str = "",
    folder: Path = FOLDER,
    progress: Callable[[Revision], None] | None = None,
) -> list[Revision]:
    """Applies what is pending; see `hub.ledger.migrate.upgrade`. Safe to run again after it was interrupted."""
    alive = Alive(home / "alive")

    def older(revision: str, connection: Connection) -> list[str]:
        return sorted({*alive.older(revision), *_older_sessions(revision, connection)})

    with _opened(url, clock) as database:
        return upgrade(database.engine, home, older=older, to=to, folder=folder, progress=progress)


@contextmanager
def _opened(url: str, clock: Clock) -> Iterator[Database]:
    database = open_database(url, clock)
    try:
        yield database
    finally:
        database.close()


def _older_sessions(revision: str, connection: Connection) -> list[str]:
    """Sessions of PostgreSQL, of any machine, whose program does not know a revision: its name ends with what it
    knows."""
    if connection.dialect.name != "postgresql":
        return []
    return [
        f"session {pid} from {address or 'this machine'}"
        for name, address, pid in connection.execute(text(_SESSIONS))
        if name.partition(" ")[2] < revision
    ]
