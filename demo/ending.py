"""A request to end, noted when it comes and answered where it is safe.

An exception raised from a signal handler could strike between the start of a program and the note of it.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Ended", "Ending"]

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STEP_SECONDS = 0.1


class Ended(Exception):
    """Somebody asked for the end."""


class Ending:
    """Whether somebody asked for the end, by Ctrl-C, SIGTERM or by closing the terminal."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While it lasts, those signals are noted here and do nothing else."""
        before = {number: signal.signal(number, self._note) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """Raises Ended if it was asked for."""
        if self.asked:
            raise Ended

    def sleep(self, seconds: float) -> None:
        """Sleep, but not on when the end is asked for; raises Ended."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, STEP_SECONDS))
        self.check()

    def _note(self, _number: int, _frame: object) -> None:
        self.asked = True
