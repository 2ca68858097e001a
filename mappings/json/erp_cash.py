"""Cash application as the ERP receives it ⇄ CashApplication."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical import CashApplication
from hub.contracts.mapping import Context
from hub.mapping.json_codecs import amount, date_iso, text
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, computed, const, currency, loop, row

__all__ = ["ERP_CASH"]


def _of_this_remittance(data: Mapping[str, Any], _: Context) -> Any:
    for deduction in data.get("deductions", ()):
        deduction["remittance_id"] = data["remittance_id"]
    return data.get("deductions")


ERP_CASH = json_document(
    "erp_cash",
    model=CashApplication,
    rows=(
        const("schema", "crossdock.cash_application/1"),
        row("remittance_id", "remittance_id", text, M),
        row("payment_date", "payment_date", date_iso, M),
        currency("currency"),
        row("total", "total", amount, M),
        loop(
            "applied[]",
            "applied[]",
            row("invoice_number", "invoice_id", text, M),
            row("applied", "applied", amount, M),
            row("open", "open", amount, M),
            required=M,
        ),
        loop(
            "deductions[]",
            "deductions[]",
            row("deduction_id", "id", text, M),
            row("invoice_number", "invoice_id", text, M),
            row("amount", "amount", amount, M),
            row("reason_code", "reason_code", text, M),
            row("reference", "reference", text),
        ),
        computed("deductions[]", _of_this_remittance, why="all deductions of the document are of its remittance"),
    ),
)
