"""Numbers as X12.6 writes them."""

from __future__ import annotations

import pytest

from tests.x12.making import ORDER, changed, codes, only, sample

LINE = "PO1*1*12*EA*9.95**UP*012345678905*VN*SKU-1"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("12E2", []),
        ("1.25E-1", []),
        ("-5E1", []),
        *((wrong, ["character_invalid"]) for wrong in ("1E", "E5", "1e2", "1E+2", "1E912")),
    ],
)
def test_decimals_may_have_an_exponent(value: str, told: list[str]) -> None:
    """X12.6, 3.5.1, as quoted in X12's answer to request for interpretation 1924."""
    assert codes(only(sample(changed(ORDER, LINE, f"PO1*1*12*EA*{value}"))).problems) == told


def test_an_exponent_counts_by_its_digits() -> None:
    body = [changed(ORDER, LINE, f"PO1*1*12*EA*{value}") for value in ("123456789012345E-10", "1234567890123456E-10")]
    assert [codes(only(sample(each)).problems) for each in body] == [[], ["element_too_long"]]
