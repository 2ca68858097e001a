"""Brokers by URL. A broker carries hints only: losing it, or everything in it, costs time and nothing else.

Dramatiq's own retries, delays and dead letters are off, because those are columns of the ledger. Each lane has a broker
object and a worker of its own, so that slow deliveries never hold up documents.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Middleware, Retries, TimeLimit

from hub.errors import Misconfigured

__all__ = ["is_shared", "new_broker"]

_RUN_LIMIT_MILLISECONDS = 3_600_000
_BLOCKED_SECONDS = 10.0
_REDIS = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss", "unix": "unix"}


def is_shared(url: str) -> bool:
    """Whether other processes can be reached by this broker."""
    return bool(url) and urlsplit(url).scheme != "memory"


def new_broker(url: str, namespace: str) -> dramatiq.Broker:
    """A broker for ``""`` or ``memory://``, ``redis://``, ``valkey://`` (both also with a second s), ``unix://`` and
    ``amqp://``. Misconfigured for anything else."""
    scheme = urlsplit(url).scheme
    middleware: list[Middleware] = [TimeLimit(time_limit=_RUN_LIMIT_MILLISECONDS), Retries(max_retries=0)]
    if not is_shared(url):
        return StubBroker(middleware=middleware)
    if scheme in _REDIS:
        from hub.queue.redis_broker import redis_broker  # only here, because a hub without it starts sooner

        return redis_broker(url.replace(scheme, _REDIS[scheme], 1), namespace, middleware)
    if scheme in ("amqp", "amqps"):
        return _rabbitmq(url, middleware)
    raise Misconfigured(
        f"the broker's URL does not name a broker Crossdock knows: {scheme or 'it has no scheme'}",
        fix="leave it empty, or write redis://host:6379/0, valkey://…, unix:///path/to/socket or amqp://…",
    )


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
    parameters.blocked_connection_timeout = _BLOCKED_SECONDS  # a server short of disk takes nothing, and says nothing
    return broker
