"""What stops an order before anything follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical import Item, OrderLine, Party, Purpose
from hub.orders.gates import GATES
from tests.orders.samples import each, known, order, partner, usd


def _line(price: str | None, sku: str | None = "SKU-RED", quantity: str = "1") -> OrderLine:
    amount = usd(price) if price else None
    return OrderLine(line_id="1", item=Item(seller_item_id=sku), quantity=each(quantity), price=amount)


@pytest.mark.parametrize(
    ("gate", "changes", "words"),
    [
        ("known_ship_to", {}, None),
        ("known_ship_to", {"ship_to": Party(buyer_assigned_id="42")}, "Ship-to 42 of order PO-1 is not known"),
        ("known_ship_to", {"ship_to": Party(name="Store 42")}, r"Ship-to \(none\)"),
        ("price_within_tolerance", {}, None),
        ("price_within_tolerance", {"lines": (_line("9.96"),)}, "ordered at 9.96, the list says 9.95"),
        ("price_within_tolerance", {"lines": (_line(None),)}, "has no price"),
        ("price_within_tolerance", {"lines": (_line("1", "SKU-X"),)}, "SKU-X, which has no price in the list"),
        ("price_within_tolerance", {"lines": (_line("1", None),)}, "an item without our number"),
        ("nothing_negative", {}, None),
        ("nothing_negative", {"lines": (_line("9.95", quantity="-1"),)}, "line 1 orders -1 EA at 9.95"),
        ("nothing_negative", {"lines": (_line("-0.01"),)}, "line 1 orders 1 EA at -0.01"),
        ("nothing_negative", {"lines": (_line(None, quantity="0"),)}, None),
        ("original_order", {}, None),
        ("original_order", {"purpose": Purpose.CANCELLATION}, "takes new orders only"),
    ],
)
def test_gate(gate: str, changes: dict[str, Any], words: str | None) -> None:
    refusal = GATES[gate](known(order(**changes)))
    if words is None:
        assert refusal is None
    else:
        assert refusal is not None
        assert refusal.fix
        with pytest.raises(type(refusal), match=words):
            raise refusal


def test_a_tolerance_lets_small_differences_pass() -> None:
    tolerant = partner(price_tolerance_percent="1")
    assert GATES["price_within_tolerance"](known(order(lines=(_line("10.04"),)), partner=tolerant)) is None
    assert GATES["price_within_tolerance"](known(order(lines=(_line("10.06"),)), partner=tolerant)) is not None
