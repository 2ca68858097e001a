"""Imported by each Python of the hub under fire at its start, by PYTHONPATH: the machine's clock as somebody sets it.

``$CHAOS_CLOCK`` is a folder with a file for the hub and one for its workers: seconds by which their clocks are wrong,
read anew several times a second. `bench.chaos.strikes` writes them.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_ROLE = "worker" if os.environ.get("CROSSDOCK_LANES") else "hub"
_LOOK_SECONDS = 0.2


class _Clock:
    """What `time.time` is here."""

    def __init__(self, path: Path) -> None:
        self._path, self._right = path, time.time
        self._off, self._looked_at = 0.0, -1.0

    def time(self) -> float:
        if time.monotonic() - self._looked_at > _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self._off = float(self._path.read_text() or 0) if self._path.exists() else 0.0
        return self._right() + self._off

    def time_ns(self) -> int:
        return int(self.time() * 1e9)


if "CHAOS_CLOCK" in os.environ:
    _clock = _Clock(Path(os.environ["CHAOS_CLOCK"]) / _ROLE)
    time.time, time.time_ns = _clock.time, _clock.time_ns
