"""HTTP/1.1 to one far end with less work a call: an httpx transport for what is called once a document.

It speaks through h11 as `httpx.HTTPTransport` does and raises httpx's own errors. Left out is what one far end has no
use for: a pool of many hosts, proxies, HTTP/2, traces. That leaves less than half of the work.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import h11
import httpx

__all__ = ["QuickTransport"]

HEAD_BYTES_MAX = 100 * 1024
READ_BYTES = 64 * 1024
WAITS_MAX = 4
"""No answer may take longer than so many times the longest wait for its next bytes."""


_Origin = tuple[str, str, int]


class QuickTransport(httpx.BaseTransport):
    """As many sockets as threads call at once, each kept for the next call while the far end keeps it too.

    ``idle_seconds``: one that rested longer is not used again. What is already sent when a socket fails is sent once
    only: the caller learns that the outcome is unknown. The request's ``timeout`` extension is httpx's. ``tls``: whom
    it trusts; those whom httpx trusts unless given.
    """

    def __init__(self, *, idle_seconds: float, tls: ssl.SSLContext | None = None) -> None:
        self._idle_seconds = idle_seconds
        self._idle: defaultdict[_Origin, list[_Line]] = defaultdict(list)
        self._tls = tls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send once; the answer's body is read by whoever reads its stream. Raises `httpx.TransportError`."""
        idle = self._idle[_origin(request.url)]
        line = self._rested(idle) or self._opened(request)
        try:
            line.send(request)
            head = line.head()
        except BaseException:
            line.close()
            raise
        return httpx.Response(head.status_code, headers=list(head.headers), stream=_Body(line, idle))

    def close(self) -> None:
        for idle in list(self._idle.values()):
            while idle:
                idle.pop().close()

    def _rested(self, idle: list[_Line]) -> _Line | None:
        """One that is still good, the last used first."""
        while True:
            try:
                line = idle.pop()
            except IndexError:
                return None
            if line.is_good(self._idle_seconds):
                return line
            line.close()

    def _opened(self, request: httpx.Request) -> _Line:
        timeout = request.extensions["timeout"]
        scheme, host, port = _origin(request.url)
        try:
            plain = socket.create_connection((host, port), timeout["connect"])
            try:
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end = self._context().wrap_socket(plain, server_hostname=host) if scheme == "https" else plain
            except BaseException:
                plain.close()
                raise
        except TimeoutError as error:
            raise httpx.ConnectTimeout(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(str(error)) from error
        end.settimeout(timeout["read"])
        return _Line(end)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


def _origin(url: httpx.URL) -> _Origin:
    return url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)


class _Line:
    """One socket and where the conversation on it stands."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES_MAX)
        self._rests_since = 0.0
        self._until = 0.0

    def send(self, request: httpx.Request) -> None:
        """The whole request at once."""
        self._until = time.monotonic() + request.extensions["timeout"]["read"] * WAITS_MAX
        try:
            opening = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            pieces = [self._talk.send(event) for event in (opening, h11.Data(request.content), h11.EndOfMessage())]
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        try:
            self._socket.sendall(b"".join(filter(None, pieces)))
        except TimeoutError as error:
            raise httpx.WriteTimeout(str(error)) from error
        except OSError:
            pass  # it may have answered before it hung up

    def head(self) -> h11.Response:
        while not isinstance(event := self._event(), h11.Response):
            pass  # 1xx: the answer is still to come
        return event

    def body(self) -> Iterator[bytes]:
        while isinstance(event := self._event(), h11.Data):
            yield bytes(event.data)

    def rest(self) -> bool:
        """Whether another request may follow; from here on it rests."""
        if self._talk.our_state is not h11.DONE or self._talk.their_state is not h11.DONE:
            return False
        self._talk.start_next_cycle()
        self._rests_since = time.monotonic()
        return not self._talk.trailing_data[0]

    def is_good(self, idle_seconds: float) -> bool:
        """Bytes that nobody asked for, the end of the stream among them, make it useless."""
        if time.monotonic() - self._rests_since > idle_seconds:
            return False
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        self._socket.close()

    def _event(self) -> Any:
        try:
            while (event := self._talk.next_event()) is h11.NEED_DATA:
                if time.monotonic() > self._until:
                    raise httpx.ReadTimeout("the answer takes too long")
                self._talk.receive_data(self._socket.recv(READ_BYTES))
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        except TimeoutError as error:
            raise httpx.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpx.ReadError(str(error)) from error
        return event


class _Body(httpx.SyncByteStream):
    def __init__(self, line: _Line, idle: list[_Line]) -> None:
        self._line: _Line | None = line
        self._idle = idle

    def __iter__(self) -> Iterator[bytes]:
        if self._line is not None:
            yield from self._line.body()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        if line.rest():
            self._idle.append(line)
        else:
            line.close()
