"""832 Price/Sales Catalog ⇄ Catalogue."""

from __future__ import annotations

from hub.canonical import Catalogue
from hub.mapping.codecs import an, code, n0, r
from hub.mapping.notation import M, const, count, currency, each, loop, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import UNIT
from mappings.x12.p846_inventory import MAINTENANCE
from mappings.x12.parties import ITEM
from mappings.x12.related import (
    CHARGE_ROWS,
    CONTACT,
    DATES,
    DESCRIPTIONS,
    PARTIES,
    PRICE_ROWS,
    TERMS,
    references,
)
from mappings.x12.words import QUANTITY, SENT_FOR

__all__ = ["CATALOGUE"]

MEASURED = code({"PD": "PHYSICAL_DIMENSIONS", "WT": "WEIGHTS", "CT": "COUNTS"}, others=True)
"""737."""

MEASURE = code(
    {
        "HT": "HEIGHT",
        "LN": "LENGTH",
        "WD": "WIDTH",
        "WT": "WEIGHT",
        "G": "GROSS_WEIGHT",
        "N": "NET_WEIGHT",
        "VOL": "VOLUME",
    },
    others=True,
)
"""738."""

RESTRICTION = code({"OR": "ORDERING", "SR": "SHIPPING"}, others=True)
"""688."""

CATALOGUE = document(
    "832",
    group="SC",
    model=Catalogue,
    rows=(
        row("BCT01", "type", an, M),
        row("BCT02", "catalogue.id", an, M),
        row("BCT03", "catalogue.version", an),
        row("BCT04", "catalogue.revision", an),
        row("BCT06", "replaces.id", an),
        row("BCT07", "replaces.version", an),
        row("BCT08", "replaces.revision", an),
        row("BCT09", "description", an),
        row("BCT10", "purpose", SENT_FOR),
        references("REF"),
        *CONTACT,
        DATES,
        const("CUR01", "SE", also=("BY", "BT"), why="whose currency it is does not change the amounts"),
        currency("CUR02", "currency"),
        *TERMS,
        PARTIES,
        loop(
            "LIN",
            "lines[]",
            row("LIN01", "line_id", an),
            pairs("LIN02", *ITEM, most=15),
            row("G5301", "maintenance", MAINTENANCE),
            DATES,
            references("REF"),
            each(
                "CTB",
                "restrictions[]",
                row("CTB01", "type", RESTRICTION, M),
                row("CTB02", "description", an),
                row("CTB03", "quantity_type", QUANTITY),
                row("CTB04", "quantity", r),
            ),
            *DESCRIPTIONS,
            each(
                "MEA",
                "measurements[]",
                row("MEA01", "reference", MEASURED),
                row("MEA02", "type", MEASURE),
                row("MEA03", "value", r),
                row("MEA04", "uom", UNIT),
            ),
            row("PO401", "packing.pack", n0),
            row("PO402", "packing.size.value", r),
            row("PO403", "packing.size.uom", UNIT),
            row("PO404", "packing.code", an),
            row("PO405", "packing.weight_type", an),
            row("PO406", "packing.gross_weight.value", r),
            row("PO407", "packing.gross_weight.uom", UNIT),
            row("PO408", "packing.volume.value", r),
            row("PO409", "packing.volume.uom", UNIT),
            row("PO410", "packing.length", r),
            row("PO411", "packing.width", r),
            row("PO412", "packing.height", r),
            row("PO413", "packing.dimensions_uom", UNIT),
            row("PO414", "packing.inner_pack", n0),
            each("SAC", "allowance_charges[]", *CHARGE_ROWS),
            loop("CTP", "prices[]", *PRICE_ROWS, DATES),
        ),
        count("CTT01", of="LIN"),
        skip("CTT02", why="a hash total, checked by the X12 reader"),
    ),
)
