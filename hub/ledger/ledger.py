"""The ledger: the truth about every message (P1, P2, P3). Everything else is a hint or a view of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from hub.clock import Clock
from hub.errors import Unreachable
from hub.ledger import sweeps
from hub.ledger.alive import Alive
from hub.ledger.archived import Archived, Place
from hub.ledger.audit import Audit
from hub.ledger.change import Change
from hub.ledger.content import Content
from hub.ledger.dump import Snapshot
from hub.ledger.engines import note_place, open_database, refuse_second
from hub.ledger.home_id import require_own
from hub.ledger.message import Kind, Message, Stored
from hub.ledger.migrate import HEAD, make_ready
from hub.ledger.ordering import overlooked
from hub.ledger.packs import Pack
from hub.ledger.reading import Reading
from hub.ledger.records import Swept
from hub.ledger.rehearsal import rehearse
from hub.ledger.replays import ReplayReading
from hub.ledger.retention import Moved, Retention, undisturbed
from hub.ledger.seals import add_seal, next_seal, tally_since
from hub.ledger.stopped import StoppedReading
from hub.ledger.transaction import Database, Transaction
from hub.ledger.unit import Unit

__all__ = ["Ledger"]

T = TypeVar("T")
_RENEW = "UPDATE message SET lease_until=? WHERE id=? AND fence=? AND state='working'"
_UNSEALED = (
    "SELECT id FROM event WHERE id>COALESCE((SELECT upto FROM seal ORDER BY id DESC LIMIT 1), 0)"
    " ORDER BY id DESC LIMIT 1"
)
_SEAL_SECONDS = 5.0
_TROUBLE_SECONDS = 30.0
_SHUT_SECONDS = 60.0
"""So long a process remembers that nothing is claimed for an endpoint: each delivery for it comes with a hint."""


class Ledger(Reading, StoppedReading, ReplayReading):
    """One ledger, in SQLite or PostgreSQL; safe to use from any number of threads."""

    def __init__(self, database: Database, home: Path) -> None:
        self._database = database
        self._archived = Archived(home / "archive", database)
        self._content = Content(home / "payloads", database, self._archived)
        self._home = home
        self._alive = Alive(home / "alive", HEAD)
        self._sealed_at = 0.0
        self._seal = 0
        self._trouble = (0.0, "")
        self._shut: dict[str, float] = {}

    @classmethod
    def open(cls, url: str, *, home: Path, clock: Clock) -> Ledger:
        """Opens and, where needed, creates or upgrades the ledger.

        ``url``: ``sqlite:////path/ledger.db`` or ``postgresql://user:password@host/database``. ``home``: the hub's
        folder; large payloads lie below it, so all processes of one hub share it. Misconfigured when the URL, the
        file or the schema is wrong, or the ledger belongs to another home; Unreachable when the server or the disk does
        not answer.
        """
        home.mkdir(parents=True, exist_ok=True)
        refuse_second(url, home)
        database = open_database(url, clock)
        ledger = cls(database, home)
        try:
            ledger._alive.announce()
            make_ready(database.engine, home)
            require_own(database, url, home)
            ledger._forget_the_dead()
            note_place(url, home)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def close(self) -> None:
        """Ends what is being written and all connections. Leases that are still held are free for others at once."""
        self._database.close()
        self._alive.close()

    def now(self) -> float:
        """Seconds since 1970 UTC by the clock that leases and due times are kept with."""
        return self._database.now()

    def write(self, work: Callable[[Change], T]) -> T:
        """Runs ``work`` as one commit, which is on disk when this returns.

        The work may run more than once and must have no effect outside the change. When it raises, nothing of it
        happens and the exception comes out here; other changes that share the commit are not touched.
        """
        now = self._database.now()
        units: list[Unit] = []

        def run(transaction: Transaction, attempt: int) -> T:
            unit = Unit(transaction, now, attempt, self._seal)
            units.append(unit)
            result = work(Change(unit))
            unit.flush()
            return result

        try:
            return self._database.write(run, lambda: units[-1].marker)
        except Unreachable as error:
            self._trouble = (time.monotonic(), error.message)
            raise

    def give_way(self) -> None:
        """Called by threads that compute, every millisecond or so, lest they keep the one that writes waiting."""
        self._database.give_way()

    def trouble(self) -> str:
        """Why the last write failed that did, for half a minute: the disk is full, no server answers; or why the
        database takes none now; else "". Unreachable when it does not answer."""
        at, message = self._trouble
        return message if time.monotonic() - at < _TROUBLE_SECONDS else self._database.refusal()

    def rehearse(self, work: Callable[[Ledger], T]) -> T:
        """Runs ``work`` with a ledger on which it may write what it likes, and takes all of it back; its result.

        The work must use the ledger it is given and no other.
        """
        return rehearse(self._database, self._home, Ledger, work)

    def store(self, data: bytes) -> Stored:
        """Makes bytes ready to be owned: give the result to `NewMessage`, `Change.finish` or `Change.put_payload`.

        Up to 64 KB they are inserted by the change that takes them; larger ones are on disk when this returns.
        """
        return self._content.store(data)

    def payload(self, sha256: str) -> bytes:
        """The bytes with this hash. NotFound when there are none, Broken when they were altered, Held when their
        file is missing or they were archived and their pack was taken elsewhere."""
        return self._content.payload(sha256)

    def payloads(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """As `payload`, for several at once."""
        return self._content.payloads(hashes)

    def payload_sizes(self, hashes: Iterable[str]) -> dict[str, int]:
        """How many bytes each of several payloads has, without reading them; those that are not there are left out."""
        return self._content.sizes(hashes)

    def archive(self, before: float, folder: Path | None = None, *, dry_run: bool = False) -> Moved:
        """Moves payloads of finished messages that came before a time out of the ledger; see `hub.ledger.retention`."""
        return Retention(self._database, self._content, self._archived, self._home).run(before, folder, dry_run=dry_run)

    def collect(self) -> Moved:
        """Removes files of payloads that no row owns, which a crash may leave."""
        return Retention(self._database, self._content, self._archived, self._home).collect()

    def packs(self) -> list[tuple[Pack, Path]]:
        """All files of the archive, oldest first, each with where it is or should be brought."""
        return [(pack, self._archived.path(pack.name, pack.folder)) for pack in self._archived.packs()]

    def archived(self, *hashes: str) -> dict[str, Place]:
        """Those of some payloads that were moved to the archive, and where they lie."""
        return self._archived.places(hashes)

    def payload_path(self, sha256: str) -> Path:
        """The file of a large payload."""
        return self._content.path(sha256)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """All tables as they are at one moment; payloads stay where they are meanwhile. For `crossdock backup`."""
        with undisturbed(self._home), self._database.snapshot() as db:
            yield Snapshot(db)

    @cached_property
    def doubt_until(self) -> float:
        """Deliveries made before this time may have been made by a hub that was lost and restored; 0 if none was."""
        with self._database.read() as db:
            row = db.row("SELECT max(doubt_until) FROM restoration")
        return float(row[0] or 0.0) if row else 0.0

    def owner(self, worker: str) -> str:
        """The name under which a worker of this process claims; tells others whose lease it is."""
        self._alive.announce()
        return f"{self._alive.instance}/{worker}"

    def claim(
        self,
        kind: Kind,
        limit: int,
        *,
        lease_seconds: float,
        owner: str,
        solo: bool = False,
        endpoint: str | None = None,
    ) -> list[Message]:
        """Gives at most ``limit`` due messages to a worker, earliest first, until it finishes them or the lease ends.

        Deliveries are claimed for one ``endpoint`` at a time; there are none while its breaker is open, while as many
        owners as it allows hold some, or when its rate is spent. ``owner`` names one thread of one process
        (`owner`). ``solo``: the lane for messages whose worker died, one at a time. Of one order key only the first
        in flight is given.
        """
        if endpoint is not None and self._database.now() < self._shut.get(endpoint, 0.0):
            return []

        def work(change: Change) -> tuple[list[Message], float | None]:
            found = change.claim(kind, limit, lease_seconds=lease_seconds, owner=owner, solo=solo, endpoint=endpoint)
            return found, None if found or endpoint is None else change.endpoint_open_until(endpoint)

        claimed, shut_until = self.write(work)
        if endpoint is not None and shut_until is not None:
            self._shut[endpoint] = min(shut_until, self._database.now() + _SHUT_SECONDS)
        return claimed

    def renew(self, messages: Sequence[Message], lease_seconds: float) -> int:
        """Extends leases that are still held; how many were."""
        until = self.now() + lease_seconds
        rows = [(until, message.id, message.fence) for message in messages]
        return self._database.write(lambda db, _: db.many(_RENEW, rows), lambda: None) if rows else 0

    def endpoints_due(self) -> list[str]:
        """Endpoints with deliveries that can be claimed now."""
        with self._database.read() as db:
            return sweeps.due_endpoints(db, self.now())

    def sweep(self) -> Swept:
        """Takes back what dead workers held, and says which stages have work and when more comes.

        Safe from any number of processes; every few seconds it also seals what happened, and has those wait that stand
        behind one that stopped and were overlooked.
        """
        now = self.now()
        with self._database.read() as db:
            dead = self._alive.dead(sweeps.owners(db))
            expired = bool(dead) or sweeps.has_expired(db, now)
        recovered = given_up = 0
        if expired:
            recovered, given_up = self.write(lambda change: change.recover(dead))
        thorough = time.monotonic() - self._sealed_at > _SEAL_SECONDS
        if thorough:
            self._sealed_at = time.monotonic()
            with suppress(Unreachable):  # others are in the midst of long changes; the next sweep tries again
                self.seal()
        with self._database.read() as db:
            found = sweeps.find_due(db, now)
            behind = [one for stage in found.stages for one in overlooked(db, stage, now)] if thorough else []
        if behind:
            self.write(lambda change: change.put_overlooked_behind(behind))
        return Swept(stages=found.stages, next_seconds=found.next_seconds, recovered=recovered, died=given_up)

    def counts(self) -> dict[str, dict[str, int]]:
        """By kind: how many were ``received``, are ``in_flight``, and stand in each state at rest.

        Quick, by the last seal and the events since; `audit` counts rows.
        """
        with self._database.snapshot() as db:
            return tally_since(db)

    def seal(self) -> bool:
        """Seals the events that were not sealed yet (`sweep` does it); False when there were none."""
        with self._database.read() as db:
            newest = db.row(_UNSEALED)
        if newest is None:
            return False
        self._database.await_writers()
        with self._database.read() as db:
            seal = next_seal(db, self.now(), newest[0])
        if seal is None:
            return False
        added = self._database.write(lambda db, _: add_seal(db, seal), lambda: None)
        self._seal = seal[0]  # where another process was quicker, there is one of this number as well
        return added

    def audit(self, progress: Callable[[str, int], None] | None = None) -> dict[str, Any]:
        """Proves P3 from raw rows; see `hub.ledger.audit`. Takes about ten seconds for 100,000 messages."""
        with self._database.snapshot() as db:
            return Audit(db, self._content, self._archived, progress).run()

    def doctor(self) -> dict[str, Any]:
        """Engine, version, path or URL without password, and ``warnings`` in words."""
        return self._database.facts()

    def _forget_the_dead(self) -> None:
        with self._database.read() as db:
            self._alive.forget(sweeps.owners(db))
