"""856 Ship Notice ⇄ ShipNotice, structured shipment, order, pack, item (BSN05 0001)."""

from __future__ import annotations

from hub.canonical import ShipNotice
from hub.mapping.codecs import Codec, an, date8, r
from hub.mapping.notation import M, const, count, loop, moment, pairs, row, size, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import FREIGHT_PAYMENT, MODE, UNIT
from mappings.x12.parties import ITEM, PARTY

__all__ = ["SHIP_NOTICE"]

_SSCC = "00"


def _from_label(text: str) -> str:
    return text[2:] if len(text) == 20 and text.startswith(_SSCC) else text


def _to_label(sscc: str) -> str:
    return _SSCC + sscc


LABEL = Codec(
    name="sscc",
    kinds=(str,),
    expects="an SSCC of 18 digits after its application identifier 00",
    read=_from_label,
    write=_to_label,
)
"""MAN01 GM: SSCC-18 with application identifier, 20 digits."""

ITEM_LEVEL = loop(
    "HL[I]",
    "lines[]",
    row("LIN01", "line_id", an, M),
    pairs("LIN02", *ITEM, most=15),
    skip("SN101", why="LIN01 says it"),
    row("SN102", "shipped.value", r, M),
    row("SN103", "shipped.uom", UNIT, M),
    row("SN105", "ordered.value", r),
    row("SN106", "ordered.uom", UNIT),
    const("PID01", "F"),
    row("PID05", "item.description", an),
)

PACK_LEVEL = loop(
    "HL[P]",
    "packages[]",
    pairs("TD106", ("G", "weight.value", r), most=1),
    row("TD108", "weight.uom", UNIT),
    row("MAN[GM]02", "sscc", LABEL),
    row("MAN[CP]02", "tracking_number", an),
    ITEM_LEVEL,
)

ORDER_LEVEL = loop(
    "HL[O]",
    ".",
    row("PRF01", "order_id", an, M),
    row("PRF04", "order_date", date8, M),
    row("REF[DP]02", "department", an),
    row("REF[VN]02", "seller_order_id", an),
    PACK_LEVEL,
)

SHIPMENT_LEVEL = loop(
    "HL[S]",
    ".",
    const("TD101", "CTN"),
    size("TD102", "packages[]"),
    pairs("TD106", ("G", "gross_weight.value", r), most=1),
    row("TD108", "gross_weight.uom", UNIT),
    const("TD501", "B"),
    pairs("TD502", ("2", "carrier.scac", an), most=1),
    row("TD504", "carrier.mode", MODE),
    row("TD505", "carrier.name", an),
    row("REF[BM]02", "bill_of_lading", an),
    row("REF[CN]02", "pro_number", an),
    row("REF[SI]02", "shipment_id", an, M),
    moment("DTM[011]02", "shipped_at", M, time=3, zone=4),
    row("DTM[017]02", "estimated_delivery_date", date8),
    row("FOB01", "freight_payment", FREIGHT_PAYMENT),
    loop("N1[SF]", "ship_from", *PARTY),
    loop("N1[ST]", "ship_to", *PARTY),
    ORDER_LEVEL,
)

SHIP_NOTICE = document(
    "856",
    group="SH",
    model=ShipNotice,
    rows=(
        const("BSN01", "00"),
        row("BSN02", "id", an, M),
        moment("BSN03", "issued_at", M, time=4),
        const("BSN05", "0001"),
        SHIPMENT_LEVEL,
        count("CTT01", of="HL"),
        skip("CTT02", why="a hash total, checked by the X12 reader"),
    ),
)
