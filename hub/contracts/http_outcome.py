"""One HTTP call, and what came of it in the words of `hub.errors`.

What matters is whether the far end may have acted. ``safe`` says that the request changes nothing there (GET), so a
lost answer is plain `Unreachable`.

==========================================  =====================  ========================
what happened                               safe                   not safe
==========================================  =====================  ========================
no connection, TLS handshake failed         Unreachable            Unreachable
certificate not trusted, not a URL          Misconfigured          Misconfigured
cut or timed out after sending began        Unreachable            OutcomeUnknown
2xx larger than allowed, broken encoding    Unreachable            OutcomeUnknown
408, 425, 503                               Unreachable¹           Unreachable¹
429                                         Throttled              Throttled
500, 502, 504, other 5xx                    Unreachable            OutcomeUnknown
401                                         AuthExpired            AuthExpired
403, 404, 405, 406, 407, 410, 415, 501      Misconfigured²         Misconfigured²
1xx, 3xx                                    Misconfigured          Misconfigured
other 4xx (400, 409, 413, 422 …)            Rejected               Rejected
==========================================  =====================  ========================

¹ Throttled where Retry-After names a time: the server itself says that it did not take the request (RFC 9110 15.6.4).
² where 404 means "no such thing" the caller looks at the status before it calls `refuse`.

500, 502 and 504 say nothing about whether the request was carried out (RFC 9110 15.6), so the hub looks first.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, HttpUrl

from hub.contracts.http_quick import WAITS_MAX
from hub.errors import AuthExpired, CrossdockError, Misconfigured, OutcomeUnknown, Rejected, Throttled, Unreachable

__all__ = ["ANSWER_BYTES_MAX", "Reply", "VendorUrl", "Wire", "refuse", "retry_after_seconds"]

ANSWER_BYTES_MAX = 4_000_000
RETRY_AFTER_SECONDS_MAX = 86_400.0
WORDS_CHARACTERS_MAX = 500
CONNECTIONS_MAX = 16
KEEPALIVE_SECONDS = 5.0

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_OUR_SETTINGS = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError)
_BUSY = frozenset({408, 425, 503})
_SETTINGS_WRONG = frozenset({403, 404, 405, 406, 407, 410, 415, 501})
_url = lru_cache(maxsize=64)(httpx.URL)


def _encrypted(url: HttpUrl) -> HttpUrl:
    if url.scheme != "https" and url.host not in ("127.0.0.1", "[::1]", "localhost"):
        msg = "use https: credentials travel with every call (http is for this machine only)"
        raise ValueError(msg)
    return url


VendorUrl = Annotated[HttpUrl, AfterValidator(_encrypted)]
"""Address of a vendor's API: https, or http on this machine for a stand-in."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read completely. ``headers`` has lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


