"""Values that other hubs got wrong: each test is named after the failure, F-nn, it keeps away."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hub.canonical import Invoice, Money
from hub.canonical.gs1 import check_digit, gtin14, is_valid, sscc
from hub.contracts.mapping import Context
from hub.mapping.codecs import cents, n0, r
from mappings import CATALOG
from tests.laws.samples import X12

CONTEXT = Context(currency="USD")
(PLAIN,) = [sample for sample in X12 if str(sample) == "004010-810-plain"]


def test_f67_implied_decimals_are_exact_both_ways() -> None:
    document = PLAIN.document()
    (total,) = [segment for segment in document.segments if segment[0] == "TDS"]
    message = CATALOG["x12/810"].read(document, CONTEXT).message
    assert isinstance(message, Invoice)
    assert message.payable == Money(amount=Decimal(f"{total[1][:-2]}.{total[1][-2:]}"), currency="USD")
    written = {segment[0]: segment for segment in CATALOG["x12/810"].write(message, CONTEXT)}
    assert written["TDS"] == total


@pytest.mark.parametrize(("value", "text"), [("15.25", "1525"), ("0.05", "5"), ("-1", "-100"), ("123.40", "12340")])
def test_f67_cents_have_no_point(value: str, text: str) -> None:
    assert cents.to_text(Decimal(value)) == text
    assert cents.to_value(text) == Decimal(value)


@pytest.mark.parametrize(("value", "text"), [("007", "7"), ("0", "0"), ("-0.50", "-0.50"), ("1E+3", "1000")])
def test_f68_numbers_have_no_leading_zeros(value: str, text: str) -> None:
    assert r.to_text(Decimal(value)) == text


def test_f68_whole_numbers_have_no_leading_zeros() -> None:
    assert n0.to_text(Decimal("0012")) == "12"


@pytest.mark.parametrize(
    "number",
    ["96385074", "036000291452", "4006381333931", "10614141000019", "106141412345678908"],
    ids=["GTIN-8", "GTIN-12", "GTIN-13", "GTIN-14", "SSCC-18"],
)
def test_f90_check_digits_weigh_from_the_right(number: str) -> None:
    """Numbers of the lengths that weighing from the left gets wrong every other time."""
    assert is_valid(number)
    assert check_digit(number[:-1]) == number[-1]
    wrong = str((int(number[-1]) + 1) % 10)
    assert not is_valid(number[:-1] + wrong)


def test_f90_gtins_and_ssccs_are_made_with_their_check_digit() -> None:
    assert gtin14("036000291452") == "00036000291452"
    made = sscc("1", "0614141", 234567890)
    assert (len(made), is_valid(made, 18), made[:8]) == (18, True, "10614141")
