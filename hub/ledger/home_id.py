"""One ledger, one home: large payloads and mailboxes lie in it, so a process that brings another one finds neither.

The home and the ledger carry the same id, a random one. It is on the home's disk before it is in the ledger; the first
that comes gives the ledger its own. A ledger that is a file in the home needs none.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from hub.clock import Clock
from hub.contracts.durable_files import sync_directory, write_durably
from hub.errors import Held, Misconfigured, Unreachable
from hub.ledger.engines import open_database
from hub.ledger.migrate import make_ready
from hub.ledger.transaction import Database, Transaction

__all__ = ["FILE", "adopt", "require_own"]

FILE = "home.id"
_ID = re.compile(r"[0-9a-f]{32}")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_SELECT = "SELECT id FROM ledger_home WHERE one=1"
_TAKE = "INSERT INTO ledger_home (one, id) VALUES (1,?) ON CONFLICT (one) DO NOTHING"
_GIVE = "INSERT INTO ledger_home (one, id) VALUES (1,?) ON CONFLICT (one) DO UPDATE SET id=excluded.id"
_SESSIONS = (
    "SELECT host(client_addr), pid FROM pg_stat_activity WHERE datname=current_database()"
    " AND pid<>pg_backend_pid() AND application_name LIKE 'crossdock%' ORDER BY pid"
)


def require_own(database: Database, url: str, home: Path) -> None:
    """Misconfigured where the ledger belongs to another home; one that belongs to none belongs to this from now on.

    Where nothing can be written now (full disk, a server that can only be read) that is left to the next who opens it.
    """
    if _is_within(url, home):
        return
    with database.read() as db:
        owner = _owner(db)
    if not owner:
        try:
            owner = _take(database, _own_id(home))
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            return
        except Unreachable:
            return
    found = _read(home)
    if found != owner:
        says = f"carries another id ({found[:8]}…)" if found else "carries no id"
        raise Misconfigured(
            f"the ledger belongs to another home (id {owner[:8]}…), and {home} {says}: large payloads and mailboxes"
            " would not be found here",
            fix=f"start it with that home, on a file system that all machines share, or point CROSSDOCK_DATABASE_URL"
            f" elsewhere; where {home} has taken the place of that home, run `crossdock adopt --home {home}`",
            home=str(home),
        )


def adopt(url: str, home: Path, clock: Clock) -> tuple[str, str]:
    """Makes a home the ledger's, in place of whichever was; the id before, empty where there was none, and the new one.

    Every other home is refused from then on, a copy of this one as well. Held while processes work on the ledger;
    Misconfigured where the ledger is a file in the home.
    """
    if _is_within(url, home):
        raise Misconfigured(f"the ledger of {home} lies in it and knows no other home", fix="nothing is to be done")
    database = open_database(url, clock)
    try:
        make_ready(database.engine, home)
        with database.read() as db:
            before = _owner(db)
            _refuse_while_used(database, db)
        after = secrets.token_hex(16)
        write_durably(home / FILE, f"{after}\n".encode())
        database.write(lambda db, _: db.run(_GIVE, (after,)), lambda: None)
    finally:
        database.close()
    return before, after


def _refuse_while_used(database: Database, db: Transaction) -> None:
    sessions = db.rows(_SESSIONS) if database.engine.dialect.name == "postgresql" else []
    if sessions:
        named = ", ".join(f"session {pid} from {address or 'this machine'}" for address, pid in sessions[:10])
        raise Held(f"{len(sessions)} sessions of Crossdock use the ledger: {named}", fix="stop them first")


def _is_within(url: str, home: Path) -> bool:
    path = Path(url.removeprefix("sqlite:///"))
    return url.startswith("sqlite:") and path.resolve().parent == home.resolve()


def _owner(db: Transaction) -> str:
    row = db.row(_SELECT)
    return str(row[0]) if row else ""


def _take(database: Database, own: str) -> str:
    """Gives the ledger an id, unless somebody was faster; the one that it has then."""

    def work(db: Transaction, _attempt: int) -> str:
        db.run(_TAKE, (own,))
        return _owner(db)

    return database.write(work, lambda: None)


def _own_id(home: Path) -> str:
    """The id of the home, made where it has none; on disk when this returns. One process of the home at a time."""
    with (home / FILE).open("a+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not _read(home):
            file.truncate(0)
            file.write(f"{secrets.token_hex(16)}\n")
            file.flush()
            os.fsync(file.fileno())
            sync_directory(home)
    return _read(home)


def _read(home: Path) -> str:
    """The id of the home; empty where there is none, or what a power cut left of one."""
    with suppress(FileNotFoundError):
        found = (home / FILE).read_bytes().decode("ascii", "replace").strip()
        return found if _ID.fullmatch(found) else ""
    return ""
