"""846 Inventory Inquiry/Advice ⇄ InventoryReport."""

from __future__ import annotations

from hub.canonical import InventoryReport
from hub.mapping.codecs import an, code, date8, r
from hub.mapping.notation import M, const, count, currency, each, loop, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import UNIT
from mappings.x12.parties import ITEM
from mappings.x12.related import CONTACT, DATES, DESCRIPTIONS, PARTIES, PRICE_ROWS, references
from mappings.x12.store_quantities import STORE_QUANTITIES
from mappings.x12.words import DATE, QUANTITY, SENT_FOR, TIME

__all__ = ["INVENTORY", "MAINTENANCE"]

REPORT = code(
    {
        "SI": "SELLER_INVENTORY",
        "DD": "DISTRIBUTOR_INVENTORY",
        "MM": "MANUFACTURER_INVENTORY",
        "LC": "LOCATION_INVENTORY",
        "PI": "AVAILABILITY_INQUIRY",
    },
    others=True,
)
"""755."""

MAINTENANCE = code(
    {
        "001": "CHANGE",
        "002": "DELETE",
        "003": "ADD",
        "004": "WITHDRAW",
        "005": "RESTORE",
        "021": "ADDITION",
        "024": "CANCELLATION",
        "025": "REINSTATEMENT",
        "026": "CORRECTION",
    },
    others=True,
)
"""875."""

INVENTORY = document(
    "846",
    group="IB",
    model=InventoryReport,
    rows=(
        row("BIA01", "purpose", SENT_FOR, M),
        row("BIA02", "report_type", REPORT, M),
        row("BIA03", "id", an, M),
        row("BIA04", "issue_date", date8, M),
        row("BIA05", "issue_time", TIME),
        row("BIA06", "action_code", an),
        const("CUR01", "SE", also=("BY", "BT"), why="whose currency it is does not change the amounts"),
        currency("CUR02", "currency"),
        DATES,
        references("REF"),
        *CONTACT,
        PARTIES,
        loop(
            "LIN",
            "lines[]",
            row("LIN01", "line_id", an),
            pairs("LIN02", *ITEM, most=15),
            *DESCRIPTIONS,
            DATES,
            each("CTP", "prices[]", *PRICE_ROWS),
            references("REF"),
            STORE_QUANTITIES,
            row("G5301", "maintenance", MAINTENANCE),
            loop(
                "QTY",
                "quantities[]",
                row("QTY01", "type", QUANTITY, M),
                row("QTY02", "value", r, M),
                row("QTY03", "uom", UNIT),
                DATES,
                loop(
                    "SCH",
                    "expected[]",
                    row("SCH01", "quantity.value", r, M),
                    row("SCH02", "quantity.uom", UNIT, M),
                    row("SCH05", "when.type", DATE, M),
                    row("SCH06", "when.day", date8, M),
                    row("SCH07", "when.time_of_day", TIME),
                ),
            ),
            PARTIES,
        ),
        count("CTT01", of="LIN"),
        skip("CTT02", why="a hash total, checked by the X12 reader"),
    ),
)
