"""What the messages say: one real order as 850, canonical JSON and order state, and stand-ins of usual size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import mappings
from demo import documents, x12
from hub.canonical import Order
from hub.contracts.mapping import Context
from hub.orders.lifecycle import open_order
from hub.x12 import read
from hub.x12.document import Document

__all__ = ["Texts", "texts"]

_PO = "PO7770000001"
_PARTNER = "PARTNER777"
_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_PIECES = {"SKU-RED": Decimal(12), "SKU-GREEN": Decimal(20)}


@dataclass(frozen=True, slots=True)
class Texts:
    """Bytes with the number of the order, and the partner, left open."""

    _document: bytes
    _reading: bytes
    _state: str

    def document(self, po: str) -> bytes:
        """An 850 from ST to SE."""
        return self._document.replace(_PO.encode(), po.encode())

    def reading(self, po: str) -> bytes:
        """The canonical Order of that 850."""
        return self._reading.replace(_PO.encode(), po.encode())

    def state(self, partner: str, po: str) -> str:
        """The order as `hub.orders` keeps it when it has come in."""
        return self._state.replace(_PO, po).replace(_PARTNER, partner)

    def other(self, type_: str, number: str) -> bytes:
        """Anything else: 700 bytes that no other message has."""
        return f'{{"document":"{type_}","number":"{number}","lines":"'.encode() + b"12 EA SKU-RED 9.95;" * 32 + b'"}'


def texts() -> Texts:
    """Made by the hub's own reader and mapping."""
    segments = documents.purchase_order(_PO, _PIECES, _AT.date())
    data = x12.write("PARTNER", "CROSSDOCK", 1, "PO", [("850", segments)], _AT).encode()
    document = next(event for event in read(data) if isinstance(event, Document))
    mapping = mappings.find("x12/850", partner="", version="004010")
    assert mapping is not None
    reading = mapping.read(document, Context(currency="USD", values={}, now=_AT.timestamp()))
    assert isinstance(reading.message, Order), reading.problems
    state = open_order(_PARTNER, reading.message, _AT, "")
    own = data[document.offset : document.offset + document.length]
    return Texts(own, reading.json(), state.model_copy(update={"steps": ()}).model_dump_json(exclude_none=True))
