"""A ledger's URL opened: SQLite or PostgreSQL."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from hub.clock import Clock
from hub.errors import Misconfigured
from hub.ledger.sqlite import SqliteDatabase
from hub.ledger.transaction import Database

__all__ = ["note_place", "open_database", "refuse_second"]

_ELSEWHERE = "ledger.elsewhere"


def refuse_second(url: str, home: Path) -> None:
    """Misconfigured where an empty ledger would be begun in a home whose ledger is in PostgreSQL, because the URL was
    forgotten."""
    note = home / _ELSEWHERE
    if url.startswith("sqlite:") and note.exists() and not Path(url.removeprefix("sqlite:///")).exists():
        raise Misconfigured(
            f"the ledger of {home} is in PostgreSQL",
            fix=f"set CROSSDOCK_DATABASE_URL as the hub has it; to begin an empty ledger in the home remove {note}",
        )


def note_place(url: str, home: Path) -> None:
    """What `refuse_second` looks for; on a full disk nothing is noted."""
    if not url.startswith("sqlite:"):
        with suppress(OSError):
            (home / _ELSEWHERE).touch()


def open_database(url: str, clock: Clock) -> Database:
    """``sqlite:////path/ledger.db`` or ``postgresql://user:password@host/database``, whatever its schema.

    Misconfigured when the URL or the file is wrong; Unreachable when the server or the disk does not answer.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return SqliteDatabase(Path(rest[1:]), clock)
    if scheme.partition("+")[0] in ("postgresql", "postgres"):
        from hub.ledger.postgres import PostgresDatabase  # loads its driver; an embedded hub starts without it

        return PostgresDatabase("postgresql://" + rest, clock)
    raise Misconfigured(
        f"the ledger's URL does not name an engine: {scheme or 'nothing'}",
        fix="write sqlite:////folder/ledger.db or postgresql://user:password@host/database",
    )
