"""Whose turn it is to write to a SQLite ledger: one process at a time, and in that process nobody computes meanwhile.

SQLite's own way of waiting for another process is to sleep and try again; a lock on a file wakes the next one at once.
And as long as a writer has the turn, all others wait for it: so it should not have to wait for its own interpreter,
which each of its statements lets go of.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Turn"]


class Turn:
    """``path``: the file by whose lock processes take turns. Raises OSError where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")
        self._writing = threading.RLock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """For the one thread of this process that writes."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            with self._writing:
                yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def give_way(self) -> None:
        """For threads that compute, every millisecond or so: waits while another of this process writes."""
        with self._writing:
            pass

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()
