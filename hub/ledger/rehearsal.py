"""A ledger on which anything may be tried: all of it happens in one transaction that is never committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine

from hub.errors import Broken, CrossdockError
from hub.ledger.transaction import Database, Rerun, Transaction, Work

__all__ = ["RehearsalDatabase", "Undone", "rehearse"]

T = TypeVar("T")
_RERUNS = 5


class Undone(CrossdockError):
    """The rehearsal is over; what it wrote is taken back."""


class RehearsalDatabase:
    """A `Database` within one transaction: changes are savepoints, and whatever reads sees what they wrote."""

    def __init__(self, transaction: Transaction, engine: Engine, now: float) -> None:
        self._transaction = transaction
        self._now = now
        self.engine = engine

    def write(self, work: Work[T], marker: Callable[[], tuple[str, str] | None]) -> T:  # noqa: ARG002 - nothing is committed here
        for attempt in range(_RERUNS):
            self._transaction.run("SAVEPOINT rehearsed")
            try:
                result = work(self._transaction, attempt)
            except Rerun:
                self._transaction.run("ROLLBACK TO SAVEPOINT rehearsed")
                continue
            except BaseException:
                self._transaction.run("ROLLBACK TO SAVEPOINT rehearsed")
                raise
            self._transaction.run("RELEASE SAVEPOINT rehearsed")
            return result
        raise Broken("a rehearsed change found others in its way")

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        yield self._transaction

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        yield self._transaction

    def await_writers(self) -> None:
        """Nobody else writes to what is rehearsed."""

    def give_way(self) -> None:
        """Nobody but the rehearsal itself runs meanwhile."""

    def now(self) -> float:
        return self._now

    def refusal(self) -> str:
        return ""

    def facts(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        """What was written goes with the transaction around it."""


def rehearse(database: Database, home: Path, opened: Callable[[Database, Path], Any], work: Callable[[Any], T]) -> T:
    """Runs ``work`` with a ledger made by ``opened`` on a transaction that is taken back; its result.

    Nobody else sees any of it. On SQLite nobody else writes meanwhile, so it should take milliseconds.
    """
    results: list[T] = []

    def run(transaction: Transaction, attempt: int) -> None:
        del attempt  # each begins with nothing
        results.append(work(opened(RehearsalDatabase(transaction, database.engine, database.now()), home)))
        raise Undone

    try:
        database.write(run, lambda: None)
    except Undone:
        return results[-1]
    raise Broken("a rehearsal was committed")
