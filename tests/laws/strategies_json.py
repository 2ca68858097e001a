"""Canonical messages that the JSON documents can say, for hypothesis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    AppliedCash,
    Carrier,
    CashApplication,
    Deduction,
    Item,
    Lot,
    Order,
    OrderLine,
    OrderRelease,
    OrderReleaseLine,
    Package,
    PackedItem,
    PickConfirmation,
    PickLine,
    Quantity,
    Remainder,
    ShipmentConfirmation,
    ShippedLine,
    TaxLine,
    TaxQuote,
    TaxSubtotal,
)
from tests.laws.values import (
    CURRENCIES,
    FREIGHT,
    MODES,
    UNITS,
    dates,
    gtins,
    items,
    lists,
    maybe,
    money,
    number,
    places,
    quantities,
    ssccs,
    text,
    weights,
    words,
    zoned,
)


def _pick(line_id: str, uom: str, ordered: Decimal, short: Decimal | None, reason: str | None) -> PickLine:
    return PickLine(
        line_id=line_id,
        ordered=Quantity(value=ordered, uom=uom),
        picked=Quantity(value=ordered, uom=uom),
        short=None if short is None else Quantity(value=short, uom=uom),
        short_reason=reason,
    )


picks = st.builds(
    PickConfirmation,
    id=words,
    occurred_at=zoned,
    site=words,
    seller_order_id=words,
    order_id=words,
    lines=lists(st.builds(_pick, words, UNITS, number(3), maybe(number(3)), maybe(words)), 1, 4),
)


@st.composite
def shipments(draw: st.DrawFn) -> ShipmentConfirmation:
    lines, boxes = [], []
    for index in range(draw(st.integers(1, 3))):
        uom, shipped, short = draw(UNITS), draw(number(3)), draw(st.just(Decimal(0)) | number(3))
        lines.append(
            ShippedLine(
                line_id=str(index),
                item=Item(seller_item_id=draw(words), gtin=draw(maybe(gtins))),
                ordered=Quantity(value=shipped + short, uom=uom),
                picked=Quantity(value=shipped, uom=uom),
                shipped=Quantity(value=shipped, uom=uom),
                short=Quantity(value=short, uom=uom) if short else None,
                short_reason=draw(maybe(words)) if short else None,
                remainder=draw(st.sampled_from(Remainder)) if short else None,
                substitution_for=draw(maybe(words)),
            )
        )
        lot = st.builds(
            Lot,
            lot_number=words,
            expiry_date=maybe(dates),
            quantity=maybe(number(3).map(lambda value, uom=uom: Quantity(value=value, uom=uom))),
        )
        packed = PackedItem(
            line_id=str(index),
            quantity=Quantity(value=shipped, uom=uom),
            lots=draw(lists(lot)),
            serials=draw(lists(words)),
        )
        boxes.append(
            Package(
                id=f"P{index}",
                sscc=draw(maybe(ssccs)),
                parent_id=draw(maybe(words)),
                type_code=draw(maybe(words)),
                tracking_number=draw(maybe(words)),
                weight=draw(maybe(weights)),
                items=(packed,),
            )
        )
    packed_all = draw(st.booleans()) and len({box.sscc for box in boxes}) == len(boxes)
    return ShipmentConfirmation(
        id=draw(words),
        occurred_at=draw(zoned),
        site=draw(words),
        site_gln=draw(maybe(words)),
        seller_order_id=draw(words),
        order_id=draw(words),
        shipment_id=draw(words),
        shipped_at=draw(zoned),
        final=draw(st.booleans()),
        carrier=Carrier(scac=draw(text(4)), name=draw(maybe(words)), service_code=draw(maybe(words)), mode=draw(MODES)),
        bill_of_lading=draw(maybe(words)),
        pro_number=draw(maybe(words)),
        freight_payment=draw(maybe(FREIGHT)),
        gross_weight=draw(maybe(weights)),
        packages=tuple(boxes) if packed_all else (),
        lines=tuple(lines),
    )


_RELEASE_LINES = st.builds(OrderReleaseLine, line_id=words, item=items(buyer=False), quantity=quantities)
releases = st.builds(
    OrderRelease,
    id=words,
    order_id=words,
    site=words,
    ship_to=places,
    requested_ship_date=maybe(dates),
    latest_delivery_date=maybe(dates),
    carrier=maybe(st.builds(Carrier, scac=words, service_code=maybe(words))),
    freight_payment=maybe(words),
    notes=lists(words),
    lines=lists(_RELEASE_LINES, 1, 4),
)


@st.composite
def erp_orders(draw: st.DrawFn) -> Order:
    currency = draw(CURRENCIES)
    line = st.builds(
        OrderLine, line_id=words, item=items(), quantity=quantities, price=maybe(money(currency, places=4))
    )
    return Order(
        id=draw(words),
        issue_date=draw(dates),
        currency=currency,
        requested_delivery_date=draw(maybe(dates)),
        ship_to=draw(maybe(places)),
        lines=draw(lists(line, 1, 4)),
    )


@st.composite
def cash_applications(draw: st.DrawFn) -> CashApplication:
    currency, remittance = draw(CURRENCIES), draw(words)
    worth = money(currency)
    deduction = st.builds(
        Deduction,
        id=words,
        invoice_id=words,
        remittance_id=st.just(remittance),
        amount=worth,
        reason_code=words,
        reference=maybe(words),
    )
    return CashApplication(
        remittance_id=remittance,
        payment_date=draw(dates),
        total=draw(worth),
        applied=draw(lists(st.builds(AppliedCash, invoice_id=words, applied=worth, open=worth), 1, 3)),
        deductions=draw(lists(deduction)),
    )


@st.composite
def tax_quotes(draw: st.DrawFn) -> TaxQuote:
    currency = draw(CURRENCIES)
    worth = money(currency)
    kinds = st.sampled_from(["COUNTRY", "STATE", "COUNTY", "CITY", "SPECIAL"])
    subtotal = st.builds(
        TaxSubtotal,
        jurisdiction_type=kinds,
        jurisdiction_name=words,
        rate=number(6, 1),
        taxable=worth,
        tax=worth,
    )
    return TaxQuote(
        document_id=draw(words),
        engine="avatax",
        status=draw(words),
        total_tax=draw(worth),
        lines=draw(lists(st.builds(TaxLine, line_id=words, tax=worth))),
        subtotals=draw(lists(subtotal)),
    )


SAYABLE: dict[str, st.SearchStrategy[Any]] = {
    "json/erp_cash": cash_applications(),
    "json/erp_order": erp_orders(),
    "json/pick_confirmation": picks,
    "json/shipment_confirmation": shipments(),
    "json/tax_answer": tax_quotes(),
    "json/warehouse_order": releases,
}
