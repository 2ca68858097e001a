"""The truth about every message, on SQLite or PostgreSQL. The only importer of SQLAlchemy, drivers and Alembic."""

from __future__ import annotations

from hub.ledger.change import Change
from hub.ledger.ledger import Ledger
from hub.ledger.message import AT_REST, IN_FLIGHT, Kind, Message, NewMessage, State, Stored
from hub.ledger.reading import Found
from hub.ledger.records import (
    Answered,
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
from hub.ledger.replays import JobState, Move, NewReplayJob, ReplayItem, ReplayJob
from hub.ledger.schema_archive import archive_pack as _registers_tables  # noqa: F401 - so that the schema is whole
from hub.ledger.schema_home import ledger_home as _registers_one_table  # noqa: F401 - so that the schema is whole
from hub.ledger.schema_replay import replay_job as _registers_its_tables  # noqa: F401 - so that the schema is whole
from hub.ledger.stopped import GroupStep, StoppedGroup, group_of

__all__ = [
    "AT_REST",
    "IN_FLIGHT",
    "Answered",
    "Change",
    "Endpoint",
    "Event",
    "Filter",
    "Found",
    "GroupStep",
    "JobState",
    "Kind",
    "LeaseLost",
    "Ledger",
    "Message",
    "Move",
    "NewMessage",
    "NewReplayJob",
    "Obligation",
    "OrderRow",
    "OrderStep",
    "Page",
    "ReplayItem",
    "ReplayJob",
    "Sent",
    "State",
    "StoppedGroup",
    "Stored",
    "Swept",
    "Taken",
    "group_of",
]
