"""The write-ahead log of a SQLite file, brought to disk for several commits at once and beside the next ones.

With ``synchronous=NORMAL`` a commit is in the log and not yet on disk, and a crash of the machine keeps some first part
of the log (https://www.sqlite.org/wal.html#performance_considerations). Whoever asked for a commit hears of it once all
of the log up to it is on disk, which is what ``FULL`` does, but keeps nobody else from writing.
"""

from __future__ import annotations

import errno
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["Wal"]

Tell = Callable[[OSError | None], None]
"""Called with None once it is on disk, or with what went wrong."""
NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""What says that a file cannot be opened now, and nothing of what it holds."""
_OPEN_SECONDS = 10.0
_PAUSE_SECONDS = 0.05


class Wal:
    """``ledger``: the path of the database. Its log lies beside it, the same file as long as a connection is open."""

    def __init__(self, ledger: Path) -> None:
        self._path = ledger.with_name(f"{ledger.name}-wal")
        self._waiting: queue.SimpleQueue[Tell | None] = queue.SimpleQueue()
        self._failed: OSError | None = None
        self._descriptor = -1
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
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

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
                _to_disk(self._opened())
            except OSError as error:
                if error.errno in NO_ROOM:  # nothing was tried, so that the next sync brings this to disk too
                    return error
                self._failed = error
        return self._failed

    def _opened(self) -> int:
        """The log; kept open, so that bringing it to disk does not depend on there being room for one more file."""
        if self._descriptor >= 0:
            if os.path.samestat(os.fstat(self._descriptor), self._path.stat()):
                return self._descriptor
            os.close(self._descriptor)
            self._descriptor = -1
        self._descriptor = self._opened_within(_OPEN_SECONDS)
        return self._descriptor

    def _opened_within(self, seconds: float) -> int:
        until = time.monotonic() + seconds
        while True:
            try:
                return os.open(self._path, os.O_RDONLY)
            except OSError as error:
                if error.errno not in NO_ROOM or time.monotonic() > until:
                    raise
            time.sleep(_PAUSE_SECONDS)


_to_disk = getattr(os, "fdatasync", os.fsync)
"""The first also brings the new length of a file to disk, and nothing that can be done without."""
