"""Pick confirmation of a warehouse ⇄ PickConfirmation."""

from __future__ import annotations

from hub.canonical import PickConfirmation
from hub.mapping.json_codecs import at, decimal, text
from hub.mapping.json_mapping import json_document
from hub.mapping.notation import M, const, loop, row, skip, unit

__all__ = ["PICK_CONFIRMATION"]

PICK_CONFIRMATION = json_document(
    "pick_confirmation",
    model=PickConfirmation,
    rows=(
        const("schema", "crossdock.pick_confirmation/1"),
        row("message_id", "id", text, M),
        row("occurred_at", "occurred_at", at, M),
        row("warehouse.code", "site", text, M),
        skip("warehouse.gln", why="the site's code names it"),
        row("order.order_number", "seller_order_id", text, M),
        row("order.purchase_order_number", "order_id", text, M),
        loop(
            "lines[]",
            "lines[]",
            row("line_number", "line_id", text, M),
            unit("uom", "ordered", "picked", "short"),
            row("ordered", "ordered.value", decimal, M),
            row("picked", "picked.value", decimal, M),
            row("short", "short.value", decimal),
            row("short_reason", "short_reason", text),
            required=M,
        ),
    ),
)
