"""Page, API and inbound HTTP on one port, in a thread of its own."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn

from hub.contracts.connector import nobody
from hub.contracts.http_bodies import BodyLimits
from hub.contracts.http_connections import BACKLOG, STOP_SECONDS, ConnectionLimits, server_config
from hub.errors import Misconfigured

__all__ = ["HttpServer"]

_log = logging.getLogger("crossdock.http")


class HttpServer:
    """An ASGI application served by uvicorn. The port is bound before the thread starts, so that errors are seen."""

    def __init__(
        self,
        app: Any,
        host: str,
        port: int,
        *,
        connections: ConnectionLimits | None = None,
        bodies: BodyLimits | None = None,
        died: Callable[[], None] = nobody,
    ) -> None:
        """``died`` is called from its thread when it ends without being told to."""
        self._socket = _bound(host, port)
        self._server = uvicorn.Server(server_config(app, connections, bodies))
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._died = died
        self._is_told = False

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self._socket.getsockname()[:2]
        return f"http://{host}:{port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Answer what is under way, then close."""
        self._is_told = True
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS + 2)
        self._socket.close()

    def _run(self) -> None:
        try:
            self._server.run([self._socket])
        except BaseException:  # noqa: BLE001 - whatever it was, nobody is answered any more
            _log.exception("page and API have ended")
        if not self._is_told:
            self._died()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Misconfigured(
            f"Port {port} on {host} cannot be used: {error.strerror}.", fix="Set another [http] port in hub.toml."
        ) from None
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening
