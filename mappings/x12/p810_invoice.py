"""810 Invoice ⇄ Invoice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hub.canonical import Invoice
from hub.contracts.mapping import Context
from hub.mapping.codecs import an, cents, date8, money, n0, percent, r
from hub.mapping.notation import M, computed, const, count, currency, each, loop, pairs, row, skip
from hub.mapping.value_objects import DECIMALS, digits
from hub.mapping.x12_mapping import document
from mappings.x12.codes import CHARGE, TAX, UNIT
from mappings.x12.parties import ITEM, PARTY

__all__ = ["INVOICE"]


def _extended(invoice: Mapping[str, Any], context: Context) -> Any:
    """The lines, each with its extension."""
    decimals, currency = context.decimals, context.currency
    for line in invoice["lines"]:
        exact: Decimal = DECIMALS[line["quantity"]["value"]] * DECIMALS[line["price"]["amount"]]
        line["line_extension"] = {"amount": digits(exact.quantize(decimals, ROUND_HALF_UP)), "currency": currency}
    return invoice["lines"]


def _lines_total(invoice: Mapping[str, Any], context: Context) -> dict[str, Any]:
    amounts = [Decimal(line["line_extension"]["amount"]) for line in invoice["lines"]]
    return {"amount": sum(amounts, Decimal(0)), "currency": context.currency}


def _no_tax(invoice: Mapping[str, Any], context: Context) -> Any:
    return invoice.get("tax_total") or {"amount": Decimal(0), "currency": context.currency}


def _name(subtotal: Mapping[str, Any], _: Context) -> Any:
    return subtotal["jurisdiction_type"]


INVOICE = document(
    "810",
    group="IN",
    model=Invoice,
    rows=(
        row("BIG01", "issue_date", date8, M),
        row("BIG02", "id", an, M),
        row("BIG03", "order_date", date8, M),
        row("BIG04", "order_id", an, M),
        const("BIG07", "DI"),
        const("CUR01", "SE"),
        currency("CUR02", "currency"),
        row("REF[IA]02", "vendor_id", an),
        row("REF[DP]02", "department", an),
        row("REF[SI]02", "shipment_id", an, M),
        row("REF[BM]02", "bill_of_lading", an),
        loop("N1[SE]", "seller", *PARTY),
        loop("N1[BT]", "bill_to", *PARTY),
        loop("N1[ST]", "ship_to", *PARTY),
        loop("N1[SF]", "ship_from", *PARTY),
        const("ITD01", "01"),
        const("ITD02", "3"),
        row("ITD03", "payment_terms.discount_percent", r),
        row("ITD05", "payment_terms.discount_days", n0),
        row("ITD07", "payment_terms.net_days", n0),
        row("ITD12", "payment_terms.description", an),
        row("DTM[011]02", "shipped_date", date8, M),
        loop(
            "IT1",
            "lines[]",
            row("IT101", "line_id", an, M),
            row("IT102", "quantity.value", r, M),
            row("IT103", "quantity.uom", UNIT, M),
            row("IT104", "price", money, M),
            pairs("IT106", *ITEM),
            row("TXI[TX]02", "tax", money),
            const("PID01", "F"),
            row("PID05", "item.description", an),
        ),
        row("TDS01", "payable", cents, M),
        row("TXI[TX]02", "tax_total", money),
        each(
            "TXI",
            "tax_subtotals[]",
            row("TXI01", "jurisdiction_type", TAX, M),
            row("TXI02", "tax", money, M),
            row("TXI03", "rate", percent, M),
            row("TXI08", "taxable", money, M),
            computed("jurisdiction_name", _name, why="the document has room for the kind of jurisdiction only"),
        ),
        const("CAD01", "ZZ"),
        row("CAD04", "carrier_scac", an),
        loop(
            "SAC",
            "allowance_charges[]",
            row("SAC01", "charge", CHARGE, M),
            row("SAC02", "reason_code", an, M),
            row("SAC05", "amount", cents, M),
            row("SAC15", "reason", an),
        ),
        count("CTT01", of="IT1"),
        skip("CTT02", why="a hash total, checked by the X12 reader"),
        computed("tax_total", _no_tax, why="an invoice without TXI has no tax"),
        computed("lines[]", _extended, why="quantity × price, rounded half up, as the invoice was made"),
        computed("line_extension_total", _lines_total, why="the sum of the lines"),
    ),
)
