"""Forms that the page sends."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import Request

from hub.errors import BadDocument

__all__ = ["FORM_MAX", "form"]

FORM_MAX = 16_384
"""Bytes of a submitted form; a larger one is refused."""


async def form(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded form; raises BadDocument above FORM_MAX bytes."""
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > FORM_MAX:
            raise BadDocument(f"The form is larger than {FORM_MAX} bytes.", fix="Give a shorter reason.")
    text = data.decode("utf-8", "replace")
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
