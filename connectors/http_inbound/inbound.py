"""The routes of a connection, in the hub's own server or in one of their own."""

from __future__ import annotations

import asyncio
import hmac
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from connectors.http_inbound.settings import HttpInboundSettings
from hub.contracts.connector import Accept, Accepted, Arrival, Probe, Site, nobody
from hub.contracts.http_bodies import BodyLimits
from hub.contracts.http_connections import BACKLOG, server_config
from hub.contracts.standard_webhooks import ID_CHARACTERS_MAX, refusal, usable_secrets
from hub.errors import BadDocument, CrossdockError, Duplicate, Held, KeyConflict, Misconfigured, Rejected, Retryable

__all__ = ["HttpInbound"]

_log = logging.getLogger(__name__)
RETRY_SECONDS = 10
HEADERS_KEPT = ("user-agent", "content-type")
START_SECONDS = 10.0
PROBE_SECONDS = 5.0
_WAREHOUSE = {"shipment-confirmations": "shipment_confirmation", "pick-confirmations": "pick_confirmation"}
_FORMS = ("multipart/", "application/x-www-form-urlencoded", "text/html")


class _Refused(Exception):
    """Answered at once with ``status`` and this JSON."""

    def __init__(self, status: int, slug: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.response = _json(status, {"error": slug, "message": message, **more})


class HttpInbound:
    """The routes of one connection."""

    def __init__(self, settings: HttpInboundSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self.bodies = BodyLimits(bytes_max=settings.body_bytes_max, seconds=settings.body_timeout_seconds)
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    def router(self, accept: Accept) -> APIRouter:
        """The routes, to be included in the hub's own app. Raises Misconfigured where a secret is not usable."""
        self._try_secrets()
        router = APIRouter()
        connection = self._site.connection

        @router.post(f"/v1/wms/{connection}/{{kind}}", include_in_schema=False)
        async def post_confirmation(kind: str, request: Request) -> JSONResponse:
            if kind not in _WAREHOUSE:
                known = ", ".join(sorted(_WAREHOUSE))
                return _json(404, {"error": "not_found", "message": f"Confirmations are: {known}."})
            return await self._answer(request, _WAREHOUSE[kind], accept)

        @router.post(f"/v1/documents/{connection}", include_in_schema=False)
        async def post_document(request: Request) -> JSONResponse:
            return await self._answer(request, "", accept)

        return router

    def app(self, accept: Accept) -> FastAPI:
        """An app with nothing but these routes."""
        app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
        app.include_router(self.router(accept))
        app.add_exception_handler(404, _not_found)
        return app

    def start(self, accept: Accept, died: Callable[[], None] = nobody) -> None:
        """Listen by itself. Raises Misconfigured where the address cannot be had."""
        app = self.app(accept)
        try:
            family = socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET
            self._socket = socket.create_server(
                (self._settings.host, self._settings.port), family=family, backlog=BACKLOG
            )
        except OSError as error:
            where = f"{self._settings.host}:{self._settings.port}"
            raise Misconfigured(f"HTTP cannot listen on {where}: {error.strerror}.", fix="choose another") from error
        self._server = server = uvicorn.Server(server_config(app, bodies=self.bodies))
        sockets = [self._socket]

        def run() -> None:
            try:
                server.run(sockets)
            finally:
                if not server.should_exit:
                    died()

        self._thread = threading.Thread(target=run, name=self._site.connection, daemon=True)
        self._thread.start()

    def _try_secrets(self) -> None:
        usable_secrets(self._site.secret, self._settings.signing_secrets)
        for name in self._settings.bearer_secrets:
            self._site.secret(name)

    def address(self) -> str:
        """``http://host:port`` of its own server; only the path where the hub serves it."""
        if self._socket is None:
            return f"/v1/documents/{self._site.connection}"
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def probe(self) -> Probe:
        try:
            self._try_secrets()
        except Misconfigured as error:
            return Probe(False, error.message, error.fix)
        if self._socket is None:
            return Probe(True, "served by the hub")
        try:
            with socket.create_connection(self._socket.getsockname()[:2], PROBE_SECONDS):
                return Probe(True, f"{self.address()} listens")
        except OSError as error:
            return Probe(False, f"{self.address()} does not answer: {error.strerror or type(error).__name__}")

    def close(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(START_SECONDS)
        if self._socket is not None:
            self._socket.close()
        self._server = self._thread = self._socket = None

    async def _answer(self, request: Request, document: str, accept: Accept) -> JSONResponse:
        try:
            media_type = _media_type(request, json_only=bool(document))
            self._proven_so_far(request)
            body = await self._body(request)
            key = self._proven_key(request, body)
        except _Refused as refused:
            return refused.response
        except Misconfigured as error:
            return _unavailable(self._site.connection, error)
        arrival = Arrival(
            connection=self._site.connection,
            partner=self._settings.partner,
            name=key,
            data=body,
            source_key=f"{document or 'document'}/{key}",
            media_type=media_type,
            document=document,
            facts=_facts(request),
        )
        return await run_in_threadpool(_offer, accept, arrival)

    def _proven_so_far(self, request: Request) -> None:
        """Refuses before a body is read whom the head does not prove, unless it has a signature over the body."""
        if self._settings.signing_secrets and "webhook-signature" in request.headers:
            return
        if not self._bearer_fits(request.headers.get("authorization", "")):
            raise _Refused(401, "not_authenticated", self._proofs())
        _key_of(request)

    def _proofs(self) -> str:
        ways = ["a Standard Webhooks signature"] * bool(self._settings.signing_secrets)
        ways += ["a bearer token"] * bool(self._settings.bearer_secrets)
        return f"This connection asks for {' or '.join(ways)}."

    async def _body(self, request: Request) -> bytes:
        """The body, counted while it arrives. Compressed bodies are not taken: what is signed is what is read."""
        size_max = self._settings.body_bytes_max
        too_large = _Refused(413, "too_large", f"A body may have at most {size_max} bytes.")
        if request.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise _Refused(415, "unsupported_media_type", "Bodies are taken without Content-Encoding.")
        announced = request.headers.get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced[:20]) > size_max:
            raise too_large
        body = bytearray()
        try:
            async with asyncio.timeout(self._settings.body_timeout_seconds):
                async for piece in request.stream():
                    body += piece
                    if len(body) > size_max:
                        raise too_large
        except (TimeoutError, ClientDisconnect):
            raise _Refused(408, "incomplete", "The body did not arrive completely in time.") from None
        return bytes(body)

    def _proven_key(self, request: Request, body: bytes) -> str:
        """The idempotency key of a request that is believed."""
        said = ""
        if self._settings.signing_secrets and "webhook-signature" in request.headers:
            secrets = usable_secrets(self._site.secret, self._settings.signing_secrets)
            said = refusal(secrets, request.headers, body, self._site.now())
            if not said:
                return request.headers["webhook-id"]
        if self._bearer_fits(request.headers.get("authorization", "")):
            return _key_of(request)
        raise _Refused(401, "not_authenticated", said or self._proofs())

    def _bearer_fits(self, header: str) -> bool:
        scheme, _, token = header.partition(" ")
        offered = token.strip().encode("utf-8", "surrogateescape")
        fits = False
        for name in self._settings.bearer_secrets:
            fits |= hmac.compare_digest(self._site.secret(name).encode(), offered)
        return fits and scheme.lower() == "bearer"


def _offer(accept: Accept, arrival: Arrival) -> JSONResponse:
    """Hand it to the hub and put what the hub says into the table of this module."""
    try:
        return _accepted(accept(arrival))
    except (KeyConflict, BadDocument, Rejected, Held) as error:
        return _json(422, {"problems": [], **error.as_json()})
    except Duplicate as error:
        return _json(200, {"id": "", "status": "accepted", "duplicate": True, "message": error.message})
    except CrossdockError as error:
        return _unavailable(arrival.connection, error)
    except Exception:  # noqa: BLE001 - whatever goes wrong in the hub, the far end must keep its copy and try again
        _log.exception("%s: %s was not taken", arrival.connection, arrival.name)
        return _unavailable(arrival.connection, None)


def _accepted(accepted: Accepted) -> JSONResponse:
    if accepted.problems:
        message = "The document was turned away; nothing was done with it."
        problems = list(accepted.problems)
        return _json(
            422, {"error": "bad_document", "message": message, "id": accepted.message_id, "problems": problems}
        )
    status = 200 if accepted.duplicate else 202
    return _json(status, {"id": accepted.message_id, "status": "accepted", "duplicate": accepted.duplicate})


def _unavailable(connection: str, error: CrossdockError | None) -> JSONResponse:
    """503. Why is for our log, not for the far end."""
    if error is not None:
        _log.warning("%s: not taken: %s: %s", connection, error.slug, error.message)
    wait = error.retry_after_seconds if isinstance(error, Retryable) else None
    message = "It cannot be taken now; send it again later."
    return _json(503, {"error": "unavailable", "message": message}, {"retry-after": str(int(wait or RETRY_SECONDS))})


def _key_of(request: Request) -> str:
    key = request.headers.get("idempotency-key") or request.headers.get("webhook-id", "")
    if not key:
        raise _Refused(400, "no_key", "The header Idempotency-Key is needed; send the same one when you send it again.")
    if len(key) > ID_CHARACTERS_MAX or not key.isascii() or not key.isprintable():
        raise _Refused(400, "no_key", f"The key is not {ID_CHARACTERS_MAX} printable characters or fewer.")
    return key


def _media_type(request: Request, *, json_only: bool) -> str:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()[:100]
    if json_only and given != "application/json" and not given.endswith("+json"):
        raise _Refused(415, "unsupported_media_type", "Confirmations are taken as application/json.")
    if given.startswith(_FORMS):
        raise _Refused(415, "unsupported_media_type", "Send the document itself, for example as application/edi-x12.")
    return given or "application/octet-stream"


def _facts(request: Request) -> dict[str, str]:
    kept = {name: request.headers[name][:200] for name in HEADERS_KEPT if name in request.headers}
    return {**kept, "peer": request.client.host if request.client else ""}


async def _not_found(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001 - Starlette's signature
    return _json(404, {"error": "not_found", "message": "There is no such connection or document here."})


def _json(status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(content, status, headers)
