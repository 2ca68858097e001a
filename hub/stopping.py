"""Being told to end by a signal.

A handler may run in the midst of anything that its thread does, also of another handler, so it takes no lock:
`threading.Event` would wait for itself there. It writes to a pipe.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Stopping", "stopped_by_signals"]

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopping:
    """Whether it was asked for, and waiting for that."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self.asked = False

    def ask(self) -> None:
        """From a signal handler or any thread."""
        if not self.asked:
            self.asked = True
            os.write(self._write, b".")

    def wait(self) -> None:
        """Until it is asked for, in one thread."""
        while not self.asked:
            os.read(self._read, 1)

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


@contextmanager
def stopped_by_signals() -> Iterator[Stopping]:
    """What SIGTERM, SIGINT and SIGHUP, the end of a terminal, ask for; a second SIGINT is no patience left and ends the
    process at once. Who was started to outlive its terminal (nohup) does."""
    stopping = Stopping()

    def ask(number: int, _frame: object) -> None:
        if stopping.asked and number == signal.SIGINT:
            os._exit(130)
        stopping.ask()

    outlives = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    wanted = [number for number in _SIGNALS if number != signal.SIGHUP or not outlives]
    before = {number: signal.signal(number, ask) for number in wanted}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stopping.close()
