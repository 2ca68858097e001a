"""The order's balance after each message."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical import (
    DeliveryStatus,
    PickConfirmation,
    PickLine,
    Quantity,
    Remainder,
    TrackingEvent,
    TransportationStatus,
)
from hub.errors import Held, NotYet
from hub.orders import derive
from hub.orders.lifecycle import apply, require
from hub.orders.state import Stage
from tests.orders.samples import NOW, each, known, opened, order, shipment, usd


def test_a_new_order_is_open_in_full() -> None:
    state = opened()
    assert [(line.ordered, line.open) for line in state.lines] == [(10, 10), (3, 3)]
    assert state.stage is Stage.ORDERED


def test_a_short_line_stays_open_as_backorder() -> None:
    state = apply(opened(), shipment(short=2), NOW, "m2")
    line = state.lines[0]
    assert (line.shipped, line.backordered, line.cancelled, line.open) == (8, 2, 0, 2)
    assert state.stage is Stage.PARTLY_SHIPPED


def test_a_cancelled_remainder_closes_the_line() -> None:
    state = apply(opened(), shipment(short=2, remainder=Remainder.CANCEL), NOW, "m2")
    assert (state.lines[0].cancelled, state.lines[0].open, state.stage) == (2, 0, Stage.SHIPPED)


@given(st.lists(st.integers(min_value=1, max_value=4), max_size=4))
def test_the_quantity_equation_holds_after_every_shipment(shipped: list[int]) -> None:
    state = opened()
    for number, value in enumerate(shipped):
        confirmed = shipment(short=10 - min(value, int(state.lines[0].open)), shipment_id=f"S{number}")
        confirmed = confirmed.model_copy(update={"lines": confirmed.lines[:1]})
        if not state.lines[0].open:
            break
        state = apply(state, confirmed, NOW, f"m{number}")
        for line in state.lines:
            assert line.ordered == line.shipped + line.cancelled + line.open
            assert line.open >= 0


def test_more_than_is_open_is_held() -> None:
    state = apply(opened(), shipment(short=0), NOW, "m2")
    with pytest.raises(Held, match="only 0 are open"):
        apply(state, shipment(short=0, shipment_id="SHP-2"), NOW, "m3")


@pytest.mark.parametrize(
    ("line_id", "uom", "words"), [("9", "EA", "has no line 9"), ("1", "CS", "ordered in EA and is confirmed in CS")]
)
def test_a_pick_that_contradicts_the_order_is_held(line_id: str, uom: str, words: str) -> None:
    """F-88: a unit that differs is never changed silently."""
    picked = PickConfirmation(
        id="P1",
        occurred_at=NOW,
        site="RNO1",
        seller_order_id="BIGBOX-PO-1",
        order_id="PO-1",
        lines=(PickLine(line_id=line_id, ordered=each(10), picked=Quantity(value=Decimal(1), uom=uom)),),
    )
    with pytest.raises(Held, match=words):
        apply(opened(), picked, NOW, "m2")


def test_a_confirmation_of_an_unknown_order_waits() -> None:
    with pytest.raises(NotYet, match="Order PO-1 is not known"):
        require(None, shipment())


def _scan(status: DeliveryStatus, hour: int, **more: str) -> TransportationStatus:
    at = datetime(2026, 11, 21, hour, tzinfo=UTC)
    event = TrackingEvent(tracking_number="1Z1", status=status, occurred_at=at, **more)
    return TransportationStatus(tracking_number="1Z1", events=(event,))


def test_proof_of_delivery_is_kept_and_late_scans_do_not_undo_it() -> None:
    state = apply(opened(), shipment(), NOW, "m2")
    state = apply(state, _scan(DeliveryStatus.DELIVERED, 15, received_by="DOCK"), NOW, "m3")
    state = apply(state, _scan(DeliveryStatus.IN_TRANSIT, 9), NOW, "m4")
    parcel = state.shipments[0].parcels[0]
    assert (parcel.status, parcel.received_by) == (DeliveryStatus.DELIVERED, "DOCK")
    assert not state.delivered, "the second parcel has no proof yet"


def test_what_is_derived_adds_up_to_the_cent() -> None:
    state = apply(opened(), shipment(short=2), NOW, "m2")
    invoice = derive.draft_invoice(known(shipment(short=2), state), "INV-1")
    assert [line.line_extension.amount for line in invoice.lines] == [Decimal("79.60"), Decimal("13.50")]
    assert invoice.allowance_charges[0].amount == usd("9.50")
    assert invoice.payable == usd("102.60")
    assert apply(state, invoice, NOW, "m3").lines[0].invoiced == 8


def test_the_ship_notice_carries_each_package_once() -> None:
    notice = derive.ship_notice(known(shipment(short=2), apply(opened(), shipment(short=2), NOW, "m2")))
    assert [package.tracking_number for package in notice.packages] == ["1Z1", "1Z2"]
    assert sum(line.shipped.value for package in notice.packages for line in package.lines) == 11


def test_the_answer_covers_every_line() -> None:
    answer = derive.order_response(known(order()))
    assert [line.confirmed_quantity.value for line in answer.lines] == [10, 3]
    assert apply(opened(), answer, NOW, "m2").stage is Stage.CONFIRMED
