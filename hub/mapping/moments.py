"""Date, time and zone elements as one aware datetime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hub.contracts.mapping import Context

__all__ = ["read_moment", "write_moment"]

_HOURS = {"UT": 0, "GM": 0, "ES": -5, "ED": -4, "CS": -6, "CD": -5, "MS": -7, "MD": -6, "PS": -8, "PD": -7}
"""X12 element 623, the codes that name one offset."""


def read_moment(day: str, time: str, zone: str, context: Context) -> datetime:
    """CCYYMMDD and HHMM, HHMMSS or HHMMSSd[d]. Raises ValueError."""
    if len(day) != 8 or not (day + time).isdigit() or len(time) not in (0, 4, 6, 7, 8):
        raise ValueError(day + time)
    moment = datetime.strptime(day + (time[:6] or "0000").ljust(6, "0"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - zoned below
    moment += timedelta(milliseconds=int(time[6:].ljust(3, "0"))) if len(time) > 6 else timedelta()
    if not zone or zone == "LT":
        return moment.replace(tzinfo=_zone(context))
    if zone not in _HOURS:
        raise ValueError(zone)
    return moment.replace(tzinfo=timezone(timedelta(hours=_HOURS[zone])) if _HOURS[zone] else UTC)


def write_moment(moment: datetime, context: Context, *, zoned: bool) -> tuple[str, str, str]:
    """Date, time and zone: UT where there is an element for it, else the context's offset and nothing."""
    local = moment.astimezone(UTC if zoned else _zone(context))
    time = local.strftime("%H%M%S" if local.second or local.microsecond else "%H%M")
    if local.microsecond >= 10_000:
        time += f"{local.microsecond // 10_000:02d}"
    return f"{local.year:04d}{local:%m%d}", time, "UT" if zoned else ""


def _zone(context: Context) -> timezone:
    """``utc_offset`` of the context, such as ``-05:00``; UTC where there is none."""
    text = context.values.get("utc_offset", "")
    if not text:
        return UTC
    sign = -1 if text.startswith("-") else 1
    hours, _, minutes = text.lstrip("+-").partition(":")
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes or 0)))
