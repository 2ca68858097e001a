"""Dramatiq's broker on Redis or Valkey, waiting at the server where Dramatiq's own asks again and again.

An idle process costs next to nothing and hears a hint at once. There are no queues of delayed messages, because waiting
times are columns of the ledger.
"""

from __future__ import annotations

from typing import Any

from dramatiq.brokers.redis import RedisBroker
from dramatiq.common import q_name

__all__ = ["WaitingRedisBroker"]

_PAUSE_MILLISECONDS = 20
"""How long a consumer whose threads are all busy rests before it looks whether one is free, at the most."""
_WAIT_SECONDS = 0.5
"""How long a consumer waits at the server; bounds how long ending it takes, and how often it tells that it lives."""


class WaitingRedisBroker(RedisBroker):
    """Needs Redis 6.2 or newer, or any Valkey, for BLMOVE."""

    def declare_queue(self, queue_name: str) -> None:
        """Without the queue for delayed messages and the thread that would ask for them."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(q_name(queue_name))
            self.emit_after("declare_queue", queue_name)

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = _PAUSE_MILLISECONDS) -> Any:
        """A consumer that rests shortly between two calls of `do_fetch`."""
        return super().consume(queue_name, prefetch, min(timeout, _PAUSE_MILLISECONDS))

    def do_fetch(self, queue_name: str, count: int) -> list[bytes]:
        """Up to ``count`` messages; waits for the first of them for a while.

        Moving the head of a list to the head of the same list changes nothing, and blocks until there is one
        (https://valkey.io/commands/blmove/).
        """
        fetch = self._dispatch("fetch")  # type: ignore[no-untyped-call]
        found: list[bytes] = fetch(queue_name, count)
        if not found:
            queue = f"{self.namespace}:{queue_name}"
            if self.client.blmove(queue, queue, _WAIT_SECONDS, "LEFT", "LEFT") is not None:  # type: ignore[arg-type]
                found = fetch(queue_name, count)
        return found
