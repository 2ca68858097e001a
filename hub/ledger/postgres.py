"""PostgreSQL: a transaction per change, done again when the connection or a lock was lost.

A COMMIT whose answer is lost may or may not have taken place. The database is then asked whether an event that only
this change wrote is there; nothing is ever done a second time on a guess. Leases are kept by the server's clock,
sampled and carried on by the monotonic clock, so that machines whose clocks disagree do not steal from each other.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, InvalidRequestError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hub.clock import Clock, SystemClock
from hub.errors import Broken, CrossdockError, Misconfigured, Unreachable
from hub.ledger import arrays
from hub.ledger.many_rows import whole
from hub.ledger.migrate import HEAD
from hub.ledger.transaction import Rerun, Row, Transaction, Work

__all__ = ["PostgresDatabase"]

T = TypeVar("T")
_GIVE_UP_SECONDS = 30.0
_PAUSE_SECONDS = 0.1
_RERUNS = 20
_CLOCK_SECONDS = 30.0
_WRITERS_SECONDS = 2.0
_NAP_SECONDS = 0.02
_WRITERS = (
    "SELECT virtualtransaction FROM pg_locks WHERE relation='event'::regclass AND mode='RowExclusiveLock' AND granted"
)
"""Who has taken the id of an event, or is about to, holds this lock until its transaction has ended. To wait for them
one by one stops nobody, which to lock the table would."""
_AGAIN = ("40001", "40P01", "55P03")
"""serialization_failure, deadlock_detected, lock_not_available (PostgreSQL, appendix A)."""
_GONE = ("08", "57P")
"""Classes connection exception and operator intervention: shutdown, crash, starting up."""
_NOT_NOW = ("53", "57014", "58", "25P03")
"""Classes insufficient resources and system error; query_canceled, idle_in_transaction_session_timeout: says nothing of
the statement."""
_READ_ONLY = "25006"
_ONLY_READS = "SELECT current_setting('transaction_read_only'), pg_is_in_recovery()"
_LET_IT_WRITE = "let it be written to (make room on its disk, promote it), or correct CROSSDOCK_DATABASE_URL"
_PARAMETERS = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""libpq's, where the URL does not say otherwise: a machine that has gone without a word is noticed after half a minute,
not after the hours of the system (https://www.postgresql.org/docs/current/libpq-connect.html)."""
_SHUT_OUT = ("does not exist", "authentication failed", "pg_hba.conf", "not permitted")


