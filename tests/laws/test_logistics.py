"""Warehouse and carrier documents as partners vary them, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

import pytest

from hub.canonical import (
    FreightInvoice,
    Item,
    LoadTender,
    LoadTenderResponse,
    OrderRelease,
    OrderReleaseLine,
    Party,
    Quantity,
    ReceiptAdvice,
    StockAdjustment,
    StockTransfer,
    StockTransferLine,
    TenderAnswer,
)
from hub.canonical.values import Canonical
from hub.contracts.mapping import Context, Reading
from hub.errors import BadDocument
from hub.mapping.x12_mapping import X12Mapping
from mappings import CATALOG
from tests.laws.wire import read_body

M = TypeVar("M", bound=Canonical)
EACH = Quantity(value=Decimal(12), uom="EA")


def read_as(model: type[M], reading: Reading) -> M:
    assert reading.problems == ()
    assert isinstance(reading.message, model)
    return reading.message


def refused(reading: Reading) -> str:
    assert reading.message is None
    (problem,) = reading.problems
    return problem.message


def written(document: str, message: Canonical) -> list[str]:
    mapping = CATALOG[f"x12/{document}"]
    assert isinstance(mapping, X12Mapping)
    return ["*".join(segment) for segment in mapping.write(message, Context())]


def release(**more: object) -> OrderRelease:
    line = OrderReleaseLine(line_id="1", item=Item(seller_item_id="SKU-RED"), quantity=EACH)
    base = OrderRelease(
        id="SO-1", order_id="4500012", site="RNO1", ship_to=Party(buyer_assigned_id="0042"), lines=(line,)
    )
    return base.model_copy(update=more)


def test_a_cancelled_shipping_order_is_not_taken_for_a_new_one() -> None:
    body = "W05*F*SO-1*4500012\nN1*WH**91*RNO1\nN1*ST**92*0042\nLX*1\nW01*12*EA**VN*SKU-RED\nW76*12"
    assert "W0501 is 'F'" in refused(read_body("940", body))


def test_a_line_without_number_takes_that_of_lx_and_an_lx_may_hold_several_lines() -> None:
    head = "W05*N*SO-1*4500012\nN1*WH**91*RNO1\nN1*ST**92*0042\n"
    alone = read_as(OrderRelease, read_body("940", head + "LX*7\nW01*12*EA*012345678905\nW76*12"))
    assert (alone.lines[0].line_id, alone.lines[0].item.gtin) == ("7", "00012345678905")
    both = "LX*1\nW01*12*EA**VN*A\nN9*LI*10\nW01*6*EA**VN*B\nN9*LI*20\nW76*18"
    assert [line.line_id for line in read_as(OrderRelease, read_body("940", head + both)).lines] == ["10", "20"]


def test_notes_and_descriptions_are_cut_at_blanks() -> None:
    note = "DELIVER TO THE DOCK BEHIND THE STORE BETWEEN SIX AND NINE IN THE MORNING, OTHERWISE CALL THE STORE MANAGER"
    described = Item(seller_item_id="SKU-RED", description="RED WIDGET WITH A HANDLE OF STAINLESS STEEL AND A LID")
    line = release().lines[0].model_copy(update={"item": described})
    segments = written("940", release(notes=(note,), lines=(line,)))
    notes = [segment.split("*")[2] for segment in segments if segment.startswith("NTE")]
    texts = [segment.split("*")[1] for segment in segments if segment.startswith("G69")]
    assert [max(map(len, parts)) <= limit for parts, limit in ((notes, 80), (texts, 45))] == [True, True]
    assert (" ".join(notes), " ".join(texts)) == (note, described.description)


def test_a_carrier_without_method_and_terms_is_sent_all_the_same() -> None:
    segments = written("940", release(freight_payment="COLLECT"))
    assert "W66*CC*ZZ" in segments
    found = read_as(OrderRelease, read_body("940", "\n".join(segments)))
    assert (found.carrier, found.freight_payment) == (None, "COLLECT")


def test_a_transfer_names_its_carrier() -> None:
    line = StockTransferLine(item=Item(seller_item_id="SKU-RED"), quantity=EACH)
    transfer = StockTransfer(id="TR-1", shipped_date=date(2026, 11, 20), site="RNO1", lines=(line,))
    with pytest.raises(BadDocument, match="names no carrier"):
        written("943", transfer)


def test_a_receipt_takes_the_sites_lot_and_the_carrier_without_method() -> None:
    head = "W17*F*20261124*RCV-1*TR-1\nN1*WH**91*RNO1\nW08*ZZ*RDWY\n"
    body = head + "W07*12*EA*012345678905*****LOT-7\nW13*2*EA*16\nW14*12*14"
    receipt = read_as(ReceiptAdvice, read_body("944", body))
    (line,) = receipt.lines
    assert (line.lot_number, line.item.gtin) == ("LOT-7", "00012345678905")
    assert [entry.condition for entry in line.exceptions] == ["16"]
    assert receipt.carrier is not None
    assert (receipt.carrier.scac, receipt.carrier.mode) == ("RDWY", None)
    unlettered = receipt.model_copy(update={"trailer_number": "53112"})
    with pytest.raises(BadDocument, match="no owner's initials"):
        written("944", unlettered)


def test_a_005010_receipt_may_have_an_lx_for_each_item() -> None:
    body = "W17*F*20261124*RCV-1\nN1*WH**91*RNO1\nLX*1\nW07*1*EA**VN*A\nLX*2\nW07*2*EA**VN*B\nW14*3"
    receipt = read_as(ReceiptAdvice, read_body("944", body, release="005010"))
    assert [line.received.value for line in receipt.lines] == [Decimal(1), Decimal(2)]


def test_an_adjustment_may_tell_lot_and_expiry_in_its_own_elements() -> None:
    body = "W15*20261126*ADJ-1*D-1\nN1*WH**91*RNO1\nW19*AA*-3*EA**VN*A***LOT-7\nG62*36*20281130"
    (line,) = read_as(StockAdjustment, read_body("947", body)).lines
    assert (line.quantity.value, line.lot_number, line.expiry_date) == (Decimal(-3), "LOT-7", date(2028, 11, 30))


TENDER = "B2**RDWY**SHP-1**PP\nB2A*00*LT\nS5*1*CL\n{}N1*SH*ACME\n"


def test_an_appointment_bounds_a_stop_and_weight_may_stand_in_at8() -> None:
    body = TENDER.format("G62*69*20261120*U*0800*ET\nAT8*G*L*1850.5*40\n")
    (stop,) = read_as(LoadTender, read_body("204", body)).stops
    assert (stop.earliest_at, stop.latest_at) == (datetime(2026, 11, 20, 13, tzinfo=UTC), None)
    assert stop.weight == Quantity(value=Decimal("1850.5"), uom="LBR")


def test_a_date_of_another_kind_is_not_taken_for_a_bound() -> None:
    assert "G6201 '17' bounds neither" in refused(read_body("204", TENDER.format("G62*17*20261120\n")))


def test_a_tender_is_declined_with_a_reason() -> None:
    remarked = read_as(LoadTenderResponse, read_body("990", "B1*RDWY*SHP-1*20261119*D\nK1*NO DRIVER*BEFORE MONDAY"))
    assert (remarked.answer, remarked.reason) == (TenderAnswer.DECLINED, "NO DRIVER BEFORE MONDAY")
    later = read_body("990", "B1*RDWY*SHP-1*20261119*E", release="005010")
    assert read_as(LoadTenderResponse, later).answer is TenderAnswer.DECLINED


def test_a_freight_bill_adds_up_and_its_date_is_that_of_delivery() -> None:
    bill = "B3**INV-1*SHP-1*PP**20261126*{}**20261125*{}*RDWY\nLX*1\nL1****41250\nL3*500*G***41250*******L"
    found = read_as(FreightInvoice, read_body("210", bill.format("41250", "035")))
    assert (found.payable.amount, found.delivery_date) == (Decimal("412.50"), date(2026, 11, 25))
    assert "The charges add up to 412.50, the bill says 412.49" in refused(
        read_body("210", bill.format("41249", "035"))
    )
    assert "is not one of 035" in refused(read_body("210", bill.format("41250", "017")))
