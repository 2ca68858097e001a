"""Leases of what this process works on, renewed beside the work for as long as it may reasonably last.

A far end that takes its time, or a large file, would otherwise be taken for the death of the worker that has it, and
tried by another one at the same time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hub.errors import Unreachable
from hub.flow.desk import Desk, Hand
from hub.ledger.message import Message

__all__ = ["LONGEST_SECONDS", "in_hand", "renew", "renewed"]

_log = logging.getLogger("crossdock.leases")
LONGEST_SECONDS = 1800.0
"""Work that lasts longer is taken to hang: its leases run out, and who has it loses what came of it."""


@contextmanager
def in_hand(desk: Desk, messages: Sequence[Message]) -> Iterator[None]:
    """What was claimed is worked on within the block."""
    thread = threading.get_ident()
    desk.in_hand[thread] = Hand(messages, time.monotonic())
    try:
        yield
    finally:
        del desk.in_hand[thread]


def renew(desk: Desk, *, older_than_seconds: float = 0.0) -> int:
    """Extends the leases of what has been in hand so long, and not too long; how many there were. What came to rest
    meanwhile stays as it is."""
    now = time.monotonic()
    hands = [hand for hand in list(desk.in_hand.values()) if older_than_seconds <= now - hand.since < LONGEST_SECONDS]
    held = [message for hand in hands for message in hand.messages]
    return desk.ledger.renew(held, desk.settings.timing.lease_seconds) if held else 0


@contextmanager
def renewed(desk: Desk) -> Iterator[None]:
    """Leases of what is in hand are renewed within the block: each lasts twice as long as the pauses between, at
    least."""
    ended = threading.Event()
    pause = desk.settings.timing.lease_seconds / 4

    def keep() -> None:
        while not ended.wait(pause):
            try:
                renew(desk, older_than_seconds=pause)
            except Unreachable as error:
                _log.warning("leases wait to be renewed: %s", error.message)
            except Exception:  # noqa: BLE001 - whatever it was, the next leases must be renewed
                _log.exception("leases were not renewed; it goes on")

    thread = threading.Thread(target=keep, name="leases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(pause)
