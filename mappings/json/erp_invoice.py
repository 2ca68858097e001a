"""Invoice → what the ERP books."""

from __future__ import annotations

from hub.canonical import Invoice
from hub.mapping.json_codecs import amount, date_iso, decimal, flag, text
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, const, currency, loop, row

__all__ = ["ERP_INVOICE"]

ERP_INVOICE = json_document(
    "erp_invoice",
    model=Invoice,
    direction="write",
    why="an extract for the ERP; invoices are made here",
    rows=(
        const("schema", "crossdock.invoice/1"),
        row("invoice_number", "id", text, M),
        row("invoice_date", "issue_date", date_iso, M),
        row("purchase_order_number", "order_id", text, M),
        row("shipment_id", "shipment_id", text, M),
        currency("currency", "currency"),
        loop(
            "lines[]",
            "lines[]",
            row("line_number", "line_id", text, M),
            row("sku", "item.seller_item_id", text),
            row("quantity", "quantity.value", decimal, M),
            row("uom", "quantity.uom", text, M),
            row("unit_price", "price", amount, M),
            row("amount", "line_extension", amount, M),
            row("tax", "tax", amount),
        ),
        loop(
            "charges[]",
            "allowance_charges[]",
            row("charge", "charge", flag, M),
            row("code", "reason_code", text, M),
            row("amount", "amount", amount, M),
        ),
        row("subtotal", "line_extension_total", amount, M),
        row("tax", "tax_total", amount, M),
        row("total", "payable", amount, M),
    ),
)
