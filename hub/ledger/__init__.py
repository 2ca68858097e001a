"""The truth about every message, on SQLite or PostgreSQL. The only importer of SQLAlchemy, drivers and Alembic."""

from __future__ import annotations

from hub.ledger.change import Change
from hub.ledger.ledger import Ledger
from hub.ledger.message import AT_REST, IN_FLIGHT, Kind, Message, NewMessage, State, Stored
from hub.ledger.reading import Found
from hub.ledger.records import (
    Endpoint,
    Event,
    Filter,
    LeaseLost,
    Obligation,
    OrderRow,
    OrderStep,
    Page,
    Sent,
    Swept,
    Taken,
)

__all__ = [
    "AT_REST",
    "IN_FLIGHT",
    "Change",
    "Endpoint",
    "Event",
    "Filter",
    "Found",
    "Kind",
    "LeaseLost",
    "Ledger",
    "Message",
    "NewMessage",
    "Obligation",
    "OrderRow",
    "OrderStep",
    "Page",
    "Sent",
    "State",
    "Stored",
    "Swept",
    "Taken",
]
