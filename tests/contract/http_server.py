"""An ERP or warehouse for tests: a real HTTP server that keeps what it is posted, with trouble on demand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

__all__ = ["HttpFarEnd", "Request", "answering", "cut", "cut_in_answer", "drip", "silent"]


class Request:
    """One request as it came."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body


Trouble = Callable[["_Handler"], None]


class HttpFarEnd:
    """Keeps documents by Idempotency-Key. ``trouble``, if set, answers instead, after the document was kept."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.kept: dict[str, bytes] = {}
        self.trouble: Trouble | None = None
        self.keeps = True
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.far_end = self  # type: ignore[attr-defined]  # how the standard library's handlers find it
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> HttpFarEnd:
        self._thread.start()
        return self

    def stop(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Silent."""

    def do_POST(self) -> None:
        far_end = self.far_end
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        key = self.headers.get("idempotency-key", "")
        far_end.requests.append(Request("POST", self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        repeated = key in far_end.kept
        if far_end.keeps:
            far_end.kept.setdefault(key, body)
        if far_end.trouble is not None:
            far_end.trouble(self)
        else:
            self.say(200 if repeated else 201, {"reference": f"R-{len(far_end.kept)}", "repeated": repeated})

    def do_GET(self) -> None:
        far_end = self.far_end
        far_end.requests.append(Request("GET", self.path, {k.lower(): v for k, v in self.headers.items()}, b""))
        key = unquote(self.path.rpartition("/")[2])
        if far_end.trouble is not None:
            far_end.trouble(self)
        elif key in far_end.kept:
            self.say(200, {"reference": f"R-{list(far_end.kept).index(key) + 1}"})
        else:
            self.say(404, {"error": {"code": "UNKNOWN", "message": "no such delivery"}})

    @property
    def far_end(self) -> HttpFarEnd:
        found: HttpFarEnd = self.server.far_end  # type: ignore[attr-defined]  # set by HttpFarEnd
        return found

    def say(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def answering(status: int, answer: Any = b"", headers: dict[str, str] | None = None) -> Trouble:
    """Answer so."""
    return lambda handler: handler.say(status, answer, headers)


def silent(handler: _Handler) -> None:
    """Never answer while the test runs."""
    handler.far_end.released.wait()
    handler.close_connection = True


def cut(handler: _Handler) -> None:
    """Cut the connection instead of answering."""
    handler.close_connection = True


def cut_in_answer(handler: _Handler) -> None:
    """Announce more than is sent."""
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.close_connection = True


def drip(handler: _Handler) -> None:
    """Answer without end, a byte at a time, each one in time."""
    handler.send_response(200)
    handler.send_header("content-length", "100000")
    handler.end_headers()
    try:
        while not handler.far_end.released.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()
    except OSError:
        handler.close_connection = True
