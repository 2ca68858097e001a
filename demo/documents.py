"""What the retailer writes, as X12 004010 segments: orders (850), remittances (820), acknowledgments (997)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from demo.catalogue import DEPARTMENT, ITEMS, SHIP_TO, VENDOR
from demo.x12 import Document, Segment

__all__ = ["Payment", "acknowledgment", "faulty_order", "purchase_order", "remittance"]


def purchase_order(number: str, pieces: Mapping[str, Decimal], today: date) -> list[Segment]:
    """An 850 with list prices, to be delivered within a week."""
    return [
        ["BEG", "00", "SA", number, "", f"{today:%Y%m%d}"],
        ["CUR", "BY", "USD"],
        ["REF", "DP", DEPARTMENT],
        ["REF", "IA", VENDOR],
        ["PER", "BD", "ORDER DESK", "TE", "5555550100"],
        ["ITD", "01", "3", "2", "", "10", "", "30"],
        ["DTM", "002", f"{today + timedelta(days=7):%Y%m%d}"],
        ["TD5", "", "2", "UPSN", "M"],
        ["N9", "L1", "", "GENERAL NOTES"],
        ["MSG", "DELIVER TO DOCK 4"],
        ["N1", "ST", SHIP_TO.name, "92", SHIP_TO.code],
        ["N3", SHIP_TO.street],
        ["N4", SHIP_TO.city, SHIP_TO.region, SHIP_TO.postal_code, "US"],
        ["N1", "BT", "BIGBOX ACCOUNTS PAYABLE", "92", "0001"],
        *(segment for index, sku in enumerate(pieces, 1) for segment in _line(index, sku, pieces[sku])),
        ["CTT", str(len(pieces))],
        ["AMT", "TT", str(sum((pieces[sku] * ITEMS[sku].price for sku in pieces), Decimal(0)))],
    ]


def faulty_order(number: str, pieces: Mapping[str, Decimal], today: date) -> list[Segment]:
    """The same with three faults: a date that is none, a quantity in words, a segment that 850 does not know."""
    segments = purchase_order(number, pieces, today)
    first_line = next(index for index, segment in enumerate(segments) if segment[0] == "PO1")
    segments[0][5] = f"{today:%Y}1399"
    segments[first_line][2] = "TEN"
    segments.insert(first_line, ["ZZZ", "1"])
    return segments


@dataclass(frozen=True, slots=True)
class Payment:
    """One invoice paid, short by ``short``; ``reason`` is X12 element 426, ``memo`` the retailer's debit memo."""

    invoice: str
    purchase_order: str
    billed: Decimal
    short: Decimal
    reason: str
    memo: str

    @property
    def paid(self) -> Decimal:
        """What is left to pay."""
        return self.billed - self.short


def remittance(trace: str, payment: Payment, today: date) -> list[Segment]:
    """An 820 that pays one invoice and says why it is less."""
    segments = [
        ["BPR", "C", str(payment.paid), "C", "ACH", "CTX", *[""] * 10, f"{today:%Y%m%d}"],
        ["TRN", "1", trace],
        ["CUR", "PR", "USD"],
        ["N1", "PR", "BIGBOX STORES"],
        ["N1", "PE", "CROSSDOCK DISTRIBUTION", "92", VENDOR],
        ["ENT", "1"],
        ["RMR", "IV", payment.invoice, "PO", str(payment.paid), str(payment.billed)],
        ["REF", "PO", payment.purchase_order],
    ]
    if payment.short:
        segments.append(["ADX", str(-payment.short), payment.reason, "CM", payment.memo])
    return segments


def acknowledgment(received: Document) -> list[Segment]:
    """A 997 that accepts one document."""
    return [
        ["AK1", received.group_type, received.group_control],
        ["AK2", received.kind, received.control],
        ["AK5", "A"],
        ["AK9", "A", "1", "1", "1"],
    ]


def _line(index: int, sku: str, pieces: Decimal) -> list[Segment]:
    item = ITEMS[sku]
    return [
        ["PO1", str(index), str(pieces), "EA", str(item.price), "", "UP", item.upc, "VN", sku],
        ["PID", "F", "", "", "", item.description],
    ]
