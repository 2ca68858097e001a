"""Tracking answer in the shape of UPS → TransportationStatus.

Source: github.com/UPS-API/api-documentation, Tracking.yaml. UPS calls several things type D, so that only the status
code 011 is taken for delivered. Events come newest first and leave oldest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hub.canonical import DeliveryStatus, TransportationStatus
from hub.canonical.values import Canonical
from hub.mapping.json_codecs import text, word
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, Via, loop, row, skip

__all__ = ["CARRIER_TRACKING"]

BY_STATUS_CODE: Mapping[str, DeliveryStatus] = {
    "003": DeliveryStatus.PRE_TRANSIT,
    "005": DeliveryStatus.IN_TRANSIT,
    "011": DeliveryStatus.DELIVERED,
    "013": DeliveryStatus.EXCEPTION,
    "021": DeliveryStatus.OUT_FOR_DELIVERY,
}
BY_CODE: Mapping[str, DeliveryStatus] = {
    "MP": DeliveryStatus.PRE_TRANSIT,
    "OR": DeliveryStatus.PICKED_UP,
    "PU": DeliveryStatus.PICKED_UP,
    "AR": DeliveryStatus.IN_TRANSIT,
    "DP": DeliveryStatus.IN_TRANSIT,
    "OT": DeliveryStatus.OUT_FOR_DELIVERY,
    "OF": DeliveryStatus.OUT_FOR_DELIVERY,
    "RP": DeliveryStatus.AVAILABLE_FOR_PICKUP,
    "ZP": DeliveryStatus.AVAILABLE_FOR_PICKUP,
    "VD": DeliveryStatus.CANCELLED,
}
BY_TYPE: Mapping[str, DeliveryStatus] = {
    "M": DeliveryStatus.PRE_TRANSIT,
    "MV": DeliveryStatus.PRE_TRANSIT,
    "P": DeliveryStatus.PICKED_UP,
    "I": DeliveryStatus.IN_TRANSIT,
    "X": DeliveryStatus.EXCEPTION,
    "RS": DeliveryStatus.RETURNING,
}


class Scan(Canonical):
    """One activity as UPS says it."""

    type: str | None = None
    code: str | None = None
    status_code: str | None = None
    words: str | None = None
    date: str | None = None
    time: str | None = None
    gmt_date: str | None = None
    gmt_time: str | None = None
    gmt_offset: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None


class Answer(Canonical):
    """What UPS says of one parcel."""

    tracking_number: str
    received_by: str | None = None
    scans: tuple[Scan, ...] = ()


def _status_of(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**_number(answer), "events": [_event(scan, answer) for scan in reversed(answer.get("scans", []))]}
        for answer in answers
    ]


def _number(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"tracking_number": answer["tracking_number"]} if "tracking_number" in answer else {}


def _event(scan: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    event = {
        **_number(answer),
        "received_by": answer.get("received_by") if _status(scan) is DeliveryStatus.DELIVERED else None,
        "status": _status(scan),
        "occurred_at": _at(scan),
        "raw_code": _code(scan) or scan.get("code") or scan.get("type"),
        "raw_text": scan.get("words"),
        "city": scan.get("city"),
        "region": scan.get("region"),
        "country": scan.get("country"),
    }
    return {name: value for name, value in event.items() if value}


def _code(scan: Mapping[str, Any]) -> str:
    code: str = scan.get("status_code", "")
    return code.zfill(3) if code else ""


def _status(scan: Mapping[str, Any]) -> DeliveryStatus:
    return (
        BY_STATUS_CODE.get(_code(scan))
        or BY_CODE.get(scan.get("code", ""))
        or BY_TYPE.get(scan.get("type", ""))
        or DeliveryStatus.UNKNOWN
    )


def _at(scan: Mapping[str, Any]) -> datetime | None:
    """GMT where UPS gives it, else local time with its offset; None where there is no time that can be trusted."""
    day, time, offset = scan.get("gmt_date"), scan.get("gmt_time"), "+00:00"
    if not (day and time):
        day, time, offset = scan.get("date"), scan.get("time"), scan.get("gmt_offset") or ""
    digits = "".join(filter(str.isdigit, f"{day or ''}{time or ''}"))
    try:
        moment = datetime.strptime(digits + offset.replace(":", ""), "%Y%m%d%H%M%S%z")
    except ValueError:
        return None
    return moment.astimezone(UTC)


def _unread(_: Sequence[Any]) -> Sequence[Any]:
    return ()


_PACKAGE = "trackResponse.shipment.0.package.0"

CARRIER_TRACKING = json_document(
    "carrier_tracking",
    model=TransportationStatus,
    direction="read",
    why="several codes of the carrier mean one status",
    via=Via(model=Answer, read=_status_of, write=_unread),
    rows=(
        row("trackResponse.shipment.0.inquiryNumber", "tracking_number", text, M),
        loop(
            f"{_PACKAGE}.activity[]",
            "scans[]",
            row("status.type", "type", word),
            row("status.code", "code", word),
            row("status.statusCode", "status_code", word),
            row("status.description", "words", text),
            row("date", "date", text),
            row("time", "time", text),
            row("gmtDate", "gmt_date", text),
            row("gmtTime", "gmt_time", text),
            row("gmtOffset", "gmt_offset", text),
            row("location.address.city", "city", text),
            row("location.address.stateProvince", "region", text),
            row("location.address.countryCode", "country", text),
        ),
        row(f"{_PACKAGE}.deliveryInformation.receivedBy", "received_by", text),
        skip(f"{_PACKAGE}.trackingNumber", why="the number that was asked for"),
        skip(f"{_PACKAGE}.currentStatus", why="the newest activity says the same"),
    ),
)
