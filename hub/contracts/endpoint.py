"""What the hub keeps to when it delivers to one endpoint: limits, maintenance windows, deadlines."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hub.clock import utc

__all__ = ["EndpointSettings", "OnUnknown", "Window"]

OnUnknown = Literal["find", "hold", "resend"]
"""What to do with a delivery that was sent and not answered: look at the far end first and hold it where that cannot be
asked; hold it for a person at once; look where that can be done and else send it again under the same key."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOWS_MAX = 14
"""Windows in a row that are looked through: those of two weeks, one a day."""
_SPAN = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:-(mon|tue|wed|thu|fri|sat|sun))?")


def _weekdays(words: Any) -> Any:
    """``mon-fri,sun`` as numbers from 0 for Monday; every day where it is empty."""
    if not isinstance(words, str):
        return words
    days: set[int] = set()
    for word in filter(None, (part.strip() for part in words.split(","))):
        span = _SPAN.fullmatch(word)
        if span is None:
            msg = f'{word!r} is no day; write for example "sun" or "mon-fri,sun"'
            raise ValueError(msg)
        first, last = _DAYS.index(span[1]), _DAYS.index(span[2] or span[1])
        days |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return frozenset(days or range(7))


def _minute(text: Any) -> Any:
    """``24:00`` is midnight."""
    return time(0) if text == "24:00" else text


class Window(BaseModel):
    """Hours in which a far end is not called, by its own clock.

    ``days``: those on which it begins. Where ``to`` is not later than ``from`` it ends on the following day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    days: Annotated[frozenset[int], BeforeValidator(_weekdays)] = frozenset(range(7))
    begin: Annotated[time, Field(alias="from")]
    end: Annotated[time, BeforeValidator(_minute), Field(alias="to")]
    zone: str = "UTC"

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            msg = f'zone {self.zone!r} is not known; write for example "America/Chicago"'
            raise ValueError(msg) from None
        return self

    def until(self, now: float) -> float | None:
        """When it ends, where ``now`` is within it; seconds since 1970 UTC."""
        zone = ZoneInfo(self.zone)
        today = utc(now).astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            if day.weekday() in self.days:
                begin, end = self._on(day, zone)
                if begin <= now < end:
                    return end
        return None

    def _on(self, day: date, zone: ZoneInfo) -> tuple[float, float]:
        """Where a clock is put back in it, the window ends at the later of the two hours."""
        last = day if self.end > self.begin else day + timedelta(days=1)
        ends = (datetime.combine(last, self.end, zone).replace(fold=fold).timestamp() for fold in (0, 1))
        return datetime.combine(day, self.begin, zone).timestamp(), max(ends)


class EndpointSettings(BaseModel):
    """``[endpoints.ID]`` of hub.toml; what is not said does not restrict.

    ``max_concurrent``: workers that deliver at once. ``per_second``, ``burst``: deliveries. ``give_up_after_hours``:
    a delivery that is older is not sent any more and dead. ``on_unknown``: goes before the route's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_concurrent: Annotated[int, Field(ge=1)] | None = None
    per_second: Annotated[float, Field(gt=0)] | None = None
    burst: Annotated[int, Field(ge=1)] | None = None
    give_up_after_hours: Annotated[float, Field(gt=0)] | None = None
    on_unknown: OnUnknown | None = None
    maintenance: tuple[Window, ...] = ()

    def away_until(self, now: float) -> float | None:
        """When the last of the windows that follow on each other ends, where ``now`` is within one."""
        until = now
        for _ in range(_WINDOWS_MAX):
            ends = [end for window in self.maintenance if (end := window.until(until)) is not None]
            if not ends:
                break
            until = max(ends)
        return None if until == now else until
