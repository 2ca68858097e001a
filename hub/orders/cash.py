"""Payments: cash applied to invoices, and what was kept back opened as a deduction. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from hub.canonical import (
    AppliedCash,
    CashApplication,
    Deduction,
    Money,
    Remittance,
    RemittanceLine,
)
from hub.errors import Held
from hub.orders.state import InvoiceState, OrderState

__all__ = ["apply_remittance"]

UNEXPLAINED = "UNEXPLAINED"
"""Reason of a deduction for which the payer gave none."""


def apply_remittance(
    remittance: Remittance, orders: Mapping[str, OrderState], at: datetime, message_id: str
) -> tuple[CashApplication, dict[str, OrderState]]:
    """The cash application, and the orders it changes by key. ``orders``: invoice id -> the order that it bills.

    What is paid less than the invoice's open amount, and is no discount, becomes one deduction an invoice with the
    payer's first reason. Raises Held where an invoice is not known, or more is paid than is open.
    """
    changed: dict[str, OrderState] = {}
    applied: list[AppliedCash] = []
    deductions: list[Deduction] = []
    for line in remittance.lines:
        order = orders.get(line.invoice_id)
        if order is None:
            raise Held(
                f"Remittance {remittance.id} pays invoice {line.invoice_id}, which is not known here.",
                fix="Ask the payer which invoice is meant; correct the number and replay.",
                invoice=line.invoice_id,
            )
        order = changed.get(order.key, order)
        invoice = next(entry for entry in order.invoices if entry.id == line.invoice_id)
        kept = _kept_back(remittance, line, invoice)
        paid = invoice.paid + line.paid.amount + (line.discount.amount if line.discount else Decimal(0))
        deducted = invoice.deducted + (kept.amount.amount if kept else Decimal(0))
        after = invoice.model_copy(update={"paid": paid, "deducted": deducted})
        currency = invoice.payable.currency
        applied.append(
            AppliedCash(
                invoice_id=invoice.id, applied=line.paid, open=Money(amount=after.open + deducted, currency=currency)
            )
        )
        if kept:
            deductions.append(kept)
        changed[order.key] = _with_invoice(order, after).with_step(
            at, "paid", f"{invoice.id}: {line.paid.amount} {line.paid.currency}", message_id
        )
        if kept:
            changed[order.key] = changed[order.key].with_step(
                at, "deduction_opened", f"{kept.id}: {kept.amount.amount} {kept.reason_code}", message_id
            )
    application = CashApplication(
        remittance_id=remittance.id,
        payment_date=remittance.payment_date,
        total=remittance.total,
        applied=tuple(applied),
        deductions=tuple(deductions),
    )
    return application, changed


def _kept_back(remittance: Remittance, line: RemittanceLine, invoice: InvoiceState) -> Deduction | None:
    settled = line.paid.amount + (line.discount.amount if line.discount else Decimal(0))
    short = invoice.open - settled
    if short < 0:
        raise Held(
            f"Remittance {remittance.id} pays {settled} on invoice {invoice.id}, but only {invoice.open} are open.",
            fix="Find out what the rest is for; correct the remittance and replay, or apply it in the ERP by hand.",
            invoice=invoice.id,
        )
    if short == 0:
        return None
    reason = line.adjustments[0] if line.adjustments else None
    return Deduction(
        id=f"{remittance.id}-{invoice.id}",
        invoice_id=invoice.id,
        remittance_id=remittance.id,
        amount=Money(amount=short, currency=invoice.payable.currency),
        reason_code=reason.reason_code if reason else UNEXPLAINED,
        reference=reason.reference if reason else None,
    )


def _with_invoice(order: OrderState, invoice: InvoiceState) -> OrderState:
    invoices = tuple(invoice if entry.id == invoice.id else entry for entry in order.invoices)
    return order.model_copy(update={"invoices": invoices})
