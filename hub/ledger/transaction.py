"""What a database gives to a change: statements with ``?`` for values, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Protocol, TypeVar

from sqlalchemy import Engine

from hub.errors import CrossdockError

__all__ = ["Database", "Rerun", "Row", "Transaction", "Work", "in_parts"]

T = TypeVar("T")
Row = tuple[Any, ...]
Work = Callable[["Transaction", int], T]
"""Called with the transaction and the number of times it was tried before."""


class Rerun(CrossdockError):
    """Another transaction came in between; the work is done again from the start."""


class Transaction(Protocol):
    """One transaction on one connection. ``lock`` is appended to a SELECT whose rows stay as they are until commit."""

    lock: str
    skip_locked: str

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query or of a statement with RETURNING."""

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""

    def among(self, sql: str, keys: Sequence[str]) -> list[Row]:
        """All rows of a query that says ``IN (*)`` where it wants one of these texts."""

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Runs a statement; the number of rows it changed."""

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        """Runs a statement once per row; the number of rows changed in all. Where an INSERT changes what is there
        already (ON CONFLICT DO UPDATE), no two rows may have the same key."""

    def returned(self, sql: str, rows: Sequence[Sequence[Any]]) -> list[Row]:
        """As `many`; what its RETURNING gives."""


class Database(Protocol):
    """SQLite or PostgreSQL."""

    engine: Engine

    def write(self, work: Work[T], marker: Callable[[], tuple[str, str] | None]) -> T:
        """Runs the work in one transaction and returns after it is on disk.

        ``marker`` gives message id and hash of an event the work has written, by which the database finds out whether
        a COMMIT without an answer took place.
        """

    def read(self) -> AbstractContextManager[Transaction]:
        """Statements that only read; each sees what is committed."""

    def snapshot(self) -> AbstractContextManager[Transaction]:
        """As `read`, but all statements see one moment."""

    def await_writers(self) -> None:
        """Returns when nobody is about to commit an event with a smaller id than the newest seen before. Unreachable
        when others take too long over their changes."""

    def give_way(self) -> None:
        """Called by threads that compute, every millisecond or so: waits while a writer needs this interpreter."""

    def now(self) -> float:
        """Seconds since 1970 UTC by the clock that leases are kept with."""

    def refusal(self) -> str:
        """Why nothing can be written now, as far as the database says so without being written to; else ""."""

    def facts(self) -> dict[str, Any]:
        """For `crossdock doctor`: engine, version, settings that matter, warnings in words."""

    def close(self) -> None:
        """Ends all work and connections; what was committed stays."""


def in_parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most ``size``, for statements that take only so many."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
