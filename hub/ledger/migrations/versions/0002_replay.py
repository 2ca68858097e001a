"""What people say of a cause, and replays of many messages. Adds tables only: an older hub works on beside it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state IN ('running','canary')")


def upgrade() -> None:
    op.create_table(
        "stopped_group",
        sa.Column("fingerprint", _TEXT, nullable=False),
        sa.Column("owner", _TEXT, server_default="", nullable=False),
        sa.Column("note", _TEXT, server_default="", nullable=False),
        sa.Column("snoozed_until", sa.Double(), nullable=True),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("changed_by", _TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="stopped_group_pk"),
    )
    op.create_table(
        "stopped_group_step",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("fingerprint", _TEXT, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("what", _TEXT, nullable=False),
        sa.Column("detail", _TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="stopped_group_step_pk"),
    )
    op.create_index("stopped_group_step_of", "stopped_group_step", ["fingerprint", "id"], unique=False)
    op.create_table(
        "replay_job",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("selection", _TEXT, server_default="{}", nullable=False),
        sa.Column("how", _TEXT, server_default="{}", nullable=False),
        sa.Column("total", _NUMBER, server_default="0", nullable=False),
        sa.Column("position", _NUMBER, server_default="0", nullable=False),
        sa.Column("canary", _NUMBER, server_default="0", nullable=False),
        sa.Column("per_second", sa.Double(), nullable=True),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("detail", _TEXT, server_default="", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="replay_job_pk"),
    )
    op.create_index(
        "replay_job_open", "replay_job", ["due_at"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "replay_item",
        sa.Column("job_id", _TEXT, nullable=False),
        sa.Column("number", _NUMBER, server_default="0", nullable=False),
        sa.Column("message_id", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("result_id", _TEXT, server_default="", nullable=False),
        sa.Column("detail", _TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("job_id", "number", name="replay_item_pk"),
    )
    op.create_index("replay_item_message", "replay_item", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_table("replay_item")
    op.drop_table("replay_job")
    op.drop_table("stopped_group_step")
    op.drop_table("stopped_group")
