"""What many documents point at, for hypothesis: parties in a role, references, dates, prices, contacts, charges."""

from __future__ import annotations

from datetime import time
from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    AmountEntry,
    Contact,
    DateEntry,
    ItemDescription,
    ItemPrice,
    PartyInRole,
    QuantityEntry,
    Reference,
    Remark,
    StoreQuantity,
)
from hub.mapping.codecs import Codec
from mappings.x12.words import (
    AMOUNT,
    CHARACTERISTIC,
    DATE,
    PRICE,
    QUANTITY,
    REFERENCE,
    REMARK,
    ROLE,
    SENT_FOR,
    TRADE_CLASS,
)
from tests.laws.values import UNITS, dates, lists, maybe, money, number, parties, quantities, text


def meanings(codec: Codec) -> st.SearchStrategy[Any]:
    """Any word of a code table."""
    return st.sampled_from(list((codec.table or {}).values()))


purposes = meanings(SENT_FOR)
times = st.builds(
    time,
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
    st.integers(0, 99).map(lambda hundredths: hundredths * 10_000),
)
date_entries = st.builds(DateEntry, type=meanings(DATE), day=dates, time_of_day=maybe(times))
references = st.one_of(
    st.builds(Reference, type=meanings(REFERENCE), id=text(30), description=maybe(text(45))),
    st.builds(Reference, type=meanings(REFERENCE), description=text(45)),
)
contacts = st.builds(Contact, name=text(60), telephone=maybe(text(20)), electronic_mail=maybe(text(40)))
remarks = st.builds(Remark, type=maybe(meanings(REMARK)), text=text(80))
descriptions = st.builds(ItemDescription, type=maybe(meanings(CHARACTERISTIC)), text=text(80))


@st.composite
def roles(draw: st.DrawFn) -> PartyInRole:
    party = draw(parties()).model_dump(exclude={"contact"})
    return PartyInRole(role=draw(meanings(ROLE)), contact=draw(maybe(contacts)), **party)


@st.composite
def stores(draw: st.DrawFn) -> tuple[StoreQuantity, ...]:
    """Sometimes none, sometimes more than one segment takes."""
    entry = st.builds(StoreQuantity, store=text(10, 2), quantity=quantities, location=maybe(text(30)))
    entries = draw(lists(entry, 0, 3))
    return entries * draw(st.sampled_from([1, 1, 8]))


def amounts(currency: str) -> st.SearchStrategy[AmountEntry]:
    return st.builds(AmountEntry, type=meanings(AMOUNT), amount=money(currency))


def priced(currency: str) -> st.SearchStrategy[ItemPrice]:
    """A kind and an amount, where there is no room for more."""
    return st.builds(ItemPrice, type=meanings(PRICE), amount=money(currency, places=4))


def prices(currency: str, *, dated: bool) -> st.SearchStrategy[ItemPrice]:
    return st.builds(
        ItemPrice,
        type=meanings(PRICE),
        amount=maybe(money(currency, places=4)),
        class_of_trade=maybe(meanings(TRADE_CLASS)),
        quantity=maybe(quantities),
        dates=lists(date_entries, 0, 2) if dated else st.just(()),
    )


def counted(kind: type[QuantityEntry] = QuantityEntry, **more: Any) -> st.SearchStrategy[Any]:
    return st.builds(
        kind,
        type=meanings(QUANTITY),
        value=number(3),
        uom=maybe(UNITS),
        dates=lists(date_entries, 0, 2),
        **more,
    )
