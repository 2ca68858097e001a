"""Readings just made, kept a moment for the stage that takes them up; without them it parses their JSON again."""

from __future__ import annotations

import threading

from hub.contracts.mapping import Reading
from hub.ledger.message import Stored

__all__ = ["Recent"]

COUNT_MAX = 400
SIZE_MAX = 16_384
"""Bytes of JSON; the object is about ten times as large, so all of them stay below 65 MB, and
around 10 MB with everyday orders."""


class Recent:
    """By the SHA-256 of their JSON, so that what is found is what the ledger holds; safe to use from any thread."""

    def __init__(self) -> None:
        self._readings: dict[str, Reading] = {}
        self._lock = threading.Lock()

    def put(self, stored: Stored, reading: Reading) -> None:
        """Remember what these bytes say; the oldest is forgotten where there are too many."""
        if stored.size > SIZE_MAX:
            return
        with self._lock:
            while len(self._readings) >= COUNT_MAX:
                del self._readings[next(iter(self._readings))]
            self._readings[stored.sha256] = reading

    def take(self, sha256: str) -> Reading | None:
        """The reading, which is forgotten with this."""
        with self._lock:
            return self._readings.pop(sha256, None)

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._readings
