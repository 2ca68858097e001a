"""Sources are asked for what has arrived: a thread for each, so that a slow one delays no other."""

from __future__ import annotations

import logging
import threading
import traceback

from hub.contracts.connector import Accept, Arrival, Source
from hub.errors import CrossdockError

__all__ = ["Poller"]

BATCH = 200
"""Arrivals taken in one round."""


class Poller:
    """Asks one source every ``seconds``, at once again while it has more."""

    def __init__(self, name: str, source: Source, accept: Accept, seconds: float) -> None:
        self._name, self._source, self._accept, self._seconds = name, source, accept, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"poll-{name}", daemon=True)
        self._trouble = ""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; it ends after the round it is in."""
        self._stop.set()

    def join(self, timeout_seconds: float) -> None:
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            taken = self._round()
            if taken < BATCH:
                self._stop.wait(self._seconds)

    def _round(self) -> int:
        """One look; trouble is logged when it begins and when it changes, not every few seconds."""
        taken, trouble = 0, ""
        try:
            for arrival in self._source.fetch(BATCH):
                taken += 1
                trouble = self._take(arrival) or trouble
                if self._stop.is_set():
                    break
        except Exception as error:  # noqa: BLE001 - whatever it was, the source must be asked again
            trouble = _words(error)
        if trouble and trouble != self._trouble:
            logging.getLogger("crossdock.poll").warning("%s: %s", self._name, trouble)
        self._trouble = trouble
        return 0 if trouble else taken

    def _take(self, arrival: Arrival) -> str:
        """One arrival; why it could not be taken. It stays where it is, and those behind it are taken all the same."""
        try:
            self._source.settle(arrival, self._accept(arrival))
        except Exception as error:  # noqa: BLE001 - as above
            return f"{arrival.name}: {_words(error)}"
        return ""


def _words(error: Exception) -> str:
    """What is wrong. Of a bug its kind and place: its text may hold data."""
    if isinstance(error, CrossdockError):
        return error.message
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {where.name}, line {where.lineno}; please report this"
