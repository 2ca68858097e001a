"""Canonical messages that tenders, their answers and freight bills can say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    Contact,
    FreightCharge,
    FreightInvoice,
    FreightLine,
    LoadTender,
    LoadTenderResponse,
    Money,
    Party,
    Purpose,
    Quantity,
    Stop,
    StopOrder,
    StopReason,
    TenderAnswer,
)
from tests.laws.values import (
    CURRENCIES,
    FREIGHT,
    MODES,
    dates,
    lists,
    maybe,
    moments,
    money,
    number,
    parties,
    quantities,
    text,
)

WEIGHTS = st.builds(Quantity, value=number(2), uom=st.sampled_from(["LBR", "KGM", "TNE"]))
CONTACTS = st.builds(Contact, name=text(60), telephone=maybe(text(20))) | st.builds(
    Contact, name=text(60), electronic_mail=text(40)
)


@st.composite
def _places(draw: st.DrawFn) -> Party:
    return draw(parties()).model_copy(update={"contact": draw(maybe(CONTACTS))})


def _tells(order: StopOrder) -> bool:
    return bool(order.id or order.order_id)


ORDERS = st.builds(StopOrder, id=maybe(text(30)), order_id=maybe(text(22)), weight=maybe(WEIGHTS)).filter(_tells)
STOPS = st.builds(
    Stop,
    sequence=st.integers(1, 999),
    reason=st.sampled_from(StopReason),
    place=_places(),
    earliest_at=maybe(moments),
    latest_at=maybe(moments),
    weight=maybe(WEIGHTS),
    quantity=maybe(quantities),
    appointment_number=maybe(text(30)),
    notes=lists(text(80)),
    orders=lists(
        st.builds(StopOrder, id=maybe(text(30)), order_id=maybe(text(22)), weight=maybe(WEIGHTS)).filter(_tells)
    ),
)


@st.composite
def tenders(draw: st.DrawFn) -> LoadTender:
    equipment = draw(maybe(st.sampled_from(["TF", "RT", "TL"])))
    return LoadTender(
        shipment_id=draw(text(30)),
        purpose=draw(st.sampled_from(Purpose)),
        carrier_scac=draw(text(4, 2)),
        freight_payment=draw(FREIGHT),
        mode=draw(maybe(MODES)),
        bill_of_lading=draw(maybe(text(30))),
        order_id=draw(maybe(text(30))),
        respond_by=draw(maybe(moments)),
        equipment_type=equipment,
        trailer_number=draw(maybe(st.sampled_from(["RDWU 53112", "53112"]))),
        bill_to=draw(maybe(parties())),
        weight=draw(maybe(WEIGHTS)),
        charge=draw(maybe(money("USD"))),
        notes=draw(lists(text(80))),
        stops=draw(lists(STOPS, 1, 3)),
    )


@st.composite
def responses(draw: st.DrawFn) -> LoadTenderResponse:
    """A reason goes with the carrier's reference."""
    reference = draw(maybe(text(30)))
    return LoadTenderResponse(
        shipment_id=draw(text(30)),
        carrier_scac=draw(text(4, 2)),
        answer=draw(st.sampled_from(TenderAnswer)),
        answer_date=draw(maybe(dates)),
        reference=reference,
        reason=draw(maybe(text(45))) if reference else None,
    )


@st.composite
def bills(draw: st.DrawFn) -> FreightInvoice:
    currency = draw(CURRENCIES)

    def charge() -> FreightCharge:
        amount = draw(number(2)) * draw(st.sampled_from([1, -1]))
        rated = draw(st.booleans())
        return FreightCharge(
            amount=Money(amount=amount, currency=currency),
            code=draw(maybe(st.sampled_from(["FUE", "LFT", "DIS"]))),
            description=draw(maybe(text(25, 2))),
            rate=draw(number(2)) if rated else None,
            rate_basis="PH" if rated else None,
        )

    def line(line_id: int) -> FreightLine:
        weight, counted = draw(maybe(WEIGHTS)), draw(st.booleans())
        return FreightLine(
            line_id=line_id,
            description=draw(maybe(text(50))),
            freight_class=draw(maybe(st.sampled_from(["85", "77.5"]))),
            weight=weight,
            weight_kind=draw(st.sampled_from(["GROSS", "BILLED", "A3"])) if weight else None,
            pieces=draw(st.integers(1, 9999)) if counted else None,
            packaging="CTN" if counted else None,
            charges=tuple(charge() for _ in range(draw(st.integers(0, 2)))),
        )

    lines = tuple(line(index) for index in range(1, 1 + draw(st.integers(1, 3))))
    total = sum((entry.amount.amount for found in lines for entry in found.charges), Decimal(0))
    return FreightInvoice(
        id=draw(text(22)),
        issue_date=draw(dates),
        shipment_id=draw(maybe(text(30))),
        carrier_scac=draw(text(4, 2)),
        freight_payment=draw(FREIGHT),
        currency=currency,
        bill_of_lading=draw(maybe(text(30))),
        pro_number=draw(maybe(text(30))),
        order_ids=draw(lists(text(30))),
        pickup_date=draw(maybe(dates)),
        delivery_date=draw(maybe(dates)),
        shipper=draw(maybe(parties())),
        consignee=draw(maybe(parties())),
        bill_to=draw(maybe(parties())),
        gross_weight=draw(maybe(WEIGHTS)),
        lines=lines,
        payable=Money(amount=total, currency=currency),
    )


SAYABLE: dict[str, st.SearchStrategy[Any]] = {"x12/204": tenders(), "x12/210": bills(), "x12/990": responses()}
