"""Brokers by URL. A broker carries hints only: losing it, or everything in it, costs time and nothing else.

Dramatiq's own retries, delays and dead letters are off, because those are columns of the ledger. Each lane has a broker
object and a worker of its own, so that slow deliveries never hold up documents.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import dramatiq
import redis
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, TimeLimit
from redis.backoff import NoBackoff
from redis.retry import Retry

from hub.errors import Misconfigured
from hub.queue.redis_broker import WaitingRedisBroker

__all__ = ["is_shared", "new_broker"]

_HEARTBEAT_MILLISECONDS = 15_000
_MAINTENANCE_PER_MILLION = 50_000
"""How often a command of the Redis broker looks for messages of dead workers; the default leaves them for minutes."""
_RUN_LIMIT_MILLISECONDS = 3_600_000
_SOCKET_SECONDS = 10.0
_REDIS = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss", "unix": "unix"}


def is_shared(url: str) -> bool:
    """Whether other processes can be reached by this broker."""
    return urlsplit(url).scheme not in ("", "memory")


def new_broker(url: str, namespace: str) -> dramatiq.Broker:
    """A broker for ``""`` or ``memory://``, ``redis://``, ``valkey://`` (both also with a second s), ``unix://`` and
    ``amqp://``. Misconfigured for anything else."""
    scheme = urlsplit(url).scheme
    middleware: list[Middleware] = [TimeLimit(time_limit=_RUN_LIMIT_MILLISECONDS), Retries(max_retries=0)]
    if not is_shared(url):
        return StubBroker(middleware=middleware)
    if scheme in _REDIS:
        return WaitingRedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq does not annotate its brokers
            client=_redis_client(url.replace(scheme, _REDIS[scheme], 1)),
            middleware=middleware,
            namespace=namespace,
            heartbeat_timeout=_HEARTBEAT_MILLISECONDS,
            maintenance_chance=_MAINTENANCE_PER_MILLION,
        )
    if scheme in ("amqp", "amqps"):
        return _rabbitmq(url, middleware)
    raise Misconfigured(
        f"the broker's URL does not name a broker Crossdock knows: {scheme}",
        fix="leave it empty, or write redis://host:6379/0, valkey://…, unix:///path/to/socket or amqp://…",
    )


def _redis_client(url: str) -> Any:
    """A client that gives up at once: a hint may be lost, but must not make anybody wait."""
    try:
        return redis.Redis.from_url(
            url, socket_timeout=_SOCKET_SECONDS, socket_connect_timeout=2.0, retry=Retry(NoBackoff(), 0)
        )
    except ValueError as error:
        raise Misconfigured("the broker's URL is not understood", fix="write redis://host:6379/0") from error


def _rabbitmq(url: str, middleware: list[Middleware]) -> dramatiq.Broker:
    try:
        from dramatiq.brokers.rabbitmq import RabbitmqBroker
    except ImportError as error:
        raise Misconfigured(
            "RabbitMQ needs a package that is not installed", fix="pip install 'crossdock[rabbitmq]'"
        ) from error
    try:
        broker = RabbitmqBroker(url=url, confirm_delivery=True, middleware=middleware)
    except ValueError as error:
        raise Misconfigured(
            "the broker's URL is not understood", fix="write amqp://user:password@host:5672/"
        ) from error
    parameters: Any = broker.parameters
    parameters.blocked_connection_timeout = _SOCKET_SECONDS  # a server short of disk takes nothing, and says nothing
    return broker
