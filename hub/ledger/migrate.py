"""Brings a database to the schema of this program, revision by revision, and keeps hands off a newer one.

A revision *expands* unless its module says ``phase = "contract"``: it only adds what an older program does not look at,
so that a hub of the older version works on meanwhile and afterwards. A revision that contracts takes away what older
versions need, and is refused while such a process lives. Each revision is one transaction, so that a migration that
was interrupted goes on where it was. (A revision that must leave its transaction, as PostgreSQL's CREATE INDEX
CONCURRENTLY does, has to clean up what an interrupted run left.)
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import OperationalError

from hub.errors import Held, Misconfigured, Unreachable

__all__ = ["FOLDER", "HEAD", "Revision", "current_revision", "make_ready", "pending", "upgrade"]

HEAD = "0005"
FOLDER = Path(__file__).with_name("migrations")
CONTRACT = "contract"
_LOCK_KEY = 4_051_850
"""Advisory lock that processes take in turn on PostgreSQL; any number nobody else uses."""
_LOCK_TIMEOUT = "5s"
"""So long a revision may wait for a table, because all that comes behind it waits as well."""
_TRIES = 12
_PAUSE_SECONDS = 0.2
_TURN_SECONDS = 600.0
_BUSY = "55P03"
"""lock_not_available (PostgreSQL, appendix A)."""

OlderThan = Callable[[str, Connection], list[str]]
"""Names of living processes that know nothing of a revision yet."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One step of the schema. ``does``: the first sentence of its module."""

    id: str
    phase: Literal["expand", "contract"]
    does: str


def current_revision(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def pending(connection: Connection, folder: Path = FOLDER) -> list[Revision]:
    """Revisions that this program knows and the database lacks, in order.

    Misconfigured when the database has one that this program does not know.
    """
    current, known = current_revision(connection), _known(folder)
    names = [revision.id for revision in known]
    if current is None:
        return known
    if current not in names:
        raise Misconfigured(
            f"a newer Crossdock wrote the ledger (schema {current}; this one knows {names[-1]})",
            fix="start the newer version, or restore the backup that was made before the upgrade",
        )
    return known[names.index(current) + 1 :]


def make_ready(engine: Engine, home: Path, folder: Path = FOLDER) -> None:
    """Creates the schema, or brings it as far as this program needs it without contracting anything.

    Misconfigured when a newer Crossdock has been here, or when a contracting revision stands in the way.
    """
    with engine.connect() as connection:
        if folder is FOLDER and current_revision(connection) == HEAD:
            return
    with _turn(engine, home) as connection:
        missing = pending(connection, folder)
        if current_revision(connection) is None:
            _apply_all(connection, missing, folder)
            return
        wanted = max((number for number, step in enumerate(missing, 1) if step.phase != CONTRACT), default=0)
        for step in missing[:wanted]:
            if step.phase == CONTRACT:
                raise Misconfigured(
                    f"the ledger's schema is older than this Crossdock needs, and revision {step.id} on the way takes"
                    " away what an older one needs",
                    fix="stop all older processes, then run `crossdock migrate`",
                )
        _apply_all(connection, missing[:wanted], folder)


def upgrade(
    engine: Engine,
    home: Path,
    *,
    older: OlderThan,
    to: str = "",
    folder: Path = FOLDER,
    progress: Callable[[Revision], None] | None = None,
) -> list[Revision]:
    """Applies what is pending, up to and with revision ``to``; what was applied. ``progress`` hears of each first.

    Held when a revision contracts while older processes live; those before it are applied by then.
    """
    with _turn(engine, home) as connection:
        steps = [step for step in pending(connection, folder) if not to or step.id <= to]
        connection.rollback()
        for step in steps:
            living = older(step.id, connection) if step.phase == CONTRACT else []
            connection.rollback()
            if living:
                raise Held(
                    f"revision {step.id} takes away what older processes need, and {len(living)} run: "
                    + ", ".join(living[:10]),
                    fix="stop them or start them with this version, then run `crossdock migrate` again",
                    revision=step.id,
                )
            if progress is not None:
                progress(step)
            _apply(connection, step, folder)
    return steps


def _known(folder: Path) -> list[Revision]:
    """All revisions of this program, oldest first."""
    from alembic.script import ScriptDirectory

    found = []
    for script in ScriptDirectory(str(folder)).walk_revisions():
        phase: Literal["expand", "contract"] = getattr(script.module, "phase", "expand")
        found.append(Revision(script.revision, phase, " ".join((script.module.__doc__ or "").split())))
    return found[::-1]


def _apply_all(connection: Connection, steps: list[Revision], folder: Path) -> None:
    connection.rollback()
    for step in steps:
        _apply(connection, step, folder)


def _apply(connection: Connection, step: Revision, folder: Path) -> None:
    """One revision, tried again while others hold what it needs: it never waits long, as everyone waits behind it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    for attempt in range(1, _TRIES + 1):
        try:
            command.upgrade(config, step.id)
        except OperationalError as error:
            connection.rollback()
            if getattr(error.orig, "sqlstate", None) != _BUSY or attempt == _TRIES:
                raise
            time.sleep(_PAUSE_SECONDS * attempt)
        else:
            return


@contextmanager
def _turn(engine: Engine, home: Path) -> Iterator[Connection]:
    """A connection for migrations; one process of this home, and one of this database, at a time."""
    with (home / "migrate.lock").open("a") as file, engine.connect() as connection:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.dialect.name == "sqlite":
            event.listen(connection, "begin", _begin)
            yield connection
            return
        connection.execution_options(isolation_level="READ COMMITTED")  # the pool's may be in autocommit mode
        _take_lock(connection)
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            connection.execute(text("RESET lock_timeout"))
            connection.commit()


def _begin(connection: Connection) -> None:
    """SQLite's driver begins nothing by itself, and each statement of a revision would be on its own."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _take_lock(connection: Connection) -> None:
    """Asks again and again: who waited in a statement would hold up CREATE INDEX CONCURRENTLY for ever."""
    until = time.monotonic() + _TURN_SECONDS
    while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}).scalar_one():
        connection.rollback()
        if time.monotonic() > until:
            raise Unreachable("another process has been migrating the ledger for ten minutes")
        time.sleep(_PAUSE_SECONDS)
    connection.execute(text(f"SET lock_timeout='{_LOCK_TIMEOUT}'"))
    connection.commit()
