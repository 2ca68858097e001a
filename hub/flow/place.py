"""The order that a document keeps its place in (P4): of a partner's file by its PO, of a site by what the site says."""

from __future__ import annotations

from hub.canonical import Canonical
from hub.ledger.message import Message
from hub.orders.lifecycle import order_key, order_number, said

__all__ = ["from_site", "in_file", "place_of"]


def in_file(partner: str, canonical: Canonical) -> str | None:
    """The order key of a document that came in a partner's file; None for one that is about no single order."""
    number = order_number(canonical)
    return order_key(partner, number) if number else None


def from_site(connection: str, canonical: Canonical) -> str | None:
    """The order key of a document that was posted: what one site says of one order is worked on as it was said."""
    number = said(canonical, "seller_order_id") or order_number(canonical)
    return f"{connection}|{number}" if number else None


def place_of(message: Message, canonical: Canonical) -> str | None:
    """The order key of a document that says this now, by where it came from."""
    if "isa13" in message.facts:
        return in_file(message.partner, canonical)
    if message.payload is not None:
        return from_site(message.endpoint, canonical)
    _, made_here, lane = (message.order_key or "").rpartition("#")
    key = in_file(message.partner, canonical)
    return f"{key}#{lane}" if key and made_here else message.order_key
