"""210 Motor Carrier Freight Details and Invoice ⇄ FreightInvoice.

References stand in N9 in 004010, in L11 in 005010.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.canonical import FreightInvoice
from hub.canonical.values import Text
from hub.mapping.codecs import an, cents, code, date8, n0, r
from hub.mapping.notation import M, Via, const, currency, each, loop, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import FREIGHT_PAYMENT
from mappings.x12.freight import WEIGHT_UNIT
from mappings.x12.parties import PARTY

__all__ = ["FREIGHT_INVOICE"]

WEIGHED = code({"G": "GROSS", "B": "BILLED", "N": "NET", "E": "ESTIMATED"}, others=True)
"""187."""

_NUMBER = "LX01 numbers the lines"

DELIVERED = "DELIVERED"
DATE_KIND = code({"035": DELIVERED})
"""374, of B309: another date than that of delivery would pass for it."""


class Bill(FreightInvoice):
    """The document: as the message, with the kind of its date."""

    date_kind: Text | None = None


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        data.pop("date_kind", None)
    return documents


def _write(messages: Sequence[FreightInvoice]) -> list[Bill]:
    return [
        Bill.model_construct(**{**dict(message), "date_kind": DELIVERED if message.delivery_date else None})
        for message in messages
    ]


CHARGE = each(
    "L1",
    "charges[]",
    skip("L101", why=_NUMBER),
    row("L102", "rate", r),
    row("L103", "rate_basis", an),
    row("L104", "amount", cents, M),
    row("L108", "code", an),
    row("L112", "description", an),
)

LINE = loop(
    "LX",
    "lines[]",
    row("LX01", "line_id", n0, M),
    skip("L501", why=_NUMBER),
    row("L502", "description", an),
    skip("L001", why=_NUMBER),
    row("L004", "weight.value", r),
    row("L005", "weight_kind", WEIGHED),
    row("L008", "pieces", n0),
    row("L009", "packaging", an),
    row("L011", "weight.uom", WEIGHT_UNIT),
    CHARGE,
    skip("L701", why=_NUMBER),
    row("L707", "freight_class", an),
)

FREIGHT_INVOICE = document(
    "210",
    group="IM",
    model=FreightInvoice,
    via=Via(model=Bill, read=_read, write=_write),
    rows=(
        row("B302", "id", an, M),
        row("B303", "shipment_id", an),
        row("B304", "freight_payment", FREIGHT_PAYMENT, M),
        row("B306", "issue_date", date8, M),
        row("B307", "payable", cents, M),
        row("B309", "delivery_date", date8),
        row("B310", "date_kind", DATE_KIND),
        row("B311", "carrier_scac", an, M),
        currency("C301", "currency"),
        row("N9[BM]02", "bill_of_lading", an),
        row("N9[CN]02", "pro_number", an),
        row("N9[PO]02", "order_ids[]", an),
        row("L11[02=BM]01", "bill_of_lading", an),
        row("L11[02=CN]01", "pro_number", an),
        row("L11[02=PO]01", "order_ids[]", an),
        row("G62[86]02", "pickup_date", date8),
        loop("N1[SH]", "shipper", *PARTY),
        loop("N1[CN]", "consignee", *PARTY),
        loop("N1[BT]", "bill_to", *PARTY),
        LINE,
        row("L301", "gross_weight.value", r),
        const("L302", "G", also=("A", "A3", "B", "E", "N"), why="a total beside the lines, which say how they weighed"),
        skip("L305", why="B307 says it"),
        skip("L311", why="the lines say it"),
        row("L312", "gross_weight.uom", WEIGHT_UNIT),
    ),
)
