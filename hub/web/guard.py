"""What every answer of the page carries, and which requests are refused before anything is read.

The page has no accounts yet, so it listens on loopback unless told otherwise. A browser on the same machine can still
be led to it by a page from elsewhere; two checks refuse that: a changing request must come from the page itself
(Fetch Metadata, https://www.w3.org/TR/fetch-metadata/, else the Origin header), and on loopback the Host header must
name loopback, which stops DNS rebinding.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "Guard", "is_loopback", "origin_refused"]

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware before everything; ``host`` is where the application listens."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._loopback_only = is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        if self._loopback_only and not is_loopback(headers.get("host", "")):
            refusal = _refusal(421, "This page answers to 127.0.0.1 and localhost only.")
            await refusal(scope, receive, send_guarded)
        elif origin_refused(scope["method"], headers):
            refusal = _refusal(403, "A change must come from this page itself.")
            await refusal(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)


def is_loopback(host: str) -> bool:
    """Whether a host name or address, with or without port, is this machine's own."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def origin_refused(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a changing request may have been sent by another site's page.

    Programs send neither header and are let through: no page leads them.
    """
    if method in _SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def _refusal(status: int, message: str) -> JSONResponse:
    facts = {"error": "not_allowed", "message": message, "fix": "Open the page itself and try there."}
    return JSONResponse(facts, status_code=status)
