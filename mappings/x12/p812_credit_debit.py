"""812 Credit/Debit Adjustment ⇄ CreditDebitNotice."""

from __future__ import annotations

from hub.canonical import CreditDebitNotice, EntryKind
from hub.mapping.codecs import an, cents, code, date8, money, r
from hub.mapping.notation import M, const, currency, each, loop, pairs, row
from hub.mapping.x12_mapping import document
from mappings.x12.codes import UNIT
from mappings.x12.parties import ITEM
from mappings.x12.related import CHARGE_ROWS, CONTACT, DATES, PARTIES, TERMS, references
from mappings.x12.words import PRICE, REFERENCE, SENT_FOR, YES_NO

__all__ = ["CREDIT_DEBIT"]

ENTRY = code({"C": EntryKind.CREDIT, "D": EntryKind.DEBIT})
"""478."""

HANDLING = code(
    {
        "C": "PAYMENT_WITH_REMITTANCE",
        "D": "PAYMENT",
        "H": "NOTIFICATION",
        "I": "REMITTANCE_INFORMATION",
        "P": "PRENOTIFICATION",
    },
    others=True,
)
"""305."""

CREDIT_DEBIT = document(
    "812",
    group="CD",
    model=CreditDebitNotice,
    rows=(
        row("BCD01", "issue_date", date8, M),
        row("BCD02", "id", an, M),
        row("BCD03", "handling", HANDLING, M),
        row("BCD04", "amount", cents, M),
        row("BCD05", "kind", ENTRY, M),
        row("BCD06", "invoice_date", date8),
        row("BCD07", "invoice_id", an),
        row("BCD08", "seller_order_id", an),
        row("BCD09", "order_date", date8),
        row("BCD10", "order_id", an),
        row("BCD11", "purpose", SENT_FOR),
        row("BCD12", "type_code", an),
        row("BCD13", "reference.type", REFERENCE),
        row("BCD14", "reference.id", an),
        row("BCD15", "action_code", an),
        const("CUR01", "SE", also=("BY", "BT"), why="whose currency it is does not change the amounts"),
        currency("CUR02", "currency"),
        references("N9"),
        *CONTACT,
        *TERMS,
        DATES,
        each("SAC", "allowance_charges[]", *CHARGE_ROWS),
        PARTIES,
        loop(
            "CDD",
            "lines[]",
            row("CDD01", "reason_code", an, M),
            row("CDD02", "kind", ENTRY, M),
            row("CDD03", "line_id", an),
            row("CDD04", "amount", cents),
            row("CDD05", "returned", YES_NO),
            row("CDD07", "quantity.value", r),
            row("CDD08", "quantity.uom", UNIT),
            row("CDD09", "price_difference", money),
            row("CDD10", "price.type", PRICE),
            row("CDD11", "price.amount", money),
            row("CDD12", "other_price.type", PRICE),
            row("CDD13", "other_price.amount", money),
            pairs("LIN02", *ITEM, most=15),
            each("SAC", "allowance_charges[]", *CHARGE_ROWS),
            references("N9"),
            DATES,
            loop("SAC", "allowance_charges[]", *CHARGE_ROWS),
        ),  # the charges of a line are segments in 004010 and loops, further down, in 005010
    ),
)
