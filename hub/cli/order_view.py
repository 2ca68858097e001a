"""One order for people: where it stands, its lines, shipments, invoices, what is due and what happened."""

from __future__ import annotations

from typing import Any

from hub.cli.output import table, text
from hub.visible import visible

__all__ = ["show_order"]

_MARKS = {"done": "x", "partly": "~", "open": " "}


def show_order(value: dict[str, Any]) -> None:
    """Prints the object of `hub.web.shapes.order_json`."""
    text(f"order {visible(value['key'])}  {value['stage']}", "bold")
    text("  " + "  ".join(f"[{_MARKS[entry['state']]}] {entry['name']}" for entry in value["milestones"]))
    text()
    _lines(value["lines"])
    for shipment in value["shipments"]:
        text()
        _shipment(shipment)
    if value["invoices"]:
        text()
        _invoices(value["invoices"])
    if value["obligations"]:
        text()
        _due(value["obligations"])
    text()
    steps = [(step["at"], step["what"], step["detail"], step["message"]) for step in value["steps"]]
    table(("at", "step", "detail", "message"), steps, empty="No steps.")


def _lines(lines: list[dict[str, Any]]) -> None:
    quantities = ("ordered", "picked", "shipped", "backordered", "open", "invoiced")
    rows = []
    for line in lines:
        item = line["item"]
        name = item["seller_item_id"] or item["gtin"] or item["buyer_item_id"]
        rows.append((line["line_id"], name, line["uom"], *(line[quantity] for quantity in quantities)))
    table(("line", "item", "unit", *(f"{quantity}#" for quantity in quantities)), rows, empty="No lines.")


def _shipment(shipment: dict[str, Any]) -> None:
    text(f"shipment {visible(shipment['id'])}  {shipment['shipped_at']}", "bold")
    names = ("package_id", "sscc", "tracking_number", "status", "delivered_at", "received_by")
    rows = [[parcel[name] for name in names] for parcel in shipment["parcels"]]
    table(("package", "sscc", "tracking", "status", "delivered", "received by"), rows, empty="No packages.", indent=2)


def _invoices(invoices: list[dict[str, Any]]) -> None:
    rows = []
    for invoice in invoices:
        payable = invoice["payable"]
        amounts = (payable["amount"], invoice["tax"]["amount"], invoice["paid"], invoice["deducted"], invoice["open"])
        rows.append((invoice["id"], payable["currency"], *amounts))
    table(("invoice", "currency", "payable#", "tax#", "paid#", "deducted#", "open#"), rows, empty="No invoices.")


def _due(obligations: list[dict[str, Any]]) -> None:
    rows = [
        (due["what"].replace("_", " "), due["due_at"][:19], (due["closed_at"] or "")[:19], due["waits"])
        for due in obligations
    ]
    table(("due", "until", "done", "why not yet"), rows, empty="Nothing is due.")
