"""850 Purchase Order ⇄ Order."""

from __future__ import annotations

from hub.canonical import Order
from hub.mapping.codecs import an, cents, date8, money, n0, r
from hub.mapping.notation import M, computed, const, count, currency, loop, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import CHARGE, FREIGHT_PAYMENT, MODE, PURPOSE, UNIT
from mappings.x12.lines import WHY_NUMBERED, numbered
from mappings.x12.parties import ITEM, PARTY

__all__ = ["PURCHASE_ORDER"]

PURCHASE_ORDER = document(
    "850",
    group="PO",
    model=Order,
    rows=(
        row("BEG01", "purpose", PURPOSE, M),
        row("BEG02", "type_code", an, M),
        row("BEG03", "id", an, M),
        row("BEG04", "release_id", an),
        row("BEG05", "issue_date", date8, M),
        const("CUR01", "BY"),
        currency("CUR02", "currency"),
        row("REF[DP]02", "department", an),
        row("REF[IA]02", "vendor_id", an),
        row("PER[BD]02", "contact.name", an),
        pairs("PER[BD]03", ("TE", "contact.telephone", an), ("EM", "contact.electronic_mail", an), most=3),
        row("FOB01", "freight_payment", FREIGHT_PAYMENT),
        loop(
            "SAC",
            "allowance_charges[]",
            row("SAC01", "charge", CHARGE, M),
            row("SAC02", "reason_code", an, M),
            row("SAC05", "amount", cents, M),
            row("SAC15", "reason", an),
        ),
        const("ITD01", "01"),
        const("ITD02", "3"),
        row("ITD03", "payment_terms.discount_percent", r),
        row("ITD05", "payment_terms.discount_days", n0),
        row("ITD07", "payment_terms.net_days", n0),
        row("ITD12", "payment_terms.description", an),
        row("DTM[010]02", "requested_ship_date", date8),
        row("DTM[002]02", "requested_delivery_date", date8),
        row("DTM[001]02", "latest_delivery_date", date8),
        const("TD501", "B"),
        pairs("TD502", ("2", "carrier.scac", an), most=1),
        row("TD504", "carrier.mode", MODE),
        row("TD505", "carrier.name", an),
        row("TD512", "carrier.service_code", an),
        loop(
            "N9[L1]", ".", const("N903", "GENERAL NOTES"), row("MSG01", "notes[]", an), row("MTX02", "notes[]", an)
        ),  # 004010 has MSG in this loop, 005010 has MTX
        loop("N1[BY]", "buyer", *PARTY),
        loop("N1[SE]", "seller", *PARTY),
        loop("N1[ST]", "ship_to", *PARTY),
        loop("N1[BT]", "bill_to", *PARTY),
        loop(
            "PO1",
            "lines[]",
            row("PO101", "line_id", an),
            row("PO102", "quantity.value", r, M),
            row("PO103", "quantity.uom", UNIT, M),
            row("PO104", "price", money),
            pairs("PO106", *ITEM),
            const("PID01", "F"),
            row("PID05", "item.description", an),
        ),
        loop(
            "CTT",
            ".",
            count("CTT01", of="PO1"),
            skip("CTT02", why="a hash total, checked by the X12 reader"),
            row("AMT[TT]02", "total", money),
        ),
        computed("lines[]", numbered, why=WHY_NUMBERED),
    ),
)
