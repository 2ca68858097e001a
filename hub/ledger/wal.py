"""The write-ahead log of a SQLite file, brought to disk for several commits at once and beside the next ones.

With ``synchronous=NORMAL`` a commit is in the log and not yet on disk, and a crash of the machine keeps some first part
of the log (https://www.sqlite.org/wal.html#performance_considerations). Whoever asked for a commit hears of it once all
of the log up to it is on disk, which is what ``FULL`` does, but keeps nobody else from writing.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path

__all__ = ["Wal"]

Tell = Callable[[OSError | None], None]
"""Called with None once it is on disk, or with what went wrong."""


class Wal:
    """``ledger``: the path of the database. Its log lies beside it as long as a connection is open."""

    def __init__(self, ledger: Path) -> None:
        self._path = ledger.with_name(f"{ledger.name}-wal")
        self._waiting: queue.SimpleQueue[Tell | None] = queue.SimpleQueue()
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=self._sync_forever, name="ledger-sync", daemon=True)
        self._thread.start()

    @property
    def failed(self) -> OSError | None:
        """Why the log was once not brought to disk. What of it is lost cannot be found out from then on, because the
        kernel forgets pages that it could not write: only a new start reads what is really there."""
        return self._failed

    def tell_when_on_disk(self, tell: Tell) -> None:
        """What is committed by now is brought to disk; then ``tell`` is called, in another thread."""
        self._waiting.put(tell)

    def close(self) -> None:
        """Ends once all are told."""
        self._waiting.put(None)
        self._thread.join()

    def _sync_forever(self) -> None:
        closed = False
        while not closed:
            together = [self._waiting.get()]
            while not self._waiting.empty():
                together.append(self._waiting.get())
            outcome = self._sync()
            for tell in together:
                if tell is None:
                    closed = True
                else:
                    tell(outcome)

    def _sync(self) -> OSError | None:
        if self._failed is None:
            try:
                descriptor = os.open(self._path, os.O_RDONLY)
                try:
                    _to_disk(descriptor)
                finally:
                    os.close(descriptor)
            except OSError as error:
                self._failed = error
        return self._failed


_to_disk = getattr(os, "fdatasync", os.fsync)
"""The first also brings the new length of a file to disk, and nothing that can be done without."""
