"""945: the same shipment as the JSON confirmation, what W1201 decides, and how sites tell cartons differently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from hub.canonical import Quantity, Remainder, ShipmentConfirmation
from hub.contracts.mapping import Context, Reading
from hub.errors import BadDocument
from hub.mapping.json_mapping import JsonMapping
from hub.mapping.x12_mapping import X12Mapping
from mappings import CATALOG
from tests.laws.wire import read_body

HEADER = """
W06*F*BIGBOX-4500012*20261120*SHP-771**4500012
N1*WH**91*RNO1
G62*11*20261120*A*2300*UT
W27*U*UPSN
"""
CONFIRMATION = {
    "schema": "crossdock.shipment_confirmation/1",
    "message_id": "MSG-7",
    "occurred_at": "2026-11-20T15:04:05-08:00",
    "warehouse": {"code": "RNO1", "gln": "0860001234565"},
    "order": {"order_number": "BIGBOX-4500012", "purchase_order_number": "4500012"},
    "shipment": {
        "shipment_id": "SHP-771",
        "shipped_at": "2026-11-20T15:00:00-08:00",
        "final": False,
        "carrier": {"scac": "UPSN", "name": "UPS", "service_code": "GND", "mode": "PARCEL"},
        "bill_of_lading": "BOL77",
        "pro_number": "PRO-9",
        "freight_terms": "PREPAID",
        "gross_weight": {"value": "23.40", "uom": "LBR"},
    },
    "packages": [
        {
            "package_id": "P1",
            "sscc": "008600012300000017",
            "parent_package_id": "PLT-1",
            "tracking_number": "1Z0000010000000019",
            "weight": {"value": "12.40", "uom": "LBR"},
            "items": [
                {
                    "line_number": "1",
                    "quantity": "8",
                    "lots": [{"lot_number": "L-22", "expiry_date": "2027-05-01", "quantity": "8"}],
                    "serials": ["S1", "S2"],
                }
            ],
        },
        {
            "package_id": "P2",
            "sscc": "008600012300000024",
            "items": [{"line_number": "1", "quantity": "1"}, {"line_number": "2", "quantity": "24"}],
        },
    ],
    "lines": [
        {
            "line_number": "1",
            "sku": "SKU-RED",
            "gtin": "00012345678905",
            "uom": "EA",
            "ordered": "12",
            "picked": "9",
            "shipped": "9",
            "short": "3",
            "short_reason": "OUT_OF_STOCK",
            "remainder": "BACKORDER",
        },
        {"line_number": "2", "sku": "SKU-BLUE", "uom": "EA", "ordered": "24", "picked": "24", "shipped": "24"},
    ],
}
ADVICE = """
W06*F*BIGBOX-4500012*20261120*SHP-771**4500012
N1*WH*RENO WAREHOUSE*91*RNO1
N3*1 DOCK RD
N4*RENO*NV*89502*US
N1*SF*RENO WAREHOUSE*UL*0860001234565
N1*DE*CROSSDOCK DISTRIBUTION*92*CD-1
N9*BM*BOL77
N9*CN*PRO-9
N9*TN*MSG-7
N9*AAO*GND
G62*11*20261120*8*1500*PS
G62*BB*20261120*W*150405*PS
W27*U*UPSN*UPS*PP****BP
LX*1
MAN*GM*00008600012300000017**CP*1Z0000010000000019
MAN*CA*P1
MAN*SS*PLT-1
PAL***********12.40*LB
W12*BP*12*8*3*EA*012345678905*VN*SKU-RED*L-IGNORED
N9*LI*1
N9*TD**OUT_OF_STOCK
N9*LT*L-22**20270501
N9*SE*S1
N9*SE*S2
LX*2
MAN*AA*008600012300000024
MAN*CA*P2
W12*BP*12*1*3*EA*012345678905*VN*SKU-RED
N9*LI*1
W12*CL*24*24**EA**SK*SKU-BLUE
N9*LI*2
W03*33*23.40*LB*1.5*CF*2*CT
"""


def confirmed() -> ShipmentConfirmation:
    """The shipment as the JSON document has it."""
    mapping = CATALOG["json/shipment_confirmation"]
    assert isinstance(mapping, JsonMapping)
    return message(mapping.read(CONFIRMATION, Context()))


def message(reading: Reading) -> ShipmentConfirmation:
    assert reading.problems == ()
    assert isinstance(reading.message, ShipmentConfirmation)
    return reading.message


def test_a_945_and_the_json_confirmation_of_one_shipment_are_one_message() -> None:
    advice = read_body("945", ADVICE)
    assert message(advice) == confirmed()
    assert [entry.path for entry in advice.unmapped] == ["W0304", "W0305", "W0306", "W0307"]


@pytest.mark.parametrize(
    ("status", "remainder", "final"),
    [
        ("BP", Remainder.BACKORDER, False),
        ("CP", Remainder.CANCEL, True),
        ("PR", Remainder.PENDING, False),
        ("DS", Remainder.PENDING, False),
    ],
)
def test_w1201_decides_what_becomes_of_the_rest(status: str, remainder: Remainder, final: bool) -> None:
    shipment = message(read_body("945", HEADER + f"LX*1\nW12*{status}*12*9*3*EA**VN*SKU-RED\nN9*LI*1\nW03*9"))
    assert (shipment.lines[0].remainder, shipment.final) == (remainder, final)
    assert shipment.lines[0].short == Quantity(value=Decimal(3), uom="EA")
    assert shipment.packages == ()


def test_w2708_says_whether_more_follows_before_the_lines_do() -> None:
    line = "LX*1\nW12*CC*12*12**EA**VN*SKU-RED\nN9*LI*1\nW03*12"
    assert message(read_body("945", HEADER + line)).final
    assert not message(read_body("945", HEADER.replace("UPSN", "UPSN******SS") + line)).final


def test_a_line_left_out_altogether_is_cancelled_or_waits() -> None:
    body = HEADER + "LX*1\nW12*BO*6**6*EA**VN*A\nN9*LI*1\nLX*2\nW12*CU*5*0*5*EA**VN*B\nN9*LI*2\nW03*0"
    lines = message(read_body("945", body)).lines
    assert [line.remainder for line in lines] == [Remainder.BACKORDER, Remainder.CANCEL]
    assert not any(line.shipped.value for line in lines)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("W12*CC*12*9*3*EA**VN*A\nN9*LI*1", "needs a remainder"),
        ("W12*BP*12*4*3*EA**VN*A\nN9*LI*1\nW12*CP*12*5*3*EA**VN*A\nN9*LI*1", "do not agree what becomes of the rest"),
        ("W12*CC*12*4**EA**VN*A\nN9*LI*1\nW12*CC*10*5**EA**VN*A\nN9*LI*1", "12 and 10 as the ordered quantity"),
        ("W12*CC*12*12**EA**VN*A\nN9*LI*1\nW12*CC*12*1**CA**VN*A\nN9*LI*1", "several units"),
        ("W12*ZZ*12*12**EA**VN*A\nN9*LI*1", "is not one of"),
        ("W12*CC*12*12**EA**VN*A", "N9[LI]02 (line_id) is missing"),
    ],
)
def test_what_contradicts_itself_is_told_and_not_taken(lines: str, words: str) -> None:
    reading = read_body("945", HEADER + f"LX*1\n{lines}\nW03*12")
    assert reading.message is None
    (problem,) = reading.problems
    assert words in problem.message


def test_cartons_may_give_the_lines_quantity_or_their_own_part_of_it() -> None:
    for first, second in (("12*8**EA", "12*4**EA"), ("8*8**EA", "4*4**EA")):
        body = HEADER + (
            f"LX*1\nMAN*CP*1Z1\nW12*CC*{first}**VN*A\nN9*LI*1\nLX*2\nMAN*CP*1Z2\nW12*CC*{second}**VN*A\nN9*LI*1\nW03*12"
        )
        shipment = message(read_body("945", body))
        (line,) = shipment.lines
        assert (line.ordered.value, line.shipped.value, line.short) == (Decimal(12), Decimal(12), None)
        assert [(package.id, package.items[0].quantity.value) for package in shipment.packages] == [
            ("1Z1", Decimal(8)),
            ("1Z2", Decimal(4)),
        ]


def test_a_date_without_time_is_midnight_where_the_site_is_and_the_bill_of_lading_names_the_shipment() -> None:
    body = "W06*F*SO-1*20261120***4500012\nN1*WH**91*RNO1\nN9*BM*BOL1\nN9*2I*1Z9\nW27*U*UPSN\nLX*1\nMAN*CA*P1\n"
    body += "W12*CC*12*12**EA**VN*A\nN9*LI*1\nW03*12"
    shipment = message(read_body("945", body, context=Context(values={"utc_offset": "-08:00"})))
    midnight = datetime(2026, 11, 20, tzinfo=timezone(timedelta(hours=-8)))
    assert (shipment.shipped_at, shipment.occurred_at) == (midnight, midnight)
    assert (shipment.id, shipment.shipment_id) == ("BOL1", "BOL1")
    assert shipment.packages[0].tracking_number == "1Z9"


def test_what_the_document_has_no_place_for_is_refused() -> None:
    mapping, shipment = CATALOG["x12/945"], confirmed()
    assert isinstance(mapping, X12Mapping)
    first, *rest = shipment.packages
    boxed = shipment.model_copy(update={"packages": (first.model_copy(update={"type_code": "CARTON"}), *rest)})
    with pytest.raises(BadDocument, match="no element for the kind of package"):
        mapping.write(boxed, Context())
    assert message(read_body("945", _text(mapping.write(shipment, Context())))) == shipment
    assert shipment.shipped_at == datetime(2026, 11, 20, 23, tzinfo=UTC)


def _text(segments: list[list[str]]) -> str:
    return "\n".join("*".join(segment) for segment in segments)
