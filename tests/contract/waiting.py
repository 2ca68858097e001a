"""Waiting for what another thread or process is about to do, with an end."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["WAIT_SECONDS_MAX", "eventually"]

WAIT_SECONDS_MAX = 20.0


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as ``condition`` holds; fail after `WAIT_SECONDS_MAX`."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.005)
