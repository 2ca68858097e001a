"""What is billed and paid: TaxQuote, Invoice, Remittance, Deduction, CashApplication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from hub.canonical.order import PaymentTerms
from hub.canonical.values import (
    AllowanceCharge,
    Canonical,
    Currency,
    Decimal_,
    Item,
    Money,
    Party,
    Quantity,
    Text,
)

__all__ = [
    "AppliedCash",
    "CashApplication",
    "Deduction",
    "DeductionState",
    "Invoice",
    "InvoiceLine",
    "Remittance",
    "RemittanceAdjustment",
    "RemittanceLine",
    "TaxLine",
    "TaxQuote",
    "TaxSubtotal",
    "check_totals",
]


class TaxSubtotal(Canonical):
    """One tax of one jurisdiction; ``rate`` 0.0825 is 8.25 %."""

    jurisdiction_type: Text
    jurisdiction_name: Text
    rate: Decimal_
    taxable: Money
    tax: Money


class TaxLine(Canonical):
    """The tax on one line of the request."""

    line_id: Text
    tax: Money


class TaxQuote(Canonical):
    """What the tax engine answered. ``document_id`` is its key there; recorded but not committed."""

    document_id: Text
    engine: Text
    status: Text
    total_tax: Money
    lines: tuple[TaxLine, ...] = ()
    subtotals: tuple[TaxSubtotal, ...] = ()


class InvoiceLine(Canonical):
    """One billed line; ``line_extension`` = quantity × price, rounded half up to the currency's cents."""

    line_id: Text
    item: Item
    quantity: Quantity
    price: Money
    line_extension: Money
    tax: Money | None = None


class Invoice(Canonical):
    """A commercial invoice; ``payable`` = lines + charges − allowances + tax, to the cent."""

    id: Text
    issue_date: date
    order_id: Text
    order_date: date
    shipment_id: Text
    shipped_date: date
    department: Text | None = None
    vendor_id: Text | None = None
    currency: Currency
    seller: Party
    bill_to: Party | None = None
    ship_to: Party
    ship_from: Party | None = None
    payment_terms: PaymentTerms | None = None
    carrier_scac: Text | None = None
    bill_of_lading: Text | None = None
    lines: tuple[InvoiceLine, ...] = Field(min_length=1)
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    tax_subtotals: tuple[TaxSubtotal, ...] = ()
    line_extension_total: Money
    tax_total: Money
    payable: Money

    @model_validator(mode="after")
    def _totals_agree(self) -> Self:
        check_totals(
            [line.line_extension.amount for line in self.lines],
            self.line_extension_total.amount,
            [entry.amount.amount if entry.charge else -entry.amount.amount for entry in self.allowance_charges],
            self.tax_total.amount,
            self.payable.amount,
        )
        return self


def check_totals(
    lines: Sequence[Decimal], total: Decimal, extras: Sequence[Decimal], tax: Decimal, payable: Decimal
) -> None:
    """The rule of an invoice: extensions of its lines, their total, charges and (negative) allowances, tax, payable.

    Raises ValueError, in words.
    """
    added, extra = sum(lines, Decimal(0)), sum(extras, Decimal(0))
    if added != total:
        msg = f"lines add up to {added}, the invoice says {total}"
        raise ValueError(msg)
    if added + extra + tax != payable:
        msg = f"lines {added} + charges {extra} + tax {tax} is not {payable}"
        raise ValueError(msg)


class RemittanceAdjustment(Canonical):
    """Why less (negative) or more was paid; ``reason_code`` is the payer's (X12 element 426)."""

    amount: Money
    reason_code: Text
    reference: Text | None = None


class RemittanceLine(Canonical):
    """What is paid on one invoice."""

    invoice_id: Text
    paid: Money
    gross: Money | None = None
    discount: Money | None = None
    adjustments: tuple[RemittanceAdjustment, ...] = ()


class Remittance(Canonical):
    """A payment and what it is for. ``id`` is the trace number."""

    id: Text
    payment_date: date
    currency: Currency
    total: Money
    method: Text | None = None
    payer: Party | None = None
    payee: Party | None = None
    lines: tuple[RemittanceLine, ...] = Field(min_length=1)


class DeductionState(StrEnum):
    """Where a deduction stands."""

    OPEN = "OPEN"
    VALID = "VALID"
    INVALID = "INVALID"
    WRITTEN_OFF = "WRITTEN_OFF"
    RECOVERED = "RECOVERED"


class Deduction(Canonical):
    """An amount that a payer kept back on an invoice; ``amount`` is positive."""

    id: Text
    invoice_id: Text
    remittance_id: Text
    amount: Money
    reason_code: Text
    reference: Text | None = None
    state: DeductionState = DeductionState.OPEN


class AppliedCash(Canonical):
    """How much of a payment was applied to an invoice, and what is still open on it."""

    invoice_id: Text
    applied: Money
    open: Money


class CashApplication(Canonical):
    """A remittance applied to invoices, with the deductions that it opened."""

    remittance_id: Text
    payment_date: date
    total: Money
    applied: tuple[AppliedCash, ...]
    deductions: tuple[Deduction, ...] = ()
