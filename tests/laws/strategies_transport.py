"""Canonical messages that carriers' documents can say."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hub.canonical import DeliveryStatus, TrackingEvent, TransportationStatus
from mappings.x12.p214_shipment_status import STATUS
from tests.laws.values import lists, maybe, moments, text

CODES = st.sampled_from(sorted(set(STATUS) - {"AW"}))
PLACES = st.sampled_from([{}, {"city": "TULSA", "region": "OK"}, {"city": "TULSA", "region": "OK", "country": "US"}])


@st.composite
def _events(draw: st.DrawFn, number: str) -> TrackingEvent:
    pickup = draw(st.booleans())
    code = "AA" if pickup else draw(CODES | st.just("CD"))
    remark = maybe(text(30).filter(lambda words: not words.startswith("SIGNED BY ")))
    return TrackingEvent(
        tracking_number=draw(st.just(number) | text(30)),
        status=DeliveryStatus.PRE_TRANSIT if pickup else STATUS.get(code, DeliveryStatus.UNKNOWN),
        occurred_at=draw(moments),
        raw_code=code,
        raw_text="PICKUP APPOINTMENT" if pickup else draw(remark),
        reason_code=draw(maybe(st.sampled_from(["AO", "B1", "BG"]))),
        received_by=draw(maybe(text(20))),
        **draw(PLACES),
    )


@st.composite
def statuses(draw: st.DrawFn) -> TransportationStatus:
    number = draw(text(30))
    events = draw(lists(_events(number), 1, 4))
    return TransportationStatus(
        tracking_number=number,
        carrier_scac=draw(text(4, 2)),
        shipment_id=draw(maybe(text(30))),
        bill_of_lading=draw(maybe(text(30))),
        order_id=draw(maybe(text(30))),
        estimated_delivery_at=draw(maybe(moments)),
        events=tuple(sorted(events, key=lambda event: event.occurred_at)),
    )


SAYABLE: dict[str, st.SearchStrategy[Any]] = {"x12/214": statuses()}
