"""Which hints are worth sending: one that still waits says all that a second one could say."""

from __future__ import annotations

import threading
from collections.abc import Callable

__all__ = ["Hints"]


class Hints:
    """Hints of one process that were sent and not yet seen to be taken.

    ``window_seconds``: with a shared broker another process may take a hint unseen, so that it counts as waiting for
    so long only; a hint held back in that time is sent at its end (`overdue`). None: this process takes them all.
    """

    def __init__(self, now: Callable[[], float], window_seconds: float | None) -> None:
        self._now = now
        self._window = window_seconds
        self._lock = threading.Lock()
        self._waiting: dict[str, float] = {}
        self._held_back: set[str] = set()

    def offer(self, stage: str) -> bool:
        """Whether to send a hint for this stage now."""
        now = self._now()
        with self._lock:
            since = self._waiting.get(stage)
            if since is not None and (self._window is None or now - since < self._window):
                if self._window is not None:
                    self._held_back.add(stage)
                return False
            self._waiting[stage] = now
            self._held_back.discard(stage)
            return True

    def taken(self, stage: str) -> None:
        """Work on this stage begins here: whatever is hinted from now on is worth sending."""
        with self._lock:
            self._waiting.pop(stage, None)

    def overdue(self) -> list[str]:
        """Stages that were held back and should be offered again."""
        now = self._now()
        with self._lock:
            return [stage for stage in self._held_back if now - self._waiting.get(stage, 0.0) >= (self._window or 0.0)]

    def any_held_back(self) -> bool:
        """Whether `overdue` will have something soon."""
        return bool(self._held_back)
