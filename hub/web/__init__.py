"""The page and the JSON API: server-rendered, no script, nothing fetched from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hub.runtime import Hub

__all__ = ["build"]


def build(hub: Hub) -> FastAPI:
    """The application of page and API over one hub; the web framework is loaded only when it is called."""
    from hub.web.app import build as build_app

    return build_app(hub)