class Wire:
    """A client for one far end, named ``far_end`` in messages. May be used by several threads.

    ``connect_seconds`` bounds reaching it, ``answer_seconds`` each wait for bytes, and four times that the whole
    answer. Redirects are never followed: credentials go only where the settings say. Environment proxies are ignored.
    ``transport``: httpx's own unless given. It is called without a client, whose authentication, cookies, redirects and
    hooks are of no use here and would cost more than the call.
    """

    def __init__(
        self,
        far_end: str,
        *,
        connect_seconds: float,
        answer_seconds: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._far_end = far_end
        self._total_seconds = answer_seconds * WAITS_MAX
        self._extensions = {"timeout": httpx.Timeout(answer_seconds, connect=connect_seconds).as_dict()}
        self._transport = transport or httpx.HTTPTransport(
            trust_env=False,
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX, keepalive_expiry=KEEPALIVE_SECONDS),
        )

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        safe: bool = False,
        answer_bytes_max: int = ANSWER_BYTES_MAX,
    ) -> Reply:
        """Send once and read the whole answer, whatever its status. Raises as the table says for the transport."""
        lost = Unreachable if safe else OutcomeUnknown
        try:
            request = httpx.Request(
                method,
                _url(url),
                headers={"accept-encoding": "identity", **headers},
                content=content,
                extensions=self._extensions,
            )
            with closing(self._transport.handle_request(request)) as response:
                body = self._body(response, answer_bytes_max, lost)
                return Reply(response.status_code, dict(response.headers), body)
        except _NEVER_SENT as error:
            raise _not_sent(self._far_end, error) from error
        except _OUR_SETTINGS as error:
            raise Misconfigured(f"{self._far_end}: the address or a header cannot be sent.") from error
        except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
            how = "in time" if isinstance(error, httpx.TimeoutException) else "completely"
            raise lost(f"{self._far_end} did not answer {how}.", cause=type(error).__name__) from error

    def close(self) -> None:
        """Let go of all connections."""
        self._transport.close()

    def _body(self, response: httpx.Response, size_max: int, lost: type[Unreachable] | type[OutcomeUnknown]) -> bytes:
        """The body; raises ``lost`` where it is longer than ``size_max`` bytes or takes too long."""
        deadline = time.monotonic() + self._total_seconds
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > size_max and not response.is_success:
                return bytes(body[:size_max])  # the status says enough
            if len(body) > size_max:
                message = f"{self._far_end} answered more than {size_max} bytes; the rest was not read."
                raise lost(message, status=response.status_code)
            if time.monotonic() > deadline:
                raise lost(f"{self._far_end} took too long to send its answer.", status=response.status_code)
        return bytes(body)


def refuse(far_end: str, reply: Reply, *, code: str = "", words: str = "", now: float, safe: bool = False) -> None:
    """Raise what the status of ``reply`` means; return None for 2xx. ``code`` and ``words`` are the far end's own."""
    if not reply.ok:
        raise outcome(far_end, reply, code=code, words=words, now=now, safe=safe)


def outcome(far_end: str, reply: Reply, *, code: str, words: str, now: float, safe: bool) -> CrossdockError:
    """The error for an answer that is not 2xx, after the table above."""
    status = reply.status
    facts: dict[str, Any] = {"status": status, **({"code": code[:100]} if code else {})}
    said = f"{far_end} answered {status}" + (f" ({code[:100]})" if code else "")
    said += f": {words[:WORDS_CHARACTERS_MAX]}" if words else "."
    wait = retry_after_seconds(reply.headers, now)
    if status == 429 or (status in _BUSY and wait is not None):
        return Throttled(said, retry_after_seconds=wait, **facts)
    if status in _BUSY:
        return Unreachable(said, **facts)
    if status == 401:
        return AuthExpired(said, fix="check the credentials of this connection", **facts)
    if status in _SETTINGS_WRONG or status < 200 or 300 <= status < 400:
        fix = "use the final address" if 300 <= status < 400 else "check address, path and permissions"
        return Misconfigured(said, fix=f"{fix} in the settings of this connection", **facts)
    if status >= 500:
        return (Unreachable if safe else OutcomeUnknown)(said, **facts)
    return Rejected(said, fix="change what the far end names, then replay", **facts)


def retry_after_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait as Retry-After says (RFC 9110 10.2.3: seconds or a date), 0 to one day; None if it does not."""
    value = headers.get("retry-after", "").strip()[:64]
    if value.isascii() and value.isdigit():
        return min(float(value), RETRY_AFTER_SECONDS_MAX)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at.timestamp() - now, 0.0), RETRY_AFTER_SECONDS_MAX)


def _not_sent(far_end: str, error: httpx.TransportError) -> CrossdockError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            fix = "check the host name in the address, or have the far end renew its certificate"
            return Misconfigured(f"{far_end} shows a certificate that is not trusted: {cause.verify_message}.", fix=fix)
        cause = cause.__cause__ or cause.__context__
    return Unreachable(f"{far_end} could not be reached.", cause=type(error).__name__)
