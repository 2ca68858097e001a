"""Time and ids, injected so that tests own both."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "Ids", "SystemClock", "TimeIds", "id_bound", "utc"]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""


class Ids(Protocol):
    """Makes identifiers."""

    def new(self) -> str:
        """A new identifier: 20 lower-case letters and digits, sortable by time of making."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()


class TimeIds:
    """Ids of 9 characters of milliseconds and 11 of randomness (55 bits), in Crockford's base 32.

    Within one millisecond, and when the clock goes back, the number grows by one: ids of one process are in the order
    of their making. ``random``: gives so many random bytes.
    """

    def __init__(self, clock: Clock, random: Callable[[int], bytes] = os.urandom) -> None:
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._last = 0
        self._head = (0, "")
        """All but the last two digits of the last one, as number and text."""

    def new(self) -> str:
        now = int(self._clock.now() * 1000)
        with self._lock:
            if now > self._last >> 55:
                self._last = now << 55 | int.from_bytes(self._random(7)) >> 1
            else:
                self._last += 1
            head = self._last >> 10
            if head != self._head[0]:
                self._head = head, _base32(head, 18)
            return self._head[1] + _PAIRS[self._last & 1023]


def id_bound(seconds: float) -> str:
    """What ids made before a time are smaller than."""
    return _base32(max(0, int(seconds * 1000)) << 55, 20)


def utc(seconds: float) -> datetime:
    """An aware UTC datetime for seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def _base32(number: int, width: int) -> str:
    """Two digits at a time; ``width`` is even."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(5 * width - 10, -1, -10)])
