"""Date, time and zone elements as one aware datetime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hub.contracts.mapping import Context

__all__ = ["read_moment", "write_moment"]

_HOURS = {"UT": 0, "GM": 0, "ES": -5, "ED": -4, "CS": -6, "CD": -5, "MS": -7, "MD": -6, "PS": -8, "PD": -7}
"""X12 element 623, the codes that name one offset."""
_STANDARD = {"TT": -4, "ET": -5, "CT": -6, "MT": -7, "PT": -8, "AT": -9}
"""X12 element 623, the codes of a zone that keeps daylight saving time: its standard offset."""


def read_moment(day: str, time: str, zone: str, context: Context) -> datetime:
    """CCYYMMDD and HHMM, HHMMSS or HHMMSSd[d]. Raises ValueError."""
    if len(day) != 8 or not (day + time).isdigit() or len(time) not in (0, 4, 6, 7, 8):
        raise ValueError(day + time)
    moment = datetime.fromisoformat(f"{day}T{time[:6] or '0000'}")
    moment += timedelta(milliseconds=int(time[6:].ljust(3, "0"))) if len(time) > 6 else timedelta()
    if not zone or zone == "LT":
        return moment.replace(tzinfo=_zone(context))
    hours = _STANDARD[zone] + _daylight(moment) if zone in _STANDARD else _HOURS.get(zone)
    if hours is None:
        raise ValueError(zone)
    return moment.replace(tzinfo=timezone(timedelta(hours=hours)) if hours else UTC)


def _daylight(local: datetime) -> bool:
    """Whether clocks in the United States and Canada are an hour ahead: 15 U.S.C. 260a, as it is since 2007.

    Second Sunday in March to first Sunday in November, at two o'clock; the hour that comes twice is the earlier one.
    """
    start, end = datetime(local.year, 3, 8, 2), datetime(local.year, 11, 1, 2)  # noqa: DTZ001 - local like the argument
    return start + _to_sunday(start) <= local < end + _to_sunday(end)


def _to_sunday(day: datetime) -> timedelta:
    return timedelta(days=6 - day.weekday())


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