@lru_cache(maxsize=512)
def _translated(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class PostgresTransaction:
    """Statements on one connection, prepared by psycopg when they come again."""

    lock = " FOR UPDATE"
    skip_locked = " FOR UPDATE SKIP LOCKED"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._cursor = connection.cursor()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        found: list[Row] = self._cursor.execute(_translated(sql), values).fetchall()
        return found

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def among(self, sql: str, keys: Sequence[str]) -> list[Row]:
        return self.rows(sql.replace("IN (*)", "= ANY(?)"), (arrays.texts(keys),))

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        return self._cursor.execute(_translated(sql), values).rowcount

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        if len(rows) == 1:
            return self.run(sql, rows[0])
        together = whole(sql)
        if together is None:
            self._cursor.executemany(_translated(sql), rows)
        else:
            self._cursor.execute(together.statement, together.values(rows))
        return self._cursor.rowcount

    def returned(self, sql: str, rows: Sequence[Sequence[Any]]) -> list[Row]:
        together = whole(sql)
        assert together is not None, "the ledger's own statements with RETURNING are plain"
        found: list[Row] = self._cursor.execute(together.statement, together.values(rows)).fetchall()
        return found


class PostgresDatabase:
    """One database or schema of a server; any number of processes and machines may use it."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.engine = _new_engine(url)
        self._clock = clock
        self._clock_lock = threading.Lock()
        self._server_time: tuple[float, float] | None = None
        with self.read() as transaction:
            version = transaction.row("SELECT current_setting('server_version_num')::int")
        if version is None or version[0] < 140000:
            raise Misconfigured("the ledger needs PostgreSQL 14 or later", version=version and version[0])

    def write(self, work: Work[T], marker: Callable[[], tuple[str, str] | None]) -> T:
        until = time.monotonic() + _GIVE_UP_SECONDS
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(work, marker, attempt - 1)
            except Rerun as error:
                if attempt > _RERUNS:
                    raise Broken("a change to the ledger found others in its way twenty times") from error
            except (psycopg.Error, SQLAlchemyError) as error:
                cause = _cause(error)
                if not _worth_again(cause) or time.monotonic() > until:
                    raise _in_words(cause) from error
                time.sleep(_PAUSE_SECONDS if _is_gone(cause) else 0.0)

    def give_way(self) -> None:
        """Who writes waits for the server most of the time."""

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with _told_in_words(), self._borrowed(autocommit=True) as connection:
            yield PostgresTransaction(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        with _told_in_words(), self._borrowed(autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield PostgresTransaction(connection)
            connection.rollback()

    def await_writers(self) -> None:
        until = time.monotonic() + _WRITERS_SECONDS
        with self.read() as transaction:
            writers = {row[0] for row in transaction.rows(_WRITERS)}
            while writers:
                if time.monotonic() > until:
                    raise Unreachable("others take too long over their changes to the ledger")
                time.sleep(_NAP_SECONDS)
                writers &= {row[0] for row in transaction.rows(_WRITERS)}

    def now(self) -> float:
        if not isinstance(self._clock, SystemClock):
            return self._clock.now()
        sample = self._server_time
        if sample is None or time.monotonic() - sample[1] > _CLOCK_SECONDS:
            sample = self._sample_clock(sample)
        return sample[0] + time.monotonic() - sample[1]

    def refusal(self) -> str:
        with self.read() as transaction:
            only_reads, is_standby = transaction.row(_ONLY_READS) or ("off", False)
        if is_standby:
            return "the ledger's PostgreSQL is a standby and can only be read"
        return "the ledger's PostgreSQL can only be read" if only_reads == "on" else ""

    def facts(self) -> dict[str, Any]:
        refusal = self.refusal()
        with self.read() as transaction:
            names = ("server_version", "synchronous_commit", "fsync", "full_page_writes")
            settings = {name: (transaction.row("SELECT current_setting(?)", (name,)) or ("",))[0] for name in names}
        warnings = [
            f"PostgreSQL runs with {name} = off: what was accepted can be lost in a power cut"
            for name in ("fsync", "full_page_writes")
            if settings[name] == "off"
        ]
        warnings += [f"{refusal}: {_LET_IT_WRITE}"] if refusal else []
        return {
            "engine": "postgresql",
            "version": settings["server_version"],
            "url": self.engine.url.render_as_string(hide_password=True),
            "warnings": warnings,
        }

    def close(self) -> None:
        self.engine.dispose()

    def _once(self, work: Work[T], marker: Callable[[], tuple[str, str] | None], attempt: int) -> T:
        with self._borrowed(autocommit=False) as connection:
            result = work(PostgresTransaction(connection), attempt)
            try:
                connection.commit()
            except psycopg.Error as error:
                if not (connection.closed or _is_gone(error)):
                    raise
                lost: psycopg.Error | None = error
            else:
                lost = None
        if lost is not None and not self._took_place(marker()):
            raise lost
        return result

    def _took_place(self, mark: tuple[str, str] | None) -> bool:
        """Whether the change with this event was committed; waits for the server to come back."""
        if mark is None:
            return False
        until = time.monotonic() + _GIVE_UP_SECONDS
        while True:
            try:
                with self.read() as transaction:
                    return transaction.row("SELECT 1 FROM event WHERE message_id=? AND hash=?", mark) is not None
            except Unreachable:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)

    def _sample_clock(self, sample: tuple[float, float] | None) -> tuple[float, float]:
        """The server's time and ours, taken together; the old sample is carried on while the server is away."""
        with self._clock_lock:
            try:
                with self.read() as transaction:
                    before = time.monotonic()
                    row = transaction.row("SELECT extract(epoch FROM clock_timestamp())::float8")
                    after = time.monotonic()
            except Unreachable:
                if sample is None:
                    raise
                return sample
            assert row is not None
            self._server_time = (float(row[0]), (before + after) / 2)
            return self._server_time

    @contextmanager
    def _borrowed(self, *, autocommit: bool) -> Iterator[psycopg.Connection[Any]]:
        pooled = self.engine.raw_connection()
        connection = pooled.driver_connection
        assert isinstance(connection, psycopg.Connection)
        try:
            if connection.autocommit != autocommit:
                connection.autocommit = autocommit
            yield connection
        except BaseException:
            if not connection.closed:
                try:
                    connection.rollback()
                except psycopg.Error:
                    connection.close()
            raise
        finally:
            if connection.closed:
                pooled.invalidate()
            pooled.close()


def _new_engine(url: str) -> Engine:
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        engine = create_engine(
            parsed,
            pool_size=8,
            max_overflow=24,
            pool_use_lifo=True,
            connect_args={name: value for name, value in _PARAMETERS.items() if name not in parsed.query}
            | {"application_name": f"crossdock {HEAD}"},
        )
    except (ArgumentError, ValueError) as error:
        raise Misconfigured(
            "the ledger's URL is not understood", fix="write it as postgresql://user:password@host/database"
        ) from error

    @event.listens_for(engine, "connect")
    def configure(connection: psycopg.Connection[Any], _record: Any) -> None:
        arrays.register(connection)
        if _is_lax(connection):
            connection.execute("SET synchronous_commit TO on")
        connection.execute("SET plan_cache_mode TO force_generic_plan")  # planning would take longer than the statement
        connection.commit()

    @event.listens_for(engine, "checkout")
    def discard_dead(connection: psycopg.Connection[Any], _record: Any, _proxy: Any) -> None:
        """A server that went away has said so on the socket; the pool then takes a new connection."""
        if connection.closed or _has_something_to_say(connection.fileno()):
            raise DisconnectionError

    return engine


def _has_something_to_say(descriptor: int) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(0))


