"""Leases of messages that were claimed together, kept while a slow far end holds up those behind."""

from __future__ import annotations

import time
from collections.abc import Sequence

from hub.flow.desk import Desk
from hub.ledger.message import Message

__all__ = ["Leases"]


class Leases:
    """Made when the messages are claimed."""

    def __init__(self, desk: Desk, messages: Sequence[Message]) -> None:
        self._desk = desk
        self._waiting = list(messages)
        self._lease = desk.settings.timing.lease_seconds
        self._renewed = time.monotonic()

    def keep(self, message: Message) -> None:
        """To be called before each message, in order: renews it and those behind it once a quarter has passed."""
        while self._waiting and self._waiting[0].id != message.id:
            self._waiting.pop(0)
        if time.monotonic() - self._renewed > self._lease / 4:
            self._desk.ledger.renew(self._waiting, self._lease)
            self._renewed = time.monotonic()
