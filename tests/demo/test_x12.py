"""The retailer's own X12: what it writes it can split, and what does not agree it notices."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from demo import catalogue, documents, x12

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def order() -> str:
    body = documents.purchase_order(catalogue.FIRST, catalogue.ORDERS[catalogue.FIRST], date(2026, 11, 22))
    return x12.write("BIGBOX", "CROSSDOCK", 7, "PO", [("850", body)], NOW)


def test_an_order_is_written_with_right_counts():
    interchange = x12.split(order())
    (document,) = interchange.documents
    assert (interchange.sender, interchange.receiver, interchange.control) == ("BIGBOX", "CROSSDOCK", "000000007")
    assert interchange.faults == ()
    assert [line[2:5] for line in document.all("PO1")] == [
        ["12", "EA", "9.95"],
        ["24", "EA", "4.50"],
        ["5", "EA", "12.00"],
    ]
    assert document.value("AMT", 2) == "287.40"
    assert order().index("~") == 105


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("SE*", "SE*9", "SE01"),
        ("IEA*1", "IEA*2", "IEA01"),
        ("GE*1*7", "GE*1*8", "GE02"),
        ("IEA*1*000000007", "IEA*1*000000008", "IEA02"),
    ],
)
def test_counts_that_do_not_agree_are_noticed(right, wrong, words):
    assert words in " ".join(x12.split(order().replace(right, wrong)).faults)


def test_a_faulty_order_has_three_faults_and_right_counts():
    good = documents.purchase_order("1", catalogue.ORDERS[catalogue.FAULTY], date(2026, 11, 22))
    bad = documents.faulty_order("1", catalogue.ORDERS[catalogue.FAULTY], date(2026, 11, 22))
    assert [segment for segment in bad if segment not in good] == [
        ["BEG", "00", "SA", "1", "", "20261399"],
        ["ZZZ", "1"],
        ["PO1", "1", "TEN", "EA", "9.95", "", "UP", "012345678905", "VN", "SKU-RED"],
    ]
    assert x12.split(x12.write("A", "B", 1, "PO", [("850", bad)], NOW)).faults == ()


def test_a_remittance_says_what_is_paid_and_why_it_is_less():
    payment = documents.Payment("INV-1", "4500012001", Decimal("296.93"), Decimal("18.00"), "59", "DM-1")
    segments = documents.remittance("PAY-1", payment, date(2026, 11, 22))
    (document,) = x12.split(x12.write("A", "B", 1, "RA", [("820", segments)], NOW)).documents
    assert document.all("RMR") == [["RMR", "IV", "INV-1", "PO", "278.93", "296.93"]]
    assert document.all("ADX") == [["ADX", "-18.00", "59", "CM", "DM-1"]]
    assert document.value("BPR", 16) == "20261122"


def test_what_is_no_interchange_is_said_to_be_none():
    with pytest.raises(ValueError, match="does not begin with an ISA"):
        x12.split("UNB+UNOA")
