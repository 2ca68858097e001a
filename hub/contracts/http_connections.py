"""How many connections an HTTP server holds, and how long it waits on each for its client.

uvicorn ends only connections that rest between two requests, and its ``limit_concurrency`` counts after a whole head.
So the time for a head is bounded here. Where there is no room, the one that has been without a whole head for longest
makes room, so that idle connections keep nobody out. An answer that nobody takes is cut off.
"""

from __future__ import annotations

import asyncio
import resource
from dataclasses import dataclass, field
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from hub.contracts.http_bodies import RETRY_SECONDS, Bodies, BodyLimits

__all__ = ["BACKLOG", "STOP_SECONDS", "ConnectionLimits", "server_config"]

STOP_SECONDS = 5
HEAD_BYTES_MAX = 64 * 1024
BACKLOG = 128
FILES_SHARE = 4
"""One part in so many of the files that the process may open is for connections."""
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\nretry-after: %d\r\n\r\n"
    % RETRY_SECONDS
)


def _room() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 512 if files == resource.RLIM_INFINITY else max(8, min(512, files // FILES_SHARE))


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """``head_seconds``: until a request's head is there; ``rest_seconds``: without a byte between two requests;
    ``answer_seconds``: without the client taking any of its answer."""

    connections_max: int = field(default_factory=_room)
    head_seconds: float = 10.0
    rest_seconds: int = 5
    answer_seconds: float = 30.0


def server_config(
    app: ASGIApp, connections: ConnectionLimits | None = None, bodies: BodyLimits | None = None
) -> uvicorn.Config:
    """The settings of a server of ``app`` that keeps to these limits."""
    limits = connections or ConnectionLimits()
    return uvicorn.Config(
        Bodies(app, bodies or BodyLimits()),
        http=cast("type[asyncio.Protocol]", _Door(limits).connection),
        ws="none",
        backlog=BACKLOG,
        timeout_keep_alive=limits.rest_seconds,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
    )


class _Door:
    """What all connections share. ``waiting``: those without a whole head, who came first first."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.waiting: dict[_Connection, None] = {}

    def connection(self, *given: Any, **named: Any) -> _Connection:
        """A new one, made as uvicorn makes it."""
        made = _Connection(*given, **named)
        made.door = self
        return made

    def make_room(self) -> bool:
        """Whether there was one who could make room."""
        longest = next(iter(self.waiting), None)
        if longest is not None:
            longest.leave()
        return longest is not None


class _Connection(H11Protocol):
    """One connection. It waits for its client before a request's head, and in an answer that is not taken."""

    door: _Door
    _head: asyncio.TimerHandle | None = None
    _answer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        if len(self.connections) >= self.door.limits.connections_max and not self.door.make_room():
            self.transport.write(_FULL)
            self.transport.close()
            return
        super().connection_made(self.transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._wait_no_more()
        _cancel(self._answer)

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_more()

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._expect_taking()
        super().pause_writing()

    def resume_writing(self) -> None:
        if not self.transport.is_closing():
            _cancel(self._answer)
        super().resume_writing()

    def _expect_taking(self) -> None:
        """Cut off unless some of the answer is taken within the time, and so on."""
        _cancel(self._answer)
        left = self.transport.get_write_buffer_size()
        self._answer = self.loop.call_later(self.door.limits.answer_seconds, self._judge, left)

    def _judge(self, left: int) -> None:
        if self.transport.get_write_buffer_size() < left:
            self._expect_taking()
        else:
            self.transport.abort()

    def leave(self) -> None:
        """Close at once: another needs the room more."""
        self._wait_no_more()
        self.transport.abort()

    def _wait(self) -> None:
        self._wait_no_more()
        self.door.waiting[self] = None
        self._head = self.loop.call_later(self.door.limits.head_seconds, self._late)

    def _wait_no_more(self) -> None:
        self.door.waiting.pop(self, None)
        _cancel(self._head)

    def _late(self) -> None:
        self.transport.close()  # once the client has taken what it was answered, which may be never
        self._expect_taking()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
