"""214: what a status code means and what it does not, zones of AT707, and what cannot be written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hub.canonical import DeliveryStatus, TransportationStatus
from hub.contracts.mapping import Context
from hub.errors import BadDocument
from hub.mapping.x12_mapping import X12Mapping
from mappings import CATALOG
from tests.laws.wire import read_body


def status(body: str, context: Context | None = None) -> TransportationStatus:
    reading = read_body("214", body, context=context)
    assert (reading.problems, reading.unmapped) == ((), ())
    assert isinstance(reading.message, TransportationStatus)
    return reading.message


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("D1", DeliveryStatus.DELIVERED),
        ("X1", DeliveryStatus.IN_TRANSIT),
        ("X5", DeliveryStatus.IN_TRANSIT),
        ("CD", DeliveryStatus.UNKNOWN),
        ("A7", DeliveryStatus.RETURNING),
        ("A3", DeliveryStatus.RETURNED),
        ("AH", DeliveryStatus.ATTEMPT_FAILED),
        ("SD", DeliveryStatus.EXCEPTION),
        ("AF", DeliveryStatus.PICKED_UP),
    ],
)
def test_only_d1_is_delivered(code: str, meaning: DeliveryStatus) -> None:
    (event,) = status(f"B10*PRO1**RDWY\nLX*1\nAT7*{code}*NS***20261120*1200*UT").events
    assert (event.status, event.raw_code, event.reason_code) == (meaning, code, None)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("UT", 0), ("ET", -5), ("ES", -5), ("ED", -4), ("CT", -6), ("PT", -8), ("LT", -7), ("", -7)],
)
def test_a_zone_code_or_the_offset_of_the_context(zone: str, hours: int) -> None:
    context = Context(values={"utc_offset": "-07:00"})
    (event,) = status(f"B10*PRO1**RDWY\nLX*1\nAT7*X6*NS***20261120*1200*{zone}", context).events
    assert event.occurred_at == datetime(2026, 11, 20, 12, tzinfo=timezone(timedelta(hours=hours)))


@pytest.mark.parametrize(
    ("day", "time", "hours"),
    [
        ("20260308", "0159", -6),
        ("20260308", "0300", -5),
        ("20260701", "1200", -5),
        ("20261101", "0159", -5),
        ("20261101", "0200", -6),
    ],
)
def test_daylight_saving_time_follows_the_day(day: str, time: str, hours: int) -> None:
    (event,) = status(f"B10*PRO1**RDWY\nLX*1\nAT7*X6*NS***{day}*{time}*CT").events
    assert event.occurred_at.utcoffset() == timedelta(hours=hours)


def test_an_estimate_and_an_appointment_to_deliver_are_no_events() -> None:
    found = status(
        "B10*PRO1**RDWY\nLX*1\nAT7*X4*NS***20261120*1200*UT\nLX*2\nAT7*AG*NS***20261122*1700*UT\n"
        "LX*3\nAT7***X9*NS*20261123*1500*UT"
    )
    assert [event.raw_code for event in found.events] == ["X4"]
    assert found.estimated_delivery_at == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_references_may_stand_in_the_heading_and_events_come_in_any_order() -> None:
    found = status(
        "B10**SHP-1*RDWY**CN*PRO1\nL11*BOL1*BM\nL11*PO1*PO\nN1*SH*ACME\nN3*1 DOCK RD\nN4*RENO*NV*89502*US\n"
        "LX*1\nAT7*D1*NS***20261121*1200*UT\nMS2*RDWY*53112\nLX*2\nAT7*AF*NS***20261120*1200*UT\nAT8*G*L*500*3"
    )
    assert (found.tracking_number, found.shipment_id) == ("PRO1", "SHP-1")
    assert (found.bill_of_lading, found.order_id) == ("BOL1", "PO1")
    assert [event.raw_code for event in found.events] == ["AF", "D1"]


def test_a_status_is_written_with_its_code_and_never_with_one_of_another_status() -> None:
    mapping = CATALOG["x12/214"]
    assert isinstance(mapping, X12Mapping)
    found = status("B10*PRO1**RDWY\nLX*1\nAT7*X4*NS***20261120*1200*UT")
    (event,) = found.events

    def written(**changes: object) -> list[str]:
        message = found.model_copy(update={"events": (event.model_copy(update=changes),)})
        return mapping.write(message, Context())[2]

    assert written(raw_code=None, status=DeliveryStatus.DELIVERED)[1] == "D1"
    with pytest.raises(BadDocument, match="no code of element 1650 says DELIVERED with 'X4'"):
        written(status=DeliveryStatus.DELIVERED)
    with pytest.raises(BadDocument, match="no code of element 1650 says UNKNOWN"):
        written(raw_code=None, status=DeliveryStatus.UNKNOWN)


def test_a_message_that_names_no_shipment_is_told() -> None:
    reading = read_body("214", "B10***RDWY**ZZ*X\nLX*1\nAT7*X4*NS***20261120*1200*UT")
    assert reading.message is None
    assert [problem.message for problem in reading.problems] == ["Neither B10 nor L11 names the shipment."]