def _is_shut_out(error: BaseException) -> bool:
    """The server answered and refused: psycopg gives no SQLSTATE for that, only the server's words."""
    return "FATAL:" in str(error) and any(words in str(error) for words in _SHUT_OUT)


def _is_lax(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SELECT current_setting('synchronous_commit')").fetchone()
    return row is not None and row[0] == "off"


def _cause(error: BaseException) -> BaseException:
    """What psycopg said; the pool's own words where it found one closed connection after the other."""
    return error.__cause__ or error if isinstance(error, DBAPIError) else error


def _is_gone(error: BaseException) -> bool:
    if isinstance(error, psycopg.InterfaceError | InvalidRequestError):
        return True
    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(_GONE)


def _worth_again(error: BaseException) -> bool:
    return _is_gone(error) or (isinstance(error, psycopg.Error) and error.sqlstate in _AGAIN)


@contextmanager
def _told_in_words() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, SQLAlchemyError) as error:
        raise _in_words(_cause(error)) from error


def _in_words(error: BaseException) -> CrossdockError:
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    text = str(error).strip().partition("\n")[0]
    if state == "53100":
        fix = "make room on it; PostgreSQL may have to be started again, the hub goes on by itself"
        return Unreachable("the disk of the ledger's PostgreSQL is full", fix=fix, database_error=text)
    if _is_shut_out(error) or (state and state.startswith(("28", "3D", "42501"))):
        fix = "correct user, password and database in CROSSDOCK_DATABASE_URL, or make them there"
        return Misconfigured("PostgreSQL does not let the ledger in", fix=fix, database_error=text)
    if isinstance(error, PoolTimeout):
        return Unreachable("all connections to the ledger's PostgreSQL are in use")
    if state == _READ_ONLY:
        return Unreachable("the ledger's PostgreSQL can only be read", fix=_LET_IT_WRITE, database_error=text)
    if state in _AGAIN or (state and state.startswith(_NOT_NOW)):
        return Unreachable("the ledger's PostgreSQL is busy or short of something", database_error=text)
    if _is_gone(error):
        fix = "start it, or correct CROSSDOCK_DATABASE_URL"
        return Unreachable("the ledger's PostgreSQL could not be reached", fix=fix, database_error=text)
    return Broken(f"the ledger refused a statement: {text}")
