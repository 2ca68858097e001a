"""How much of request bodies a server holds, one and all together, and how long it waits for them.

Most of them are not proven yet while they are read. What does not fit is answered 503, before it is read where its
length is announced, so its sender still has it and tries again. Only what has arrived is counted: to announce much
keeps nobody out. Small bodies are not counted: the number of connections bounds them, and they are taken while large
ones fill everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RETRY_SECONDS", "SMALL_BYTES", "Bodies", "BodyLimits", "Budget", "widest"]

SMALL_BYTES = 64 * 1024
"""So much of each body is not counted; uvicorn reads as much ahead of the application anyway."""
RETRY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """``bytes_max``: of one body; ``at_once``: so many of the greatest. ``stall_seconds``: between two pieces of one;
    ``seconds``: for all of it."""

    bytes_max: int = 16_000_000
    at_once: int = 4
    stall_seconds: float = 20.0
    seconds: float = 60.0


def widest(limits: Iterable[BodyLimits]) -> BodyLimits:
    """What a server must allow that is to serve each of them."""
    every = tuple(limits)
    return BodyLimits(
        bytes_max=max(each.bytes_max for each in every),
        at_once=max(each.at_once for each in every),
        stall_seconds=max(each.stall_seconds for each in every),
        seconds=max(each.seconds for each in every),
    )


@dataclass(slots=True)
class Budget:
    """Bytes that all bodies share. Lives in one event loop."""

    left: int


class Bodies:
    """ASGI middleware before everything. It counts a body from when the application first asks for it: who is refused
    for his head alone takes nothing from the others."""

    def __init__(self, app: ASGIApp, limits: BodyLimits) -> None:
        self._app = app
        self._limits = limits
        self.budget = Budget(limits.at_once * limits.bytes_max)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive, send, self._limits, self.budget)
        try:
            with suppress(ClientDisconnect):  # nobody is left to be answered
                await self._app(scope, body.receive, body.send)
        finally:
            self.budget.left += body.taken


class _Refused(Exception):
    """Answered at once, and the application is told that its client has gone."""

    def __init__(self, status: int, slug: str, message: str, fix: str, **headers: str) -> None:
        super().__init__(message)
        facts = {"error": slug, "message": message, "fix": fix}
        self.response = JSONResponse(facts, status, {name.replace("_", "-"): text for name, text in headers.items()})


class _Body:
    """One request's body on its way to the application, and the answer on its way back."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: BodyLimits, budget: Budget) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._limits, self._budget = limits, budget
        self._end = 0.0
        self._arrived = 0
        self._more = True
        self._answered = self._refused = False
        self.taken = 0

    async def receive(self) -> Message:
        """The next piece; what the server says where no more is to come."""
        if not self._more:
            return await self._receive()
        try:
            return await self._next()
        except _Refused as refused:
            self._more = False
            if not self._answered:
                self._refused = True
                await refused.response(self._scope, self._receive, self._send)
            return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """The application's answer, unless it was answered already."""
        self._answered = True
        if not self._refused:
            await self._send(message)

    async def _next(self) -> Message:
        if not self._end:
            self._end = _now() + self._limits.seconds
            self._judge(_announced(self._scope))
        message = await self._in_time()
        self._arrived += len(message.get("body", b""))
        self._more = message.get("more_body", False)
        more = self._judge(self._arrived)
        self._budget.left -= more
        self.taken += more
        return message

    async def _in_time(self) -> Message:
        try:
            async with asyncio.timeout_at(min(self._end, _now() + self._limits.stall_seconds)):
                return await self._receive()
        except TimeoutError:
            raise _Refused(408, "incomplete", "The body did not arrive in time.", "Send it again.") from None

    def _judge(self, count: int) -> int:
        """How many bytes of the budget a body of ``count`` bytes, announced or arrived, needs beside those it has;
        raises where it is too long, or there is not so much left."""
        if count > self._limits.bytes_max:
            said = f"A body may have at most {self._limits.bytes_max} bytes."
            raise _Refused(413, "too_large", said, "Send less at a time.")
        more = max(0, count - SMALL_BYTES - self.taken)
        if more > self._budget.left:
            said = "Too many large bodies are being read; this one was not."
            raise _Refused(503, "unavailable", said, "Send it again later.", retry_after=str(RETRY_SECONDS))
        return more


def _now() -> float:
    return asyncio.get_running_loop().time()


def _announced(scope: Scope) -> int:
    """The Content-Length; 0 without one that is a number."""
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(said[:20]) if said.isdigit() else 0
