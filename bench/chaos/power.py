"""Power cuts, as near as one process can come to them: the hub is stopped dead, its home copied, and it goes on.

The copy is what a disk would hold that has written everything it was given until then; nothing of it is written later.
Each file whose renaming had been answered before must be in the copy: in the partner's inbox, or on record with its
bytes. Only for the embedded hub (SQLite), whose home is all there is. It does not tell what an unsynced page would have
become: for that `tests/ledger` sees to it that commits are synced.
"""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from hub.clock import SystemClock
from hub.ledger import Ledger

__all__ = ["Cut", "cut", "missing"]


@dataclass(frozen=True, slots=True)
class Cut:
    """A copy of a home, and the names of the files that had been answered before it was made."""

    home: Path
    answered: tuple[str, ...]


def cut(pid: int, home: Path, answered: list[str], target: Path) -> Cut:
    """Copy the home while its hub stands still."""
    before = tuple(answered)
    os.kill(pid, signal.SIGSTOP)
    try:
        shutil.copytree(home, target, symlinks=True)
    finally:
        os.kill(pid, signal.SIGCONT)
    return Cut(target, before)


def missing(made: Cut) -> list[str]:
    """Names of answered files that the copy does not have; and what its audit finds."""
    ledger = Ledger.open(f"sqlite:///{made.home / 'ledger.db'}", home=made.home, clock=SystemClock())
    try:
        faults = [name for name in made.answered if not _is_there(ledger, made.home, name)]
        report = ledger.audit()
        return faults + ([] if report["balanced"] and report["chain_ok"] else [str(report["problems"][:3])])
    finally:
        ledger.close()


def _is_there(ledger: Ledger, home: Path, name: str) -> bool:
    found = [message for message in ledger.search(name).messages if message.facts.get("name") == name]
    if found:
        return all(message.payload and ledger.payload(message.payload) for message in found)
    return any(home.glob(f"connections/mailbox/*/inbox/{name}")) or any(home.glob(f"folders/*/inbox/{name}"))
