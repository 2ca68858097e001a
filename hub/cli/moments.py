"""Moments as people write them: a date, a time, or so long from or before now."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hub.errors import Misconfigured

__all__ = ["moment"]

_SPAN = re.compile(r"(?P<count>\d{1,6})(?P<unit>[smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment(text: str, now: float, *, past: bool = False) -> float:
    """Seconds since 1970 of ``2026-11-25``, ``2026-11-25T08:00+01:00`` (UTC without offset) or ``4h``, ``2d``, ``1w``.

    A span counts from now, or back from now with ``past``. Raises Misconfigured for anything else.
    """
    span = _SPAN.fullmatch(text.strip())
    if span:
        seconds = int(span["count"]) * _SECONDS[span["unit"]]
        return now - seconds if past else now + seconds
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Misconfigured(
            f"{text!r} is no moment.", fix="Write 2026-11-25, 2026-11-25T08:00+01:00, or 4h, 2d, 1w."
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
