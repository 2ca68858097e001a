"""860 Purchase Order Change Request, by the buyer ⇄ OrderChange."""

from __future__ import annotations

from hub.canonical import LineChange, OrderChange
from hub.mapping.codecs import an, code, date8, money, r
from hub.mapping.notation import M, const, count, currency, loop, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import FREIGHT_PAYMENT, MODE, PURPOSE, UNIT
from mappings.x12.parties import ITEM, PARTY
from mappings.x12.related import CHARGE_ROWS, FREE_TEXT, TERMS
from mappings.x12.store_quantities import STORE_QUANTITIES

__all__ = ["LINE_CHANGE", "ORDER_CHANGE"]

LINE_CHANGE = code(
    {
        "AI": LineChange.ADDED,
        "DI": LineChange.DELETED,
        "CA": LineChange.CHANGED,
        "MU": LineChange.SEVERAL_CHANGED,
        "QI": LineChange.QUANTITY_INCREASED,
        "QD": LineChange.QUANTITY_DECREASED,
        "PC": LineChange.PRICE_CHANGED,
        "PQ": LineChange.PRICE_AND_QUANTITY_CHANGED,
        "PR": LineChange.PRICE_AND_DATE_CHANGED,
        "RS": LineChange.RESCHEDULED,
        "RQ": LineChange.DATE_AND_QUANTITY_CHANGED,
        "CT": LineChange.DATES_CHANGED,
        "RB": LineChange.DATES_REPLACED,
        "CE": LineChange.CHARGES_CHANGED,
        "RE": LineChange.ITEM_REPLACED,
        "RZ": LineChange.VALUES_REPLACED,
        "NC": LineChange.UNCHANGED,
        "RC": LineChange.CHANGE_REJECTED,
    }
)
"""670. A change that is not here must not pass for one that is: the document waits for a person."""

ORDER_CHANGE = document(
    "860",
    group="PC",
    model=OrderChange,
    rows=(
        row("BCH01", "purpose", PURPOSE, M),
        row("BCH02", "type_code", an, M),
        row("BCH03", "order_id", an, M),
        row("BCH04", "release_id", an),
        row("BCH05", "sequence", an),
        row("BCH06", "order_date", date8, M),
        row("BCH07", "request_reference", an),
        row("BCH08", "contract_id", an),
        row("BCH09", "seller_order_id", an),
        row("BCH11", "issue_date", date8),
        const("CUR01", "BY", also=("SE", "BT"), why="whose currency it is does not change the amounts"),
        currency("CUR02", "currency"),
        row("REF[DP]02", "department", an),
        row("REF[IA]02", "vendor_id", an),
        row("PER[BD]02", "contact.name", an),
        pairs("PER[BD]03", ("TE", "contact.telephone", an), ("EM", "contact.electronic_mail", an), most=3),
        row("FOB01", "freight_payment", FREIGHT_PAYMENT),
        loop("SAC", "allowance_charges[]", *CHARGE_ROWS),
        *TERMS,
        row("DTM[010]02", "requested_ship_date", date8),
        row("DTM[002]02", "requested_delivery_date", date8),
        row("DTM[001]02", "latest_delivery_date", date8),
        row("DTM[037]02", "ship_not_before_date", date8),
        row("DTM[038]02", "ship_not_after_date", date8),
        row("DTM[064]02", "deliver_not_before_date", date8),
        row("DTM[063]02", "deliver_not_after_date", date8),
        const("TD501", "B"),
        pairs("TD502", ("2", "carrier.scac", an), most=1),
        row("TD504", "carrier.mode", MODE),
        row("TD505", "carrier.name", an),
        row("TD512", "carrier.service_code", an),
        FREE_TEXT,
        loop("N1[BY]", "buyer", *PARTY),
        loop("N1[SE]", "seller", *PARTY),
        loop("N1[ST]", "ship_to", *PARTY),
        loop("N1[BT]", "bill_to", *PARTY),
        loop(
            "POC",
            "lines[]",
            row("POC01", "line_id", an),
            row("POC02", "change", LINE_CHANGE, M),
            row("POC03", "quantity.value", r),
            row("POC04", "quantity_left", r),
            row("POC05", "quantity.uom", UNIT),
            row("POC06", "price", money),
            pairs("POC08", *ITEM),
            const("PID01", "F"),
            row("PID05", "item.description", an),
            loop("SAC", "allowance_charges[]", *CHARGE_ROWS),
            STORE_QUANTITIES,
            row("DTM[010]02", "requested_ship_date", date8),
            row("DTM[002]02", "requested_delivery_date", date8),
        ),
        loop(
            "CTT",
            ".",
            count("CTT01", of="POC"),
            skip("CTT02", why="a hash total, checked by the X12 reader"),
            row("AMT[TT]02", "total", money),
        ),
    ),
)
