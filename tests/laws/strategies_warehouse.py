"""Canonical messages that the documents between depositor and warehouse can say."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    Carrier,
    OrderRelease,
    OrderReleaseLine,
    ReceiptAdvice,
    ReceiptException,
    ReceiptLine,
    StockAdjustment,
    StockAdjustmentLine,
    StockTransfer,
    StockTransferLine,
)
from tests.laws.values import FREIGHT, MODES, dates, items, lists, maybe, number, parties, quantities, text, weights

TRAILERS = st.sampled_from(["RDWU 53112", "AB 1"])
LOTS = st.none() | text(30)


@st.composite
def _carriers(draw: st.DrawFn) -> Carrier:
    """With what W27 and W08 ask for; routing holds 35 characters."""
    scac = draw(maybe(text(4, 2)))
    return Carrier(scac=scac, name=draw(maybe(text(35)) if scac else text(35)), mode=draw(maybe(MODES)))


def _with_lot(line: Any) -> Any:
    """An expiry date goes with its lot number."""
    return line if line.lot_number else line.model_copy(update={"expiry_date": None})


@st.composite
def releases(draw: st.DrawFn) -> OrderRelease:
    carrier = draw(maybe(_carriers()))
    if carrier:
        carrier = carrier.model_copy(update={"service_code": draw(maybe(text(10)))})
    line = st.builds(OrderReleaseLine, line_id=text(30), item=items(), quantity=quantities)
    return OrderRelease(
        id=draw(text(22)),
        order_id=draw(text(22)),
        site=draw(text(20, 2)),
        ship_to=draw(parties()),
        requested_ship_date=draw(maybe(dates)),
        latest_delivery_date=draw(maybe(dates)),
        carrier=carrier,
        freight_payment=draw(FREIGHT if carrier else maybe(FREIGHT)),
        notes=draw(lists(text(80))),
        lines=draw(lists(line, 1, 4)),
    )


transfers = st.builds(
    StockTransfer,
    id=text(22),
    shipment_id=maybe(text(30)),
    order_id=maybe(text(22)),
    shipped_date=dates,
    estimated_delivery_date=maybe(dates),
    site=text(20, 2),
    ship_from=maybe(parties()),
    carrier=_carriers(),
    freight_payment=maybe(FREIGHT),
    trailer_number=maybe(TRAILERS | st.just("53112")),
    seal_number=maybe(text(15, 2)),
    bill_of_lading=maybe(text(30)),
    pro_number=maybe(text(30)),
    gross_weight=maybe(weights),
    notes=lists(text(80)),
    lines=lists(
        st.builds(
            StockTransferLine,
            line_id=maybe(text(30)),
            item=items(),
            quantity=quantities,
            lot_number=LOTS,
            expiry_date=maybe(dates),
        ).map(_with_lot),
        1,
        4,
    ),
)


@st.composite
def receipts(draw: st.DrawFn) -> ReceiptAdvice:
    exception = st.builds(
        ReceiptException,
        condition=st.sampled_from(["SHORT", "OVER", "DAMAGED", "REJECTED", "GOOD", "09"]),
        quantity=quantities,
        reason_code=maybe(st.sampled_from(["WC", "BD"])),
        lot_number=maybe(text(12)),
    )
    line = st.builds(
        ReceiptLine,
        line_id=maybe(text(30)),
        item=items(),
        received=st.builds(lambda one, value: one.model_copy(update={"value": value}), quantities, number(1)),
        lot_number=LOTS,
        expiry_date=maybe(dates),
        exceptions=lists(exception),
    )
    carrier = draw(maybe(_carriers().filter(lambda carrier: carrier.scac is not None)))
    return ReceiptAdvice(
        id=draw(text(12)),
        receipt_date=draw(dates),
        transfer_id=draw(maybe(text(22))),
        shipment_id=draw(maybe(text(30))),
        order_id=draw(maybe(text(30))),
        site=draw(text(20, 2)),
        ship_from=draw(maybe(parties())),
        carrier=carrier,
        trailer_number=draw(maybe(TRAILERS)) if carrier else None,
        seal_number=draw(maybe(text(15, 2))) if carrier else None,
        bill_of_lading=draw(maybe(text(30))),
        pro_number=draw(maybe(text(30))),
        notes=draw(lists(text(80))),
        lines=draw(lists(line.map(_with_lot), 1, 4)),
    )


adjustments = st.builds(
    StockAdjustment,
    id=text(22),
    adjustment_date=dates,
    depositor_id=text(22),
    site=text(20, 2),
    notes=lists(text(80)),
    lines=lists(
        st.builds(
            StockAdjustmentLine,
            line_id=maybe(text(30)),
            item=items(),
            reason_code=st.sampled_from(["AA", "51", "UD"]),
            quantity=st.builds(
                lambda one, sign: one.model_copy(update={"value": one.value * sign}),
                quantities,
                st.sampled_from([1, -1]),
            ),
            lot_number=LOTS,
            expiry_date=maybe(dates),
            transaction_type=maybe(st.sampled_from(["DM", "WH"])),
        ).map(_with_lot),
        1,
        4,
    ),
)

SAYABLE: dict[str, st.SearchStrategy[Any]] = {
    "x12/940": releases(),
    "x12/943": transfers,
    "x12/944": receipts(),
    "x12/947": adjustments,
}
