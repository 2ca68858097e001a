"""Brings a database to the schema of this program, and keeps hands off a newer one."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from hub.errors import Misconfigured

__all__ = ["HEAD", "current_revision", "migrate"]

HEAD = "0002"
_LOCK_KEY = 4_051_850
"""Advisory lock that processes take in turn on PostgreSQL; any number nobody else uses."""


def current_revision(connection: Connection) -> str | None:
    """The schema's revision; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def migrate(engine: Engine, home: Path) -> None:
    """Creates or upgrades the schema. Misconfigured when a newer Crossdock has been here."""
    with engine.connect() as connection:
        if current_revision(connection) == HEAD:
            return
    with _turn(home), engine.connect() as connection:
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command, util
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        connection.commit()
    try:
        command.upgrade(config, "head")
    except util.CommandError as error:
        raise Misconfigured(
            f"a newer Crossdock wrote the ledger (schema {current_revision(connection)}; this one knows {HEAD})",
            fix="start the newer version, or restore the backup that was made before the upgrade",
        ) from error
    finally:
        if postgres:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            connection.commit()


@contextmanager
def _turn(home: Path) -> Iterator[None]:
    """One process of this home at a time."""
    with (home / "migrate.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
