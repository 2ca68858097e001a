"""Worker processes of one machine: started, started again when they die, ended in order.

Dramatiq's own master stops all workers when one dies (https://github.com/Bogdanp/dramatiq/issues/505), so that one
poisonous message would stop a hub; here each process is looked after by itself.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Supervisor"]

_log = logging.getLogger("crossdock.supervisor")
_LOOK_SECONDS = 0.2
_CHILD = Path(__file__).with_name("child.py")
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0
_SETTLED_SECONDS = 5.0
"""A process that lived so long has worked: whatever ends it then is no fault at start, and the next follows at once."""


@dataclass
class _Child:
    lanes: str
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause_seconds: float = _FIRST_PAUSE_SECONDS


class Supervisor:
    """Keeps ``workers`` processes of ``command`` running, and one more for the solo lane.

    A process learns its lanes from ``$CROSSDOCK_LANES``. Its output goes where ours goes.
    """

    def __init__(self, command: Sequence[str], workers: int) -> None:
        self._command = list(command)
        self._children = [_Child("flow,delivery") for _ in range(workers)] + [_Child("solo")]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._drain_seconds = 20.0

    @property
    def pids(self) -> list[int]:
        """Process ids of the children that run now."""
        return [child.process.pid for child in self._children if child.process is not None]

    def start(self) -> None:
        """Starts the processes and the thread that watches them."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 20.0) -> None:
        """SIGTERM to all; SIGKILL to those that are still there after so long."""
        self._drain_seconds = timeout_seconds
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        """Starts children from one thread that lives as long as they do, because Linux ties them to it."""
        try:
            while not self._stopping.is_set():
                for child in self._children:
                    self._look_after(child)
                self._stopping.wait(_LOOK_SECONDS)
        finally:
            self._end_all()

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            if now - child.started_at > _SETTLED_SECONDS:
                child.pause_seconds = _FIRST_PAUSE_SECONDS
            _log.error(
                "worker process %d (%s) ended with %d; starting another in %.1f s",
                child.process.pid,
                child.lanes,
                child.process.returncode,
                child.pause_seconds,
            )
            child.process = None
            _pause(child, now)
        if child.process is None and now >= child.start_at:
            child.started_at = now
            try:
                child.process = self._spawn(child.lanes)
            except OSError as error:
                _log.error(
                    "a worker process (%s) cannot be started: %s; trying again in %.1f s",
                    child.lanes,
                    error.strerror,
                    child.pause_seconds,
                )
                _pause(child, now)

    def _spawn(self, lanes: str) -> subprocess.Popen[bytes]:
        launcher = [sys.executable, str(_CHILD), str(os.getpid()), *self._command]
        environment = {**os.environ, "CROSSDOCK_LANES": lanes}
        return subprocess.Popen(launcher, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own command

    def _end_all(self) -> None:
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + self._drain_seconds
        for process in running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.error("worker process %d did not end in time and was killed", process.pid)
                process.kill()
                process.wait()
        for child in self._children:
            child.process = None


def _pause(child: _Child, now: float) -> None:
    child.start_at = now + child.pause_seconds
    child.pause_seconds = min(child.pause_seconds * 2, _LONGEST_PAUSE_SECONDS)
