"""Dramatiq's broker on Redis or Valkey, waiting at the server where Dramatiq's own asks again and again.

An idle process costs next to nothing and hears a hint at once. There are no queues of delayed messages, because waiting
times are columns of the ledger.
"""

from __future__ import annotations

import threading
from typing import Any

import redis
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.common import q_name
from dramatiq.middleware import Middleware
from redis.backoff import NoBackoff
from redis.retry import Retry

from hub.errors import Misconfigured

__all__ = ["WaitingRedisBroker", "redis_broker"]

_HEARTBEAT_MILLISECONDS = 15_000
_MAINTENANCE_PER_MILLION = 50_000
"""How often a command looks for messages of dead workers; the default leaves them for minutes."""
_SOCKET_SECONDS = 10.0

_PAUSE_MILLISECONDS = 20
"""How long a consumer that has waited in vain rests before it waits again, at the most."""
_WAIT_SECONDS = 0.5
"""How long a consumer waits, at the server or for one of its threads; bounds how long ending it takes, and how often it
tells that it lives."""


def redis_broker(url: str, namespace: str, middleware: list[Middleware]) -> WaitingRedisBroker:
    """A broker whose client gives up at once: a hint may be lost, but must not make anybody wait. Misconfigured for a
    URL that is none."""
    try:
        client = redis.Redis.from_url(
            url, socket_timeout=_SOCKET_SECONDS, socket_connect_timeout=2.0, retry=Retry(NoBackoff(), 0)
        )
    except ValueError as error:
        raise Misconfigured("the broker's URL is not understood", fix="write redis://host:6379/0") from error
    return WaitingRedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq does not annotate its brokers
        client=client,
        middleware=middleware,
        namespace=namespace,
        heartbeat_timeout=_HEARTBEAT_MILLISECONDS,
        maintenance_chance=_MAINTENANCE_PER_MILLION,
    )


class WaitingRedisBroker(RedisBroker):
    """Needs Redis 6.2 or newer, or any Valkey, for BLMOVE."""

    def declare_queue(self, queue_name: str) -> None:
        """Without the queue for delayed messages and the thread that would ask for them."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(q_name(queue_name))
            self.emit_after("declare_queue", queue_name)

    @property
    def consumer_class(self) -> type[_RedisConsumer]:
        return _WaitingConsumer

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


class _WaitingConsumer(_RedisConsumer):
    """Waits for a thread that has come to its end when all have what they may have, where Dramatiq's looks again and
    again."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)  # type: ignore[no-untyped-call]
        self._freed = threading.Event()

    def ack(self, message: Any) -> None:
        try:
            super().ack(message)  # type: ignore[no-untyped-call]
        finally:
            self._freed.set()

    def nack(self, message: Any) -> None:
        try:
            super().nack(message)  # type: ignore[no-untyped-call]
        finally:
            self._freed.set()

    def __next__(self) -> Any:
        self._freed.clear()
        if not self.message_cache and self.outstanding_message_count >= self.prefetch:
            self._freed.wait(_WAIT_SECONDS)
            return None
        return super().__next__()  # type: ignore[no-untyped-call]
