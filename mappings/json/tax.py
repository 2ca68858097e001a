"""Tax in the shape of AvaTax REST v2: the request, its answer, the commit.

Source: developer.avalara.com/api-reference/avatax, CreateTransactionModel and TransactionModel. ``amount`` of a line is
extended, not per unit; the request's ``number`` is the answer's ``lineNumber``. Freight is a line of its own with a
freight tax code.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hub.canonical import AllowanceCharge, Invoice, Party, TaxQuote
from hub.contracts.mapping import Context
from hub.mapping.codecs import Codec
from hub.mapping.json_codecs import date_iso, number, number_amount, text
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, computed, const, currency, loop, made, row

__all__ = ["TAX_ANSWER", "TAX_COMMIT", "TAX_REQUEST"]

FREIGHT_CODES = frozenset({"C040", "D200", "D230", "D240", "D260", "D270", "G830"})
"""Charges (X12 element 1300) that are freight: delivery, freight, fuel, shipping and handling."""
FREIGHT_TAX_CODE = "FR020100"


def _customer(invoice: Invoice, context: Context) -> str:
    buyer = invoice.bill_to or invoice.ship_to
    return context.values.get("customer_code") or buyer.buyer_assigned_id or buyer.name or invoice.order_id


def _company(_: Invoice, context: Context) -> str | None:
    return context.values.get("company_code")


def _addresses(invoice: Invoice, _: Context) -> dict[str, Any]:
    ship_from = invoice.ship_from or invoice.seller
    places = {"shipFrom": _address(ship_from), "shipTo": _address(invoice.ship_to)}
    return {name: address for name, address in places.items() if address}


def _address(party: Party) -> dict[str, Any]:
    if party.address is None:
        return {}
    lines = {f"line{index}": line for index, line in enumerate(party.address.lines[:3], 1)}
    place = {
        "city": party.address.city,
        "region": party.address.region,
        "postalCode": party.address.postal_code,
        "country": party.address.country,
    }
    return {**lines, **{name: value for name, value in place.items() if value}}


def _lines(invoice: Invoice, context: Context) -> list[dict[str, Any]]:
    tax_code = context.values.get("tax_code", "P0000000")
    goods = [
        {
            "number": line.line_id,
            "quantity": line.quantity.value,
            "amount": line.line_extension.amount,
            "taxCode": tax_code,
            **({"itemCode": line.item.seller_item_id} if line.item.seller_item_id else {}),
            **({"description": line.item.description} if line.item.description else {}),
        }
        for line in invoice.lines
    ]
    freight = [entry for entry in invoice.allowance_charges if _is_freight(entry)]
    others = [entry for entry in invoice.allowance_charges if not _is_freight(entry)]
    charges = [*_numbered("FREIGHT", freight, FREIGHT_TAX_CODE), *_numbered("CHARGE", others, tax_code)]
    return [*goods, *charges]


def _is_freight(entry: AllowanceCharge) -> bool:
    return entry.charge and entry.reason_code in FREIGHT_CODES


def _numbered(name: str, entries: list[AllowanceCharge], tax_code: str) -> list[dict[str, Any]]:
    return [
        {
            "number": name if index == 1 else f"{name}-{index}",
            "quantity": Decimal(1),
            "amount": entry.amount.amount if entry.charge else -entry.amount.amount,
            "taxCode": tax_code,
            "description": entry.reason or entry.reason_code,
        }
        for index, entry in enumerate(entries, 1)
    ]


TAX_REQUEST = json_document(
    "tax_request",
    model=Invoice,
    direction="write",
    nulls=False,
    why="a question about an invoice",
    rows=(
        row("code", "id", text, M),
        const("type", "SalesInvoice"),
        made("companyCode", _company, why="the company's code at the engine is a setting"),
        row("date", "issue_date", date_iso, M),
        made("customerCode", _customer, why="the engine wants one; the buyer's own code, or the profile's"),
        row("purchaseOrderNo", "order_id", text, M),
        currency("currencyCode", "currency"),
        const("commit", False),
        made("addresses", _addresses, why="up to three lines as line1 to line3"),
        made("lines", _lines, why="goods and charges are lines alike"),
    ),
)


def _engine(_: Mapping[str, Any], __: Context) -> str:
    return "avatax"


JURISDICTIONS = {"Country": "COUNTRY", "State": "STATE", "County": "COUNTY", "City": "CITY", "Special": "SPECIAL"}


def _jurisdiction(kind: Any) -> str:
    """Whatever is none of the four levels is a special district; its name tells which."""
    return JURISDICTIONS.get(kind, "SPECIAL")


JURISDICTION = Codec(
    name="jurisdiction", kinds=(str,), expects="a kind of jurisdiction", read=_jurisdiction, write=str.capitalize
)

TAX_ANSWER = json_document(
    "tax_answer",
    model=TaxQuote,
    nulls=False,
    rows=(
        row("code", "document_id", text, M),
        row("status", "status", text, M),
        currency("currencyCode"),
        row("totalTax", "total_tax", number_amount, M),
        loop(
            "lines[]",
            "lines[]",
            row("lineNumber", "line_id", text, M),
            row("tax", "tax", number_amount, M),
        ),
        loop(
            "summary[]",
            "subtotals[]",
            row("jurisType", "jurisdiction_type", JURISDICTION, M),
            row("jurisName", "jurisdiction_name", text, M),
            row("rate", "rate", number, M),
            row("taxable", "taxable", number_amount, M),
            row("tax", "tax", number_amount, M),
        ),
        computed("engine", _engine, why="whose answer it is, is known by its shape"),
    ),
)

TAX_COMMIT = json_document(
    "tax_commit",
    model=Invoice,
    direction="write",
    why="the engine knows the document by its URL",
    rows=(const("commit", True),),
)
