"""What order changes and their answers can say, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    LineChange,
    LineStatus,
    OrderChange,
    OrderChangeLine,
    OrderChangeResponse,
    OrderChangeResponseLine,
    Purpose,
    ResponseStatus,
)
from tests.laws.strategies_related import contacts, stores
from tests.laws.values import (
    CURRENCIES,
    FREIGHT,
    carriers,
    charges,
    dates,
    items,
    lists,
    maybe,
    money,
    number,
    parties,
    quantities,
    terms,
    text,
)


@st.composite
def _changed(draw: st.DrawFn, currency: str) -> dict[str, Any]:
    """What both lines share; POC note C0304 05: with a quantity comes what is left of it."""
    quantity = draw(maybe(quantities))
    line_id = draw(maybe(text(20)))
    return {
        "line_id": line_id,
        "change": draw(st.sampled_from(LineChange)),
        "item": draw(maybe(items()) if line_id else items()),
        "quantity": quantity,
        "quantity_left": draw(number(2)) if quantity else None,
        "price": draw(maybe(money(currency, places=4))),
    }


@st.composite
def _change_lines(draw: st.DrawFn, currency: str) -> OrderChangeLine:
    return OrderChangeLine(
        **draw(_changed(currency)),
        requested_delivery_date=draw(maybe(dates)),
        requested_ship_date=draw(maybe(dates)),
        allowance_charges=draw(lists(charges(currency), 0, 2)),
        stores=draw(stores()),
    )


@st.composite
def order_changes(draw: st.DrawFn) -> OrderChange:
    currency = draw(CURRENCIES)
    days = (
        "issue_date",
        "requested_delivery_date",
        "requested_ship_date",
        "latest_delivery_date",
        "ship_not_before_date",
        "ship_not_after_date",
        "deliver_not_before_date",
        "deliver_not_after_date",
    )
    texts = ("sequence", "release_id", "request_reference", "contract_id", "seller_order_id", "department", "vendor_id")
    return OrderChange(
        order_id=draw(text(22)),
        order_date=draw(dates),
        currency=currency,
        purpose=draw(st.sampled_from(Purpose)),
        type_code=draw(st.sampled_from(["SA", "RL", "DS"])),
        contact=draw(maybe(contacts)),
        payment_terms=draw(maybe(terms())),
        freight_payment=draw(maybe(FREIGHT)),
        carrier=draw(maybe(carriers())),
        allowance_charges=draw(lists(charges(currency))),
        notes=draw(lists(text(200))),
        lines=draw(lists(_change_lines(currency), 0, 4)),
        total=draw(maybe(money(currency))),
        **{name: draw(maybe(dates)) for name in days},
        **{name: draw(maybe(text(8))) for name in texts},
        **{name: draw(maybe(parties())) for name in ("buyer", "seller", "ship_to", "bill_to")},
    )


@st.composite
def _answer_lines(draw: st.DrawFn, currency: str) -> OrderChangeResponseLine:
    return OrderChangeResponseLine(
        **draw(_changed(currency)),
        status=draw(st.sampled_from(LineStatus)),
        confirmed_quantity=draw(maybe(quantities)),
        scheduled_ship_date=draw(maybe(dates)),
    )


@st.composite
def order_change_responses(draw: st.DrawFn) -> OrderChangeResponse:
    currency = draw(CURRENCIES)
    return OrderChangeResponse(
        order_id=draw(text(22)),
        order_date=draw(dates),
        sequence=draw(maybe(text(8))),
        issue_date=draw(maybe(dates)),
        change_date=draw(maybe(dates)),
        currency=currency,
        purpose=draw(st.sampled_from(Purpose)),
        status=draw(st.sampled_from(ResponseStatus)),
        release_id=draw(maybe(text(30))),
        request_reference=draw(maybe(text(45))),
        contract_id=draw(maybe(text(30))),
        seller_order_id=draw(maybe(text(30))),
        vendor_id=draw(maybe(text(30))),
        buyer=draw(maybe(parties())),
        seller=draw(maybe(parties())),
        ship_to=draw(maybe(parties())),
        notes=draw(lists(text(200))),
        lines=draw(lists(_answer_lines(currency), 0, 4)),
    )


SAYABLE: dict[str, st.SearchStrategy[Any]] = {
    "x12/860": order_changes(),
    "x12/865": order_change_responses(),
}
