"""Canonical messages that each X12 document can say, for hypothesis; the JSON documents beside them."""

from __future__ import annotations

import string
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    AcknowledgedContext,
    AcknowledgedDocument,
    AcknowledgedError,
    AcknowledgmentStatus,
    Contact,
    FunctionalAcknowledgment,
    Invoice,
    InvoiceLine,
    LineStatus,
    Money,
    Order,
    OrderLine,
    OrderResponse,
    OrderResponseLine,
    Purpose,
    Remittance,
    RemittanceAdjustment,
    RemittanceLine,
    ResponseStatus,
    ShipNotice,
    ShipNoticeLine,
    ShipNoticePackage,
    TaxSubtotal,
)
from tests.laws import strategies_json
from tests.laws.values import (
    ADJUSTMENTS,
    CENT,
    CURRENCIES,
    FREIGHT,
    carriers,
    charges,
    dates,
    items,
    lists,
    maybe,
    moments,
    money,
    number,
    parties,
    quantities,
    ssccs,
    terms,
    text,
    weights,
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    currency = draw(CURRENCIES)
    contacts = st.builds(Contact, name=text(60), telephone=maybe(text(20)), electronic_mail=maybe(text(40)))
    line = st.builds(
        OrderLine, line_id=text(20), item=items(), quantity=quantities, price=maybe(money(currency, places=4))
    )
    carrier = draw(maybe(carriers()))
    if carrier:
        carrier = carrier.model_copy(update={"service_code": draw(maybe(st.sampled_from(["CG", "ND"])))})
    return Order(
        id=draw(text(22)),
        issue_date=draw(dates),
        currency=currency,
        purpose=draw(st.sampled_from(Purpose)),
        type_code=draw(st.sampled_from(["SA", "RL", "DS"])),
        release_id=draw(maybe(text(30))),
        department=draw(maybe(text(30))),
        vendor_id=draw(maybe(text(30))),
        buyer=draw(maybe(parties())),
        seller=draw(maybe(parties())),
        ship_to=draw(maybe(parties())),
        bill_to=draw(maybe(parties())),
        contact=draw(maybe(contacts)),
        requested_delivery_date=draw(maybe(dates)),
        requested_ship_date=draw(maybe(dates)),
        latest_delivery_date=draw(maybe(dates)),
        payment_terms=draw(maybe(terms())),
        freight_payment=draw(maybe(FREIGHT)),
        carrier=carrier,
        allowance_charges=draw(lists(charges(currency))),
        notes=draw(lists(text(200))),
        lines=draw(lists(line, 1, 4)),
        total=draw(maybe(money(currency))),
    )


@st.composite
def order_responses(draw: st.DrawFn) -> OrderResponse:
    currency = draw(CURRENCIES)
    line = st.builds(
        OrderResponseLine,
        line_id=text(20),
        item=items(),
        quantity=quantities,
        price=maybe(money(currency, places=4)),
        status=st.sampled_from(LineStatus),
        confirmed_quantity=quantities,
        scheduled_ship_date=maybe(dates),
    )
    return OrderResponse(
        order_id=draw(text(22)),
        order_date=draw(dates),
        issue_date=draw(dates),
        currency=currency,
        status=draw(st.sampled_from(ResponseStatus)),
        seller_order_id=draw(maybe(text(30))),
        ship_to=draw(maybe(parties())),
        lines=draw(lists(line, 1, 4)),
    )


_NOTICE_LINES = st.builds(ShipNoticeLine, line_id=text(20), item=items(), shipped=quantities, ordered=maybe(quantities))
ship_notices = st.builds(
    ShipNotice,
    id=text(30, 2),
    shipment_id=text(30),
    issued_at=moments,
    shipped_at=moments,
    order_id=text(22),
    order_date=dates,
    department=maybe(text(30)),
    seller_order_id=maybe(text(30)),
    carrier=carriers(),
    bill_of_lading=maybe(text(30)),
    pro_number=maybe(text(30)),
    freight_payment=maybe(FREIGHT),
    gross_weight=maybe(weights),
    estimated_delivery_date=maybe(dates),
    ship_from=parties(),
    ship_to=parties(),
    packages=lists(
        st.builds(
            ShipNoticePackage,
            sscc=maybe(ssccs),
            tracking_number=maybe(text(34)),
            weight=maybe(weights),
            lines=lists(_NOTICE_LINES, 1, 3),
        ),
        1,
        3,
    ),
)


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    currency = draw(CURRENCIES)

    def worth(amount: Decimal) -> Money:
        return Money(amount=amount, currency=currency)

    def line() -> InvoiceLine:
        quantity, price = draw(quantities), draw(money(currency, places=4))
        extension = (quantity.value * price.amount).quantize(CENT, ROUND_HALF_UP)
        return InvoiceLine(
            line_id=draw(text(20)),
            item=draw(items()),
            quantity=quantity,
            price=price,
            line_extension=worth(extension),
            tax=draw(maybe(money(currency))),
        )

    def subtotal(kind: str) -> TaxSubtotal:
        rate, taxable = draw(number(4, 1)), draw(money(currency))
        tax = draw(money(currency))
        return TaxSubtotal(jurisdiction_type=kind, jurisdiction_name=kind, rate=rate, taxable=taxable, tax=tax)

    lines = tuple(line() for _ in range(draw(st.integers(1, 4))))
    extra = draw(lists(charges(currency)))
    tax = draw(money(currency))
    total = sum((entry.line_extension.amount for entry in lines), Decimal(0))
    more = sum((entry.amount.amount if entry.charge else -entry.amount.amount for entry in extra), Decimal(0))
    return Invoice(
        id=draw(text(22)),
        issue_date=draw(dates),
        order_id=draw(text(22)),
        order_date=draw(dates),
        shipment_id=draw(text(30)),
        shipped_date=draw(dates),
        department=draw(maybe(text(30))),
        vendor_id=draw(maybe(text(30))),
        currency=currency,
        seller=draw(parties()),
        bill_to=draw(maybe(parties())),
        ship_to=draw(parties()),
        ship_from=draw(maybe(parties())),
        payment_terms=draw(maybe(terms())),
        carrier_scac=draw(maybe(text(4, 2))),
        bill_of_lading=draw(maybe(text(30))),
        lines=lines,
        allowance_charges=extra,
        tax_subtotals=tuple(map(subtotal, draw(lists(st.sampled_from(["STATE", "COUNTY", "CITY", "SPECIAL"]))))),
        line_extension_total=worth(total),
        tax_total=tax,
        payable=worth(total + more + tax.amount),
    )


@st.composite
def remittances(draw: st.DrawFn) -> Remittance:
    currency = draw(CURRENCIES)
    signed = st.builds(
        lambda worth, sign: Money(amount=worth.amount * sign, currency=currency),
        money(currency),
        st.sampled_from([1, -1]),
    )
    adjustment = st.builds(RemittanceAdjustment, amount=signed, reason_code=ADJUSTMENTS, reference=maybe(text(30)))
    line = st.builds(
        RemittanceLine,
        invoice_id=text(30),
        paid=signed,
        gross=maybe(signed),
        discount=maybe(signed),
        adjustments=lists(adjustment),
    )
    return Remittance(
        id=draw(text(30)),
        payment_date=draw(dates),
        currency=currency,
        total=draw(money(currency)),
        method=draw(st.sampled_from(["ACH", "CHK", "FWT"])),
        payer=draw(maybe(parties())),
        payee=draw(maybe(parties())),
        lines=draw(lists(line, 1, 4)),
    )


_CONTROL = st.text(string.digits, min_size=4, max_size=9)
_SEGMENTS = st.sampled_from(["BIG", "IT1", "N1"])
_LOOPS = maybe(st.sampled_from(["IT1", "N1"]))
_TRIGGERS = st.builds(
    AcknowledgedContext,
    name=st.just("SITUATIONAL TRIGGER"),
    segment=_SEGMENTS,
    position=st.integers(1, 99),
    loop=_LOOPS,
    element=st.integers(1, 25),
    component=maybe(st.integers(1, 9)),
) | st.builds(AcknowledgedContext, name=st.just("BIG02"), value=maybe(text(35)))


def acknowledgments(*, implementation: bool) -> st.SearchStrategy[FunctionalAcknowledgment]:
    """997s, or 999s: those tell versions, conventions and contexts too, and where repeated elements are wrong."""
    context = lists(_TRIGGERS, 0, 2) if implementation else st.just(())
    repetition = maybe(st.integers(1, 99)) if implementation else st.none()
    segment = st.builds(
        AcknowledgedError, segment=_SEGMENTS, position=st.integers(1, 9), loop=_LOOPS, code=st.just("1"),
        context=context,
    )  # fmt: skip
    element = st.builds(
        AcknowledgedError,
        segment=_SEGMENTS,
        position=st.integers(1, 9),
        loop=_LOOPS,
        element=st.integers(1, 25),
        component=maybe(st.integers(1, 9)),
        repetition=repetition,
        code=st.sampled_from(["1", "5", "7", "I6"] if implementation else ["1", "5", "7"]),
        value=maybe(text(99)),
        context=context,
        segment_context=context,
    )
    document = st.builds(
        AcknowledgedDocument,
        document=st.sampled_from(["810", "856", "855"]),
        control_number=_CONTROL,
        convention=maybe(st.just("005010X999")) if implementation else st.none(),
        status=st.sampled_from([status for status in AcknowledgmentStatus if "PARTIALLY" not in status]),
        codes=st.lists(st.sampled_from(["1", "4", "5"]), max_size=5).map(tuple),
        errors=lists(segment | element, 0, 4),
    )
    return st.builds(
        FunctionalAcknowledgment,
        group_type=st.sampled_from(["IN", "SH", "PR"]),
        group_control_number=st.integers(1, 999_999_999).map(str),
        version=maybe(st.just("005010")) if implementation else st.none(),
        status=st.sampled_from(AcknowledgmentStatus),
        included=st.integers(0, 999_999),
        received=st.integers(0, 999_999),
        accepted=st.integers(0, 999_999),
        codes=st.lists(st.sampled_from(["1", "5", "19"]), max_size=5).map(tuple),
        documents=lists(document),
    )


SAYABLE: dict[str, st.SearchStrategy[Any]] = {
    "x12/810": invoices(),
    "x12/820": remittances(),
    "x12/850": orders(),
    "x12/855": order_responses(),
    "x12/856": ship_notices,
    "x12/997": acknowledgments(implementation=False),
    "x12/999": acknowledgments(implementation=True),
    **strategies_json.SAYABLE,
}
"""What each mapping that goes both ways can say."""
