"""Rows that many documents share: parties in a role, references, dates, contacts, prices, descriptions, charges."""

from __future__ import annotations

from hub.mapping.codecs import an, cents, date8, money, n0, r
from hub.mapping.notation import Loop, M, Node, const, each, loop, pairs, row
from mappings.x12.codes import CHARGE, UNIT
from mappings.x12.parties import PARTY
from mappings.x12.words import (
    AMOUNT,
    CHARACTERISTIC,
    DATE,
    PRICE,
    REFERENCE,
    REMARK,
    ROLE,
    TIME,
    TRADE_CLASS,
)

__all__ = [
    "AMOUNTS",
    "CHARGE_ROWS",
    "CONTACT",
    "DATES",
    "DESCRIPTIONS",
    "FREE_TEXT",
    "PARTIES",
    "PRICE_ROWS",
    "REMARKS",
    "TERMS",
    "references",
]

_FUNCTIONS = ("AR", "AP", "BD", "CN", "CR", "DC", "EA", "OC", "RE", "SA", "SH", "SR", "SU", "ZZ")

CONTACT: tuple[Node, ...] = (
    const("PER01", "IC", also=_FUNCTIONS, why="whom to ask is what counts, not in which department"),
    row("PER02", "contact.name", an),
    pairs("PER03", ("TE", "contact.telephone", an), ("EM", "contact.electronic_mail", an), most=3),
)

PARTIES = loop("N1", "parties[]", row("N101", "role", ROLE, M), *PARTY, *CONTACT)

DATES = each(
    "DTM",
    "dates[]",
    row("DTM01", "type", DATE, M),
    row("DTM02", "day", date8, M),
    row("DTM03", "time_of_day", TIME),
)


def references(tag: str) -> Loop:
    """``REF`` or ``N9``: qualifier, number, words."""
    return each(
        tag,
        "references[]",
        row(f"{tag}01", "type", REFERENCE, M),
        row(f"{tag}02", "id", an),
        row(f"{tag}03", "description", an),
    )


REMARKS = each("NTE", "notes[]", row("NTE01", "type", REMARK), row("NTE02", "text", an, M))

AMOUNTS = each("AMT", "amounts[]", row("AMT01", "type", AMOUNT, M), row("AMT02", "amount", money, M))

DESCRIPTIONS: tuple[Node, ...] = (
    const("PID[02=08]01", "F"),
    row("PID[02=08]05", "item.description", an),
    each(
        "PID",
        "descriptions[]",
        const("PID01", "F"),
        row("PID02", "type", CHARACTERISTIC),
        row("PID05", "text", an, M),
    ),
)
"""PID02 08 is the item's description; everything else is told with its kind."""

PRICE_ROWS: tuple[Node, ...] = (
    row("CTP01", "class_of_trade", TRADE_CLASS),
    row("CTP02", "type", PRICE),
    row("CTP03", "amount", money),
    row("CTP04", "quantity.value", r),
    row("CTP05", "quantity.uom", UNIT),
    row("CTP06", "multiplier_type", an),
    row("CTP07", "multiplier", r),
)

CHARGE_ROWS: tuple[Node, ...] = (
    row("SAC01", "charge", CHARGE, M),
    row("SAC02", "reason_code", an, M),
    row("SAC05", "amount", cents, M),
    row("SAC15", "reason", an),
)

TERMS: tuple[Node, ...] = (
    const("ITD01", "01"),
    const("ITD02", "3"),
    row("ITD03", "payment_terms.discount_percent", r),
    row("ITD05", "payment_terms.discount_days", n0),
    row("ITD07", "payment_terms.net_days", n0),
    row("ITD12", "payment_terms.description", an),
)

FREE_TEXT = loop(
    "N9[L1]", ".", const("N903", "GENERAL NOTES"), row("MSG01", "notes[]", an), row("MTX02", "notes[]", an)
)
"""004010 has MSG in this loop, 005010 has MTX."""
