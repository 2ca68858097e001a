"""214 Transportation Carrier Shipment Status Message ⇄ TransportationStatus.

Many codes mean one status, so that an event is written with the code it was read with, or the first one of its status;
a code that means something else than the event's status is refused. A code outside the table is UNKNOWN, never
DELIVERED: only D1 says unloaded, X1 and X5 say arrived. An estimate (AG, X2) or an appointment to deliver is no event.
AT707 names the zone; without one, and with LT, the time is that of the context's offset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.canonical import DeliveryStatus, TrackingEvent, TransportationStatus
from hub.canonical.values import Canonical, Text
from hub.mapping.codecs import an
from hub.mapping.notation import Loop, M, Via, loop, moment, pairs, row, skip, spread
from hub.mapping.x12_mapping import document
from mappings.x12.codes import COUNTRY
from mappings.x12.warehouse import pieces

__all__ = ["SHIPMENT_STATUS"]

CODES: Mapping[DeliveryStatus, tuple[str, ...]] = {
    DeliveryStatus.PRE_TRANSIT: ("XB", "X3", "X8", "L1", "OO"),
    DeliveryStatus.PICKED_UP: ("AF", "CP", "AM", "CL"),
    DeliveryStatus.IN_TRANSIT: ("X6", "X4", "P1", "J1", "R1", "AR", "RL", "X1", "X5", "AN", "BA", "I1", "OA"),
    DeliveryStatus.OUT_FOR_DELIVERY: ("AJ",),
    DeliveryStatus.AVAILABLE_FOR_PICKUP: ("AV", "AW"),
    DeliveryStatus.DELIVERED: ("D1",),
    DeliveryStatus.ATTEMPT_FAILED: ("AH", "AP"),
    DeliveryStatus.EXCEPTION: ("SD", "A9", "K1", "PR", "BC", "AI"),
    DeliveryStatus.RETURNING: ("A7",),
    DeliveryStatus.RETURNED: ("A3",),
    DeliveryStatus.CANCELLED: ("CA",),
}
"""1650, the code that is written first. X6 is en route to delivery: out for delivery only by a partner's own guide."""

STATUS: Mapping[str, DeliveryStatus] = {code: status for status, codes in CODES.items() for code in codes}
ESTIMATES = ("AG", "X2")
NORMAL = "NS"
APPOINTMENTS: Mapping[str, str] = {"AA": "PICKUP APPOINTMENT", "XA": "PICKUP APPOINTMENT SECURED"}
EXPECTED = ("AB", "X9")
"""1652: an appointment to pick up comes before transit; one to deliver is an estimate, not a scan."""


class Detail(Canonical):
    """AT7 with MS1."""

    code: Text | None = None
    reason: Text | None = None
    appointment: Text | None = None
    appointment_reason: Text | None = None
    at: datetime | None = None
    city: Text | None = None
    region: Text | None = None
    country: Text | None = None


class Entry(Canonical):
    """LX. ``remarks``: K1; the one that begins with SIGNED BY names who received the goods."""

    number: Text | None = None
    tracking: Text | None = None
    bill: Text | None = None
    order: Text | None = None
    remarks: tuple[Text, ...] = ()
    details: tuple[Detail, ...] = ()


class Message(Canonical):
    """The document."""

    tracking_number: Text | None = None
    shipment_id: Text | None = None
    carrier_scac: Text | None = None
    other_number: Text | None = None
    other_bill: Text | None = None
    bill_of_lading: Text | None = None
    order_id: Text | None = None
    entries: tuple[Entry, ...] = ()


_SIGNED = "SIGNED BY "
_REMARK_LENGTH = 30


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        entries = data.pop("entries", [])
        for column, name in (("other_number", "tracking_number"), ("other_bill", "bill_of_lading")):
            other = data.pop(column, None)
            if other:
                data.setdefault(name, other)
        for entry in entries:
            for column, name in (
                ("tracking", "tracking_number"),
                ("bill", "bill_of_lading"),
                ("order", "order_id"),
            ):
                if column in entry:
                    data.setdefault(name, entry[column])
        number = data.setdefault("tracking_number", data.get("shipment_id", data.get("bill_of_lading", "")))
        if not number:
            msg = "neither B10 nor L11 names the shipment"
            raise ValueError(msg)
        found = [(detail, entry) for entry in entries for detail in entry.get("details", ()) if "at" in detail]
        estimates = [detail["at"] for detail, _ in found if _planned(detail)]
        if estimates:
            data["estimated_delivery_at"] = estimates[-1]
        events = [
            _event(detail, entry, entry.get("tracking", number)) for detail, entry in found if not _planned(detail)
        ]
        data["events"] = sorted(events, key=lambda event: event["occurred_at"])
    return documents


def _planned(detail: Mapping[str, Any]) -> bool:
    return detail.get("code") in ESTIMATES or detail.get("appointment") in EXPECTED


