"""Templates: every value escaped, controls made visible, an unknown name an error."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.visible import visible

__all__ = ["FOLDER", "render"]

FOLDER = Path(__file__).parent


def _shown(value: object) -> object:
    """What a template prints: text is made visible first, then escaped by Jinja."""
    return visible(value) if type(value) is str else value


def _short_time(value: str | None) -> str:
    """``2026-11-20 15:04:05`` in UTC, of an RFC 3339 time."""
    return datetime.fromisoformat(value).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if value else ""


_TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["short_time"] = _short_time
_TEMPLATES.filters["words"] = lambda value: value.replace("_", " ")


def render(template: str, title: str, **values: Any) -> HTMLResponse:
    """A page."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(title=title, **values))
