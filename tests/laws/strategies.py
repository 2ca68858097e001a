"""Canonical messages that each document can say, for hypothesis: bounded by what the X12 elements take."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    AcknowledgedDocument,
    AcknowledgedError,
    AcknowledgmentStatus,
    Address,
    AllowanceCharge,
    AppliedCash,
    Carrier,
    CashApplication,
    Contact,
    Deduction,
    FunctionalAcknowledgment,
    Invoice,
    InvoiceLine,
    Item,
    LineStatus,
    Lot,
    Money,
    Order,
    OrderLine,
    OrderRelease,
    OrderReleaseLine,
    OrderResponse,
    OrderResponseLine,
    Package,
    PackedItem,
    Party,
    PaymentTerms,
    PickConfirmation,
    PickLine,
    Purpose,
    Quantity,
    Remainder,
    Remittance,
    RemittanceAdjustment,
    RemittanceLine,
    ResponseStatus,
    ShipmentConfirmation,
    ShipNotice,
    ShipNoticeLine,
    ShipNoticePackage,
    ShippedLine,
    TaxLine,
    TaxQuote,
    TaxSubtotal,
)
from hub.canonical.gs1 import check_digit
from mappings.x12.codes import FREIGHT_PAYMENT, MODE, UNIT

CENT = Decimal("0.01")
CURRENCIES = st.sampled_from(["USD", "CAD"])
UNITS = st.sampled_from(sorted(set(UNIT.codes.values())))
MODES = st.sampled_from(sorted(set((MODE.table or {}).values())))
FREIGHT = st.sampled_from(sorted(set((FREIGHT_PAYMENT.table or {}).values())))
REASONS = st.sampled_from(["D240", "C310", "F800", "I530"])
ADJUSTMENTS = st.sampled_from(["01", "59", "L7"])
dates = st.dates(date(1990, 1, 1), date(2089, 12, 31))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
_ALPHABET = string.ascii_uppercase + string.digits + " .-/&"


def text(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    return (
        st.text(_ALPHABET, min_size=shortest, max_size=min(longest, 24))
        .map(str.strip)
        .filter(lambda value: len(value) >= shortest)
    )


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def number(places: int = 2, most: int = 99_999) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=0, max_value=most, places=places, allow_nan=False)


def money(currency: str, places: int = 2) -> st.SearchStrategy[Money]:
    return number(places).map(lambda amount: Money(amount=amount, currency=currency))


quantities = st.builds(Quantity, value=number(3), uom=UNITS)
weights = st.builds(Quantity, value=number(2), uom=st.sampled_from(["LBR", "KGM"]))
gtins = st.text(string.digits, min_size=11, max_size=13).map(lambda body: (body + check_digit(body)).zfill(14))
ssccs = st.text(string.digits, min_size=17, max_size=17).map(lambda body: body + check_digit(body))
glns = st.text(string.digits, min_size=12, max_size=12).map(lambda body: body + check_digit(body))
addresses = st.builds(
    Address,
    lines=st.lists(text(55), min_size=1, max_size=4).map(tuple),
    city=maybe(text(30, 2)),
    region=maybe(st.sampled_from(["TX", "NV", "ON"])),
    postal_code=maybe(text(15, 3)),
    country=maybe(st.sampled_from(["US", "CA", "DE"])),
)


@st.composite
def parties(draw: st.DrawFn) -> Party:
    identification = draw(
        st.none()
        | st.tuples(st.sampled_from(["buyer_assigned_id", "seller_assigned_id"]), text(20, 2))
        | st.tuples(st.just("gln"), glns)
    )
    name = draw(text(60) if identification is None else maybe(text(60)))
    return Party(name=name, address=draw(maybe(addresses)), **(dict([identification]) if identification else {}))


@st.composite
def items(draw: st.DrawFn, *, described: bool = True, buyer: bool = True) -> Item:
    found = {"gtin": draw(maybe(gtins)), "buyer_item_id": draw(maybe(text(40))) if buyer else None}
    seller = draw(maybe(text(40)) if any(found.values()) else text(40))
    return Item(seller_item_id=seller, description=draw(maybe(text(80))) if described else None, **found)


@st.composite
def carriers(draw: st.DrawFn) -> Carrier:
    scac = draw(maybe(text(4, 2)))
    name = draw(maybe(text(35)) if scac else text(35))
    return Carrier(scac=scac, name=name, mode=draw(maybe(MODES)))


def charges(currency: str) -> st.SearchStrategy[AllowanceCharge]:
    return st.builds(
        AllowanceCharge,
        charge=st.booleans(),
        reason_code=REASONS,
        amount=money(currency),
        reason=maybe(text(80)),
    )


@st.composite
def terms(draw: st.DrawFn) -> PaymentTerms:
    days = draw(maybe(st.integers(1, 90)))
    return PaymentTerms(
        discount_percent=draw(number(2, 99)) if days else None,
        discount_days=days,
        net_days=draw(st.integers(0, 360)),
        description=draw(maybe(text(80))),
    )


def lists(strategy: st.SearchStrategy[Any], least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


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
_ERRORS = st.builds(
    AcknowledgedError, segment=st.sampled_from(["BIG", "IT1", "N1"]), position=st.integers(1, 9), code=st.just("1")
) | st.builds(
    AcknowledgedError,
    segment=st.sampled_from(["BIG", "IT1", "N1"]),
    position=st.integers(1, 9),
    element=st.integers(1, 25),
    code=st.sampled_from(["1", "5", "7"]),
    value=maybe(text(99)),
)
acknowledgments = st.builds(
    FunctionalAcknowledgment,
    group_type=st.sampled_from(["IN", "SH", "PR"]),
    group_control_number=st.integers(1, 999_999_999).map(str),
    status=st.sampled_from(AcknowledgmentStatus),
    included=st.integers(0, 999_999),
    received=st.integers(0, 999_999),
    accepted=st.integers(0, 999_999),
    documents=lists(
        st.builds(
            AcknowledgedDocument,
            document=st.sampled_from(["810", "856", "855"]),
            control_number=_CONTROL,
            status=st.sampled_from([status for status in AcknowledgmentStatus if "PARTIALLY" not in status]),
            codes=st.lists(st.sampled_from(["1", "4", "5"]), max_size=5).map(tuple),
            errors=lists(_ERRORS, 0, 4),
        )
    ),
)

# what only JSON documents say

zoned = st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - as above
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20)
places = st.builds(Party, buyer_assigned_id=words, name=maybe(words), address=maybe(addresses))


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
    "x12/810": invoices(),
    "x12/820": remittances(),
    "x12/850": orders(),
    "x12/855": order_responses(),
    "x12/856": ship_notices,
    "x12/997": acknowledgments,
    "json/erp_cash": cash_applications(),
    "json/erp_order": erp_orders(),
    "json/pick_confirmation": picks,
    "json/shipment_confirmation": shipments(),
    "json/tax_answer": tax_quotes(),
    "json/warehouse_order": releases,
}
"""What each mapping that goes both ways can say."""
