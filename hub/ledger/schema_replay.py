"""Tables of what people do about messages that stopped: what they say of a cause, and replays of many at once."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from hub.ledger.schema import metadata

__all__ = ["replay_item", "replay_job", "stopped_group", "stopped_group_step"]

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_OPEN = text("state IN ('running','canary')")

stopped_group = Table(
    "stopped_group",
    metadata,
    Column("fingerprint", _TEXT, primary_key=True),
    Column("owner", _TEXT, nullable=False, server_default=""),
    Column("note", _TEXT, nullable=False, server_default=""),
    Column("snoozed_until", Double, nullable=True),
    Column("changed_at", Double, nullable=False),
    Column("changed_by", _TEXT, nullable=False, server_default=""),
)
"""What people said of a cause. Which messages belong to it is never stored: it follows from the messages."""

stopped_group_step = Table(
    "stopped_group_step",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("fingerprint", _TEXT, nullable=False),
    Column("at", Double, nullable=False),
    Column("actor", _TEXT, nullable=False),
    Column("what", _TEXT, nullable=False),
    Column("detail", _TEXT, nullable=False, server_default=""),
    Index("stopped_group_step_of", "fingerprint", "id"),
)

replay_job = Table(
    "replay_job",
    metadata,
    Column("id", _TEXT, primary_key=True),
    Column("state", _TEXT, nullable=False),
    Column("actor", _TEXT, nullable=False),
    Column("reason", _TEXT, nullable=False),
    Column("selection", _TEXT, nullable=False, server_default="{}"),
    Column("how", _TEXT, nullable=False, server_default="{}"),
    Column("total", _NUMBER, nullable=False, server_default="0"),
    Column("position", _NUMBER, nullable=False, server_default="0"),
    Column("canary", _NUMBER, nullable=False, server_default="0"),
    Column("per_second", Double, nullable=True),
    Column("due_at", Double, nullable=False),
    Column("detail", _TEXT, nullable=False, server_default=""),
    Column("created_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    Index("replay_job_open", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
)
"""``position``: items below it are done. ``canary``: how many go first and are waited for; 0 when none."""

replay_item = Table(
    "replay_item",
    metadata,
    Column("job_id", _TEXT, nullable=False),
    Column("number", _NUMBER, nullable=False, server_default="0"),
    Column("message_id", _TEXT, nullable=False),
    Column("state", _TEXT, nullable=False),
    Column("result_id", _TEXT, nullable=False, server_default=""),
    Column("detail", _TEXT, nullable=False, server_default=""),
    PrimaryKeyConstraint("job_id", "number", name="replay_item_pk"),
    Index("replay_item_message", "message_id"),
)
"""The selection of a job, as it was when the job was made."""
