"""Small canonical values for hypothesis, bounded by what the X12 elements take."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    Address,
    AllowanceCharge,
    Carrier,
    Item,
    Money,
    Party,
    PaymentTerms,
    Quantity,
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
    lambda at: at.replace(microsecond=0, tzinfo=UTC, fold=0)
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


zoned = st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - as above
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20)
places = st.builds(Party, buyer_assigned_id=words, name=maybe(words), address=maybe(addresses))