def _event(detail: Mapping[str, Any], entry: Mapping[str, Any], number: str) -> dict[str, Any]:
    code, appointment = detail.get("code"), detail.get("appointment")
    status = STATUS.get(code or "", DeliveryStatus.PRE_TRANSIT if appointment else DeliveryStatus.UNKNOWN)
    reason = detail.get("reason", detail.get("appointment_reason"))
    remarks: list[str] = entry.get("remarks", [])
    last = next((index for index, text in enumerate(remarks) if text.startswith(_SIGNED)), len(remarks))
    event = {
        "tracking_number": number,
        "status": status,
        "occurred_at": detail["at"],
        "raw_code": code or appointment,
        "raw_text": " ".join(remarks[:last]) or APPOINTMENTS.get(appointment or ""),
        "reason_code": None if reason == NORMAL else reason,
        "city": detail.get("city"),
        "region": detail.get("region"),
        "country": detail.get("country"),
        "received_by": " ".join(remarks[last:]).removeprefix(_SIGNED),
    }
    return {name: value for name, value in event.items() if value}


def _write(messages: Sequence[TransportationStatus]) -> list[Message]:
    return [
        Message.model_construct(
            tracking_number=message.tracking_number,
            shipment_id=message.shipment_id,
            carrier_scac=message.carrier_scac,
            other_number=None,
            other_bill=None,
            bill_of_lading=None,
            order_id=None,
            entries=_entries(message),
        )
        for message in messages
    ]


def _entries(message: TransportationStatus) -> tuple[Entry, ...]:
    """One LX an event; the first carries the shipper's references."""
    made = [
        Entry.model_construct(
            tracking=None if event.tracking_number == message.tracking_number else event.tracking_number,
            remarks=_remarks(event),
            details=(_detail(event),),
        )
        for event in message.events
    ]
    if message.estimated_delivery_at:
        estimate = Detail.model_construct(code=ESTIMATES[0], reason=NORMAL, at=message.estimated_delivery_at)
        made.append(Entry.model_construct(details=(estimate,)))
    first = {"bill": message.bill_of_lading, "order": message.order_id}
    return tuple(
        entry.model_copy(update={"number": str(number), **(first if number == 1 else {})})
        for number, entry in enumerate(made, 1)
    )


def _remarks(event: TrackingEvent) -> tuple[str, ...]:
    told = event.raw_text if event.raw_text != APPOINTMENTS.get(event.raw_code or "") else None
    signed = f"{_SIGNED}{event.received_by}" if event.received_by else None
    return tuple(part for text in (told, signed) if text for part in pieces(text, _REMARK_LENGTH))


def _detail(event: TrackingEvent) -> Detail:
    code = event.raw_code or next(iter(CODES.get(event.status, ("",))))
    appointment = code in APPOINTMENTS
    if not code or (STATUS.get(code, DeliveryStatus.UNKNOWN) is not event.status and not appointment):
        msg = f"no code of element 1650 says {event.status}" + (f" with {event.raw_code!r}" if event.raw_code else "")
        raise ValueError(msg)
    reason = event.reason_code or NORMAL
    return Detail.model_construct(
        code=None if appointment else code,
        reason=None if appointment else reason,
        appointment=code if appointment else None,
        appointment_reason=reason if appointment else None,
        at=event.occurred_at,
        city=event.city,
        region=event.region,
        country=event.country,
    )


_DETAIL = loop(
    "AT7",
    "details[]",
    row("AT701", "code", an),
    row("AT702", "reason", an),
    row("AT703", "appointment", an),
    row("AT704", "appointment_reason", an),
    moment("AT705", "at", M, time=6, zone=7),
    row("MS101", "city", an),
    row("MS102", "region", an),
    row("MS103", "country", COUNTRY),
    *(skip(f"MS2{element}", why="which trailer it was does not matter here") for element in ("01", "02", "03", "04")),
)
_REFERENCES = (
    row("L11[02=BM]01", "bill", an),
    row("L11[02=PO]01", "order", an),
    row("L11[02=2I]01", "tracking", an),
)
_REMARK = (spread("K101", "remarks[]", an, across=2),)
_WEIGHT = tuple(
    skip(f"AT8{element}", why="weights and pieces are told by the shipper")
    for element in ("01", "02", "03", "04", "05", "06", "07")
)


def _known(role: str) -> Loop:
    wires = ("N102", "N103", "N104", "N301", "N302", "N401", "N402", "N403", "N404")
    return loop(f"N1[{role}]", ".", *(skip(wire, why="who ships to whom is known from the order") for wire in wires))


SHIPMENT_STATUS = document(
    "214",
    group="QM",
    model=TransportationStatus,
    via=Via(model=Message, read=_read, write=_write),
    rows=(
        row("B1001", "tracking_number", an),
        row("B1002", "shipment_id", an),
        row("B1003", "carrier_scac", an, M),
        pairs(
            "B1005",
            ("CN", "other_number", an),
            ("2I", "other_number", an),
            ("BM", "other_bill", an),
            most=1,
        ),
        row("L11[02=BM]01", "bill_of_lading", an),
        row("L11[02=PO]01", "order_id", an),
        *(_known(role) for role in ("SH", "CN", "SF", "ST", "BT")),
        loop("LX", "entries[]", row("LX01", "number", an), _DETAIL, *_REFERENCES, *_REMARK, *_WEIGHT, only="004010"),
        loop("LX", "entries[]", row("LX01", "number", an), *_REFERENCES, *_REMARK, *_WEIGHT, _DETAIL, only="005010"),
    ),
)
