"""What the samples of the smaller business documents do not show."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest

from hub.canonical import Order, ReturnAuthorization, TextLine, TextSection
from hub.contracts.mapping import Context
from hub.errors import BadDocument
from hub.x12.document import Document
from hub.x12.outgoing import DocumentBody, Envelope, GroupBody
from hub.x12.reader import read
from hub.x12.write import write_interchange
from mappings import CATALOG
from mappings.x12.p180_return import RETURN_AUTHORIZATION
from mappings.x12.words import TIME

CONTEXT = Context(currency="USD")


def came(document: str, group: str, *segments: str, release: str = "004010") -> Document:
    """A document of these segments, read from an interchange."""
    envelope = Envelope(
        sender_qualifier="ZZ",
        sender="THEM",
        receiver_qualifier="ZZ",
        receiver="US",
        control=1,
        at_seconds=0.0,
        version=release,
    )
    body = DocumentBody(document=document, control_number="0001", segments=[text.split("*") for text in segments])
    data = write_interchange(envelope, [GroupBody(type=group, control=1, documents=[body])])
    (found,) = [item for item in read(data) if isinstance(item, Document)]
    return found


def test_a_second_identifier_of_a_kind_is_kept_as_a_reference() -> None:
    document = came("180", "AN", "BGN*00*R-1*20261201", "BLI*UP*012345678905*1*EA****UK*10614141000019*VN*SKU-RED")
    reading = RETURN_AUTHORIZATION.read(document, CONTEXT)
    assert reading.problems == ()
    assert reading.unmapped == ()
    assert isinstance(reading.message, ReturnAuthorization)
    (line,) = reading.message.lines
    assert (line.item.gtin, line.item.seller_item_id) == ("00012345678905", "SKU-RED")
    assert [entry.id for entry in line.references] == ["10614141000019"]


def test_a_section_of_text_reads_as_lines() -> None:
    section = TextSection(id="1", lines=(TextLine(text="FIRST"), TextLine(text="SECOND", spacing="NEW_PAGE")))
    assert section.text == "FIRST\nSECOND"


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("0915", time(9, 15), "0915"),
        ("091530", time(9, 15, 30), "091530"),
        ("0915305", time(9, 15, 30, 500_000), "09153050"),
        ("09153007", time(9, 15, 30, 70_000), "09153007"),
        ("000000", time(), "0000"),
    ],
)
def test_a_time_of_day_both_ways(text: str, value: time, written: str) -> None:
    assert TIME.to_value(text) == value
    assert TIME.to_text(value) == written


@pytest.mark.parametrize("text", ["", "9", "091", "2400", "0960", "09:15", "091530123"])
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[\d:]*$|must be in"):
        TIME.to_value(text)


def test_amounts_in_another_currency_are_not_written() -> None:
    """A return names no currency, so it is written in the partner's usual one only."""
    lines = [{"item": {"seller_item_id": "A"}, "price": {"type": "NET", "amount": {"amount": "1", "currency": "CAD"}}}]
    message = ReturnAuthorization.model_validate(
        {"id": "R-1", "issue_date": "2026-12-01", "purpose": "ORIGINAL", "lines": lines}
    )
    with pytest.raises(BadDocument, match="CAD"):
        RETURN_AUTHORIZATION.write(message, CONTEXT)


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_an_element_of_an_advice_is_told_by_position(release: str) -> None:
    """TED05 is a number in 004010 and a composite that begins with it in 005010."""
    mapping = CATALOG["x12/824"]
    place = "3" if release == "004010" else "3:1"
    document = came("824", "AG", "BGN*00*A-1*20261201", "OTI*TR*PO*1", f"TED*848**BEG*2*{place}", release=release)
    reading = mapping.read(document, CONTEXT)
    assert reading.message is not None
    assert reading.message.model_dump()["documents"][0]["errors"][0]["element"] == 3


def test_an_exponent_is_exact_and_written_out() -> None:
    document = came("850", "PO", "BEG*00*SA*PO-1**20261201", "PO1*1*12E2*EA*995E-2**VN*SKU-RED")
    message = CATALOG["x12/850"].read(document, CONTEXT).message
    assert isinstance(message, Order)
    (line,) = message.lines
    assert line.price is not None
    assert (line.quantity.value, line.price.amount) == (Decimal(1200), Decimal("9.95"))
    assert CATALOG["x12/850"].write(message, CONTEXT)[-2][:5] == ["PO1", "1", "1200", "EA", "9.95"]
