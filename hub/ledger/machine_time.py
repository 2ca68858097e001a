"""The time that all processes of one machine keep their leases by, whatever is done to the machine's clock.

The first process that opens a ledger reads the clock; it and those that join it carry that on by the monotonic clock,
which they share (CLOCK_MONOTONIC counts from the start of the machine). So a clock that is set an hour on ends no
lease, one that is set back keeps nothing waiting, and two processes never disagree. The clock is read again when the
last process is gone. The time never goes back behind what the ledger has on record.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

__all__ = ["MachineTime"]


class MachineTime:
    """``path``: the file by which processes agree; each holds a shared lock on it. ``wall``, ``latest``: the clock's
    time, and the newest on record, in seconds since 1970.

    Raises OSError where the file cannot be written.
    """

    def __init__(self, path: Path, *, wall: float, latest: float) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if self._is_alone():
            os.pwrite(self._file, f"{max(wall, latest) - time.monotonic():025.6f}".encode(), 0)
        fcntl.flock(self._file, fcntl.LOCK_SH)
        self._began_at = float(os.pread(self._file, 64, 0))

    def now(self) -> float:
        """Seconds since 1970 UTC."""
        return self._began_at + time.monotonic()

    def close(self) -> None:
        """Lets go of the file; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _is_alone(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
