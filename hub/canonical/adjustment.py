"""What is credited or debited outside an invoice: CreditDebitNotice (UBL has CreditNote and DebitNote for it)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from hub.canonical.order import PaymentTerms
from hub.canonical.related import DateEntry, ItemPrice, PartyInRole, Reference
from hub.canonical.values import AllowanceCharge, Canonical, Contact, Currency, Item, Money, Quantity, Text

__all__ = ["AdjustmentLine", "CreditDebitNotice", "EntryKind"]


class EntryKind(StrEnum):
    """Seen from who receives the notice."""

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"


class AdjustmentLine(Canonical):
    """One reason for the adjustment; ``reason_code`` is the sender's (X12 element 426). ``returned``: goods came back.

    ``price`` and ``other_price`` are the two that differ.
    """

    line_id: Text | None = None
    reason_code: Text
    kind: EntryKind
    returned: bool | None = None
    amount: Money | None = None
    quantity: Quantity | None = None
    price_difference: Money | None = None
    price: ItemPrice | None = None
    other_price: ItemPrice | None = None
    item: Item | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[DateEntry, ...] = ()


class CreditDebitNotice(Canonical):
    """A credit or debit adjustment. ``amount`` is never negative: ``kind`` says its direction."""

    id: Text
    issue_date: date
    kind: EntryKind
    amount: Money
    currency: Currency
    handling: Text
    purpose: Text | None = None
    type_code: Text | None = None
    action_code: Text | None = None
    invoice_id: Text | None = None
    invoice_date: date | None = None
    order_id: Text | None = None
    order_date: date | None = None
    seller_order_id: Text | None = None
    reference: Reference | None = None
    references: tuple[Reference, ...] = ()
    dates: tuple[DateEntry, ...] = ()
    contact: Contact | None = None
    payment_terms: PaymentTerms | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    parties: tuple[PartyInRole, ...] = ()
    lines: tuple[AdjustmentLine, ...] = ()
