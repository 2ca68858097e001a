"""Rules across fields, said of the values of a message's JSON: each refuses what the model's own rule refuses.

A model whose rule is not here is proven by making the message.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hub.canonical.invoice import Invoice, check_totals
from hub.canonical.values import Canonical

__all__ = ["RULES"]


def _amount(money: dict[str, Any]) -> Decimal:
    return Decimal(money["amount"])


def _invoice(values: dict[str, Any]) -> None:
    check_totals(
        [Decimal(line["line_extension"]["amount"]) for line in values["lines"]],
        _amount(values["line_extension_total"]),
        [
            _amount(entry["amount"]) if entry["charge"] else -_amount(entry["amount"])
            for entry in values["allowance_charges"]
        ],
        _amount(values["tax_total"]),
        _amount(values["payable"]),
    )


RULES: dict[type[Canonical], Callable[[dict[str, Any]], None]] = {Invoice: _invoice}
"""Each raises ValueError."""
