"""What the counterparties have, read from their journals: the only ground on which the story is judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo import journal, x12
from demo.journal import Record

__all__ = ["NUMBERED_BY", "Evidence"]

NUMBERED_BY: dict[str, Callable[[x12.Document], str]] = {
    "855": lambda document: document.value("BAK", 3),
    "856": lambda document: document.value("PRF", 1),
    "810": lambda document: document.value("BIG", 4),
}
"""Where a document says which purchase order it is about."""


class Evidence:
    """The journals below a home, as they are at this moment."""

    def __init__(self, home: Path) -> None:
        self._records = {
            name: journal.read(home / name / "journal.jsonl")
            for name in ("retailer", "erp", "warehouse", "tax", "carrier")
        }

    def all(self, who: str, event: str, **facts: Any) -> list[Record]:
        """The records of one counterparty with an event and these facts, oldest first."""
        return [
            record
            for record in self._records[who]
            if record["event"] == event and all(record.get(key) == value for key, value in facts.items())
        ]

    def received(self, kind: str) -> list[x12.Document]:
        """The documents of a kind that the retailer fetched."""
        return [document for document in self._documents() if document.kind == kind]

    def about(self, kind: str, purchase_order: str) -> list[x12.Document]:
        """The retailer's 855, 856 or 810 documents about an order."""
        return [document for document in self.received(kind) if NUMBERED_BY[kind](document) == purchase_order]

    def envelope_faults(self) -> list[str]:
        """What is wrong with the envelopes and counts of the files that the retailer fetched."""
        return [
            f"{record['name']}: {fault}"
            for record in self.all("retailer", "fetched")
            for fault in x12.split(record["text"]).faults
        ]

    def acknowledgments(self, made_id: str) -> list[x12.Document]:
        """The 997s the retailer got for a document that it made; AK1 names the group by its type and number."""
        made = self.all("retailer", "made", id=made_id)
        if not made:
            return []
        sent = x12.split(made[0]["text"]).documents[0]
        return [
            document
            for document in self.received("997")
            if [document.value("AK1", 1), x12.number(document.value("AK1", 2))]
            == [sent.group_type, x12.number(sent.group_control)]
        ]

    def uploaded(self, made_id: str) -> bool:
        """Whether the retailer's document lies in the hub's mailbox, or was taken from there."""
        return bool(self.all("retailer", "uploaded", id=made_id))

    def answered(self, document: x12.Document) -> bool:
        """Whether the retailer's 997 for a document it received was uploaded."""
        return any(
            self.uploaded(record["id"])
            for record in self.all("retailer", "made", kind="997")
            for one in x12.split(record["text"]).documents
            if one.value("AK1", 1) == document.group_type
            and one.value("AK1", 2) == document.group_control
            and one.value("AK2", 2) == document.control
        )

    def booked(self, kind: str, purchase_order: str) -> list[Any]:
        """What the ERP took about an order; ``kind`` is the last part of the path."""
        return [body for body in self.erp(kind) if body.get("purchase_order_number") == purchase_order]

    def erp(self, kind: str) -> list[Any]:
        """Everything of a kind that the ERP took."""
        return _bodies(self.all("erp", "taken", kind=kind))

    def released(self, purchase_order: str) -> list[Any]:
        """The warehouse's orders for a purchase order."""
        orders = _bodies(self.all("warehouse", "order"))
        return [body for body in orders if body["purchase_order_number"] == purchase_order]

    def shipment(self, purchase_order: str) -> Any | None:
        """The ship confirmation that the warehouse made for a purchase order."""
        made = _bodies(self.all("warehouse", "made", kind="ship"))
        return next((body for body in made if body["order"]["purchase_order_number"] == purchase_order), None)

    def committed(self, purchase_order: str) -> list[Any]:
        """The tax engine's committed transactions for a purchase order."""
        return _bodies(self.all("tax", "committed", purchaseOrderNo=purchase_order))

    def _documents(self) -> Iterable[x12.Document]:
        for record in self.all("retailer", "fetched"):
            yield from x12.split(record["text"]).documents


def _bodies(records: list[Record]) -> list[Any]:
    return [json.loads(record["body"], parse_float=Decimal) for record in records]
