"""The application of page and API over one hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from hub.errors import (
    BadDocument,
    CrossdockError,
    Duplicate,
    Held,
    Misconfigured,
    NotFound,
    Rejected,
    Retryable,
)
from hub.web import api, dead_page, pages, replays
from hub.web.guard import HEADERS, Guard
from hub.web.render import FOLDER, render

if TYPE_CHECKING:
    from hub.runtime import Hub

__all__ = ["build"]

_STATUS: tuple[tuple[type[CrossdockError], int], ...] = (
    (NotFound, 404),
    (Duplicate, 409),
    (Held, 409),
    (BadDocument, 422),
    (Misconfigured, 422),
    (Rejected, 422),
    (Retryable, 503),
)


def build(hub: Hub) -> FastAPI:
    """The application: pages at ``/``, JSON under ``/v1``; no documentation pages, which would fetch from elsewhere."""
    app = FastAPI(title="Crossdock", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    app.include_router(api.routes(hub))
    app.include_router(replays.routes(hub))
    app.include_router(pages.routes(hub))
    app.include_router(dead_page.routes(hub))
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.add_middleware(Guard, host=hub.settings.http.host)

    @app.exception_handler(CrossdockError)
    def refused(request: Request, error: CrossdockError) -> Response:
        return _answer(request, _status(error), error.as_json())

    @app.exception_handler(HTTPException)
    def not_served(request: Request, error: HTTPException) -> Response:
        facts = {"error": "not_found" if error.status_code == 404 else "refused", "message": error.detail, "fix": ""}
        return _answer(request, error.status_code, facts)

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> Response:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:10])
        return _answer(
            request, 422, {"error": "bad_document", "message": faults, "fix": "Correct these and try again."}
        )

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        del error  # it is logged with its traceback, and holds nothing for whoever asked
        facts = {"error": "broken", "message": "This is a fault of Crossdock.", "fix": "Its log says more."}
        answer = _answer(request, 500, facts)
        answer.headers.update(HEADERS)
        return answer

    return app


def _status(error: CrossdockError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _answer(request: Request, status: int, facts: dict[str, Any]) -> Response:
    if request.url.path.startswith("/v1/") or request.url.path == "/healthz":
        return JSONResponse(facts, status_code=status)
    page = render("error.html", "Error", status=status, error=facts)
    page.status_code = status
    return page
