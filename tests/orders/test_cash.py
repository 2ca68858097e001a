"""Cash applied to invoices, and what is kept back."""

from __future__ import annotations

from datetime import date

import pytest

from hub.canonical import Remittance, RemittanceAdjustment, RemittanceLine
from hub.errors import Held
from hub.orders import derive
from hub.orders.cash import UNEXPLAINED, apply_remittance
from hub.orders.lifecycle import apply
from hub.orders.state import OrderState
from tests.orders.samples import NOW, known, opened, shipment, usd


def _billed() -> OrderState:
    state = apply(opened(), shipment(short=0), NOW, "m2")
    return apply(state, derive.draft_invoice(known(shipment(short=0), state), "INV-1"), NOW, "m3")


def _remittance(paid: str, *, reason: str = "", discount: str = "") -> Remittance:
    adjustments = (RemittanceAdjustment(amount=usd("-1"), reason_code=reason),) if reason else ()
    line = RemittanceLine(
        invoice_id="INV-1", paid=usd(paid), adjustments=adjustments, discount=usd(discount) if discount else None
    )
    return Remittance(id="T1", payment_date=date(2026, 12, 1), currency="USD", total=usd(paid), lines=(line,))


def test_paid_in_full_opens_no_deduction() -> None:
    application, changed = apply_remittance(_remittance("122.50"), {"INV-1": _billed()}, NOW, "m4")
    assert application.deductions == ()
    assert changed["bigbox:PO-1"].invoices[0].open == 0
    assert changed["bigbox:PO-1"].stage == "paid"


def test_a_short_payment_opens_one_deduction_with_the_payers_reason() -> None:
    application, changed = apply_remittance(_remittance("100.00", reason="01"), {"INV-1": _billed()}, NOW, "m4")
    assert [(entry.amount, entry.reason_code) for entry in application.deductions] == [(usd("22.50"), "01")]
    assert (application.applied[0].applied, application.applied[0].open) == (usd("100.00"), usd("22.50"))
    assert changed["bigbox:PO-1"].invoices[0].deducted == usd("22.50").amount


def test_a_short_payment_without_a_reason_says_so() -> None:
    application, _ = apply_remittance(_remittance("100.00"), {"INV-1": _billed()}, NOW, "m4")
    assert application.deductions[0].reason_code == UNEXPLAINED


def test_a_discount_settles_without_a_deduction() -> None:
    application, _ = apply_remittance(_remittance("120.05", discount="2.45"), {"INV-1": _billed()}, NOW, "m4")
    assert application.deductions == ()


@pytest.mark.parametrize(
    ("paid", "orders", "words"), [("1.00", False, "not known here"), ("200.00", True, "only 122.50")]
)
def test_what_cannot_be_applied_is_held(paid: str, orders: bool, words: str) -> None:
    with pytest.raises(Held, match=words):
        apply_remittance(_remittance(paid), {"INV-1": _billed()} if orders else {}, NOW, "m4")
