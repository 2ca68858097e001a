"""A small HTTP/JSON server for the counterparties: routes are a table, requests bounded, numbers exact."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

__all__ = ["Call", "Endpoint", "Reply", "Routes", "dumps", "run"]

BODY_BYTES_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request; ``path`` is unquoted, header names in lower case, ``parts`` what the route's pattern caught."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    parts: tuple[str, ...] = ()

    def json(self) -> Any:
        """The body; raises ValueError if it is no JSON. Fractions are Decimal."""
        return json.loads(self.body, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; ``body`` is JSON, Decimal included."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Routes = Mapping[tuple[str, str], Callable[[Call], Reply]]
"""(method, pattern of the whole path) -> what answers it."""


def dumps(value: Any) -> str:
    """JSON text in which a Decimal is a number with exactly its digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{dumps(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value)


class Endpoint(ThreadingHTTPServer):
    """Answers on loopback; ``port`` 0 takes a free one. A ValueError, KeyError or TypeError is answered 400."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, routes: Routes) -> None:
        self.routes = [(method, re.compile(pattern), handler) for (method, pattern), handler in routes.items()]
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, call: Call) -> Reply:
        """The reply of the first route that fits."""
        found = False
        for method, pattern, handler in self.routes:
            match = pattern.fullmatch(call.path)
            if match is None:
                continue
            found = True
            if method == call.method:
                caught = Call(call.method, call.path, call.query, call.headers, call.body, match.groups())
                try:
                    return handler(caught)
                except (ValueError, KeyError, TypeError) as error:
                    return Reply(400, {"error": {"code": "BAD_REQUEST", "message": f"{type(error).__name__}: {error}"}})
        if found:
            return Reply(405, {"error": {"code": "METHOD_NOT_ALLOWED", "message": f"not with {call.method}"}})
        return Reply(404, {"error": {"code": "NOT_FOUND", "message": "there is nothing here"}})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = 65536
    server: Endpoint

    def _serve(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if "chunked" in (self.headers.get("Transfer-Encoding") or "") or not length.isdigit():
            self._reply(Reply(411, {"error": {"code": "LENGTH_REQUIRED", "message": "Content-Length is needed"}}))
        elif int(length) > BODY_BYTES_MAX:
            self._reply(Reply(413, {"error": {"code": "TOO_LARGE", "message": f"at most {BODY_BYTES_MAX} bytes"}}))
        else:
            target = urlsplit(self.path)
            query = {key: values[-1] for key, values in parse_qs(target.query).items()}
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self._reply(self.server.answer(Call(self.command, unquote(target.path), query, headers, body)))

    do_GET = do_POST = _serve  # noqa: N815  the names are http.server's

    def _reply(self, reply: Reply) -> None:
        data = dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        if reply.status in {411, 413}:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is http.server's
        """Nothing: the journals say what happened."""


def run(endpoint: Endpoint, address_file: Path) -> None:
    """Serve until SIGTERM or SIGINT. The file holds the URL once the port is open."""
    endings = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)  # in all threads that are begun from here on
    thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    fresh = address_file.with_suffix(".new")
    fresh.write_text(endpoint.url + "\n")
    os.replace(fresh, address_file)  # noqa: PTH105  atomic, and said so by its name
    signal.sigwait(endings)
    endpoint.shutdown()
    endpoint.server_close()
