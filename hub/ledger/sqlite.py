"""SQLite: one writer thread that commits in groups, and readers that never wait for it.

The writer takes all work that is queued, runs each piece in a savepoint and commits once; whoever asked for it hears of
it when it is on disk (`hub.ledger.wal`), while the writer goes on.
"""

from __future__ import annotations

import importlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, pool
from sqlalchemy.exc import SQLAlchemyError

from hub.clock import Clock, SystemClock
from hub.errors import Broken, Misconfigured, Unreachable
from hub.ledger.in_one import in_one
from hub.ledger.machine_time import MachineTime
from hub.ledger.sqlite_words import in_words
from hub.ledger.transaction import Rerun, Row, Transaction, Work
from hub.ledger.turn import Turn
from hub.ledger.wal import NO_ROOM, Wal

__all__ = ["SqliteDatabase"]

T = TypeVar("T")
_Job = tuple[Work[Any], "Future[Any]"]
_Outcome = tuple[Any, BaseException | None]
_GROUP_JOBS = 256
_GROUP_SECONDS = 0.02
_RERUNS = 5
_BUSY_MILLISECONDS = 60_000
_WRITER_CACHE_KB = 16_384
_READER_CACHE_KB = 8_192
"""Of each connection that reads, of which there are few at a time: together they bound the memory of a process."""
_FIXED = (3, 51, 3)
"""First version without the WAL-reset bug (https://www.sqlite.org/wal.html#walresetbug)."""
_CLOCK_OFF_SECONDS = 60.0
_LATEST = "SELECT at FROM event ORDER BY id DESC LIMIT 1"


def _driver() -> Any:
    """pysqlite3 where its wheel exists, because it brings a newer SQLite than most Pythons."""
    with suppress(ImportError):
        return importlib.import_module("pysqlite3.dbapi2")
    return sqlite3


class SqliteTransaction:
    """Statements on one connection; SQLite has one writer, so nothing needs to be locked.

    It is closed by the thread that used it: a cursor that is collected in another thread resets its statement there,
    in the midst of whatever that cached statement is doing by then.
    """

    lock = ""
    skip_locked = ""

    def __init__(self, connection: Any) -> None:
        self._cursor = connection.cursor()

    def close(self) -> None:
        self._cursor.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        found: list[Row] = self._cursor.execute(sql, values).fetchall()
        return found

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def among(self, sql: str, keys: Sequence[str]) -> list[Row]:
        return self.rows(sql.replace("IN (*)", f"IN ({','.join('?' * len(keys))})"), keys)

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        return int(self._cursor.execute(sql, values).rowcount)

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        return sum(self.run(statement, values) for statement, values in in_one(sql, rows))

    def returned(self, sql: str, rows: Sequence[Sequence[Any]]) -> list[Row]:
        return [row for statement, values in in_one(sql, rows) for row in self.rows(statement, values)]


class SqliteDatabase:
    """One file. Several processes may use it; they take turns in writing."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._dbapi = _driver()
        self.engine = self._new_engine()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._was_open = False
        self._check()
        self._was_open = True
        self._time = self._agreed_time() if isinstance(clock, SystemClock) else None
        self._turn = self._opened_turn()
        self._wal = Wal(path)
        self._writer = threading.Thread(target=self._write_forever, name="ledger-writer", daemon=True)
        self._writer.start()

    def write(self, work: Work[T], marker: Callable[[], tuple[str, str] | None]) -> T:  # noqa: ARG002 - COMMIT always answers here
        outcome: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise Unreachable("the ledger is closed")
            if self._wal.failed:
                raise _not_on_disk(self._wal.failed)
            self._jobs.put((work, outcome))
        return outcome.result()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._told_in_words(), self._borrowed() as connection, closing(SqliteTransaction(connection)) as opened:
            yield opened

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        with self._told_in_words(), self._borrowed() as connection:
            connection.execute("BEGIN")
            try:
                with closing(SqliteTransaction(connection)) as opened:
                    yield opened
            finally:
                connection.execute("ROLLBACK")

    def await_writers(self) -> None:
        """The one writer commits events in the order of their ids."""

    def give_way(self) -> None:
        self._turn.give_way()

    def now(self) -> float:
        return self._clock.now() if self._time is None else self._time.now()

    def refusal(self) -> str:
        """The file says it only when it is written to."""
        return ""

    def facts(self) -> dict[str, Any]:
        version: tuple[int, ...] = self._dbapi.sqlite_version_info
        warnings = []
        if version < _FIXED:
            warnings.append(
                f"SQLite {self._dbapi.sqlite_version} has a bug that can damage the file when several processes write "
                "(fixed in 3.51.3); install the package pysqlite3 or run one process only"
            )
        ahead = self.now() - self._clock.now()
        if abs(ahead) > _CLOCK_OFF_SECONDS:
            warnings.append(
                f"the ledger's time and this machine's clock are {abs(ahead):.0f} seconds apart: the clock was set"
                " while the hub ran, or back; once it is right, stop all processes of the hub and start them again"
            )
        return {
            "engine": "sqlite",
            "version": self._dbapi.sqlite_version,
            "path": str(self._path),
            "bytes": self._path.stat().st_size,
            "warnings": warnings,
        }

    def close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        self._wal.close()
        self._turn.close()
        self.engine.dispose()
        if self._time is not None:
            self._time.close()

    def _new_engine(self) -> Engine:
        engine = create_engine(
            f"sqlite:///{self._path}",
            module=self._dbapi,
            poolclass=pool.QueuePool,
            pool_size=8,
            max_overflow=24,
            pool_use_lifo=True,
            isolation_level="AUTOCOMMIT",
            connect_args={"check_same_thread": False, "timeout": _BUSY_MILLISECONDS / 1000, "isolation_level": None},
        )

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _record: Any) -> None:
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                f"cache_size=-{_READER_CACHE_KB}",
                "wal_autocheckpoint=8000",
                "temp_store=MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")

        return engine

    def _check(self) -> None:
        """Opens the file once, so that a wrong path, a foreign file or a read-only place is told at start."""
        if not self._path.parent.is_dir():
            raise Misconfigured(
                f"the folder of the ledger does not exist: {self._path.parent}",
                fix="create it or mend the ledger's URL",
            )
        with self._told_in_words(), self._borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("SELECT count(*) FROM sqlite_master")
            connection.execute("ROLLBACK")

    def _opened_turn(self) -> Turn:
        try:
            return Turn(self._path.with_name(f"{self._path.name}-turn"))
        except OSError as error:
            raise Unreachable(f"the folder of the ledger cannot be written: {error.strerror}") from error

    def _agreed_time(self) -> MachineTime:
        with self._borrowed() as connection, closing(SqliteTransaction(connection)) as opened:
            try:
                row = opened.row(_LATEST)
            except self._dbapi.OperationalError:
                row = None  # a new file
        try:
            path = self._path.with_name(f"{self._path.name}-time")
            return MachineTime(path, wall=self._clock.now(), latest=row[0] if row else 0.0)
        except OSError as error:
            raise Unreachable(f"the folder of the ledger cannot be written: {error.strerror}") from error

    @contextmanager
    def _borrowed(self) -> Iterator[Any]:
        pooled = self.engine.raw_connection()
        try:
            yield pooled.driver_connection
        finally:
            pooled.close()

    def _write_forever(self) -> None:
        pooled = self.engine.raw_connection()
        connection: Any = pooled.driver_connection
        connection.execute(f"PRAGMA cache_size=-{_WRITER_CACHE_KB}")
        connection.execute("PRAGMA synchronous=NORMAL")
        try:
            while (job := self._jobs.get()) is not None:
                self._commit_group(connection, job)
        finally:
            pooled.close()

    def _commit_group(self, connection: Any, first: _Job) -> None:
        """Runs and commits the job and those queued behind it."""
        taken, outcomes = [first], list[_Outcome]()
        try:
            with self._turn.taken(), _transaction(connection):
                until = time.monotonic() + _GROUP_SECONDS
                outcomes.append(self._run_in_savepoint(connection, first[0]))
                while len(taken) < _GROUP_JOBS and time.monotonic() < until and (job := self._next_job()) is not None:
                    taken.append(job)
                    outcomes.append(self._run_in_savepoint(connection, job[0]))
        except BaseException as error:  # noqa: BLE001 - every caller is told; the writer lives on
            _tell(taken, [(None, self._in_words(error))] * len(taken))
        else:
            self._wal.tell_when_on_disk(partial(_tell_when_kept, taken, outcomes))

    def _next_job(self) -> _Job | None:
        """The next that waits; None where none does, and at the end, which `_write_forever` is to see."""
        if self._jobs.empty():
            return None
        job = self._jobs.get()
        if job is None:
            self._jobs.put(None)
        return job

    def _run_in_savepoint(self, connection: Any, work: Work[Any]) -> _Outcome:
        for attempt in range(_RERUNS):
            connection.execute("SAVEPOINT job")
            try:
                with closing(SqliteTransaction(connection)) as transaction:
                    result = work(transaction, attempt)
            except BaseException as error:
                if not connection.in_transaction:  # SQLite gave up the whole transaction: disk full, I/O error
                    raise
                connection.execute("ROLLBACK TO job")
                connection.execute("RELEASE job")
                if not isinstance(error, Rerun):
                    return None, self._in_words(error)
            else:
                connection.execute("RELEASE job")
                return result, None
        return None, Broken("a change to the ledger was run again five times and still found others in its way")

    @contextmanager
    def _told_in_words(self) -> Iterator[None]:
        try:
            yield
        except (self._dbapi.Error, SQLAlchemyError) as error:
            cause = error.__cause__ if isinstance(error, SQLAlchemyError) else error
            raise self._in_words(cause or error) from error

    def _in_words(self, error: BaseException) -> BaseException:
        if not isinstance(error, (self._dbapi.Error, SQLAlchemyError)):
            return error
        return in_words(error, self._path, was_open=self._was_open)


@contextmanager
def _transaction(connection: Any) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _tell_when_kept(taken: Sequence[_Job], outcomes: Sequence[_Outcome], error: OSError | None) -> None:
    _tell(taken, outcomes if error is None else [(None, _not_on_disk(error))] * len(taken))


def _tell(taken: Sequence[_Job], outcomes: Sequence[_Outcome]) -> None:
    for (_, future), (result, failure) in zip(taken, outcomes, strict=True):
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)


def _not_on_disk(error: OSError) -> Unreachable:
    if error.errno in NO_ROOM:
        return Unreachable(
            f"it is not known yet whether the ledger keeps what was written: {error.strerror}",
            fix="allow the hub more open files (`ulimit -n`) or memory; it goes on by itself",
        )
    return Unreachable(
        f"the disk of the ledger does not keep what is written: {error.strerror}",
        fix="mend the disk, then stop all processes of the hub and start them again: nothing is written before",
    )
