"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Long because it is the whole schema, a statement a table, in the order that Alembic compares."""
    op.create_table(
        "business_key",
        sa.Column("scope", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("fingerprint", _TEXT, server_default="", nullable=False),
        sa.Column("message_id", _TEXT, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="business_key_pk"),
    )
    op.create_table(
        "control_number",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("value", _NUMBER, server_default="0", nullable=False),
        sa.Column("rounds", _NUMBER, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name="control_number_pk"),
    )
    op.create_table(
        "customer_order",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("partner", _TEXT, server_default="", nullable=False),
        sa.Column("po", _TEXT, server_default="", nullable=False),
        sa.Column("state", _TEXT, server_default="", nullable=False),
        sa.Column("data", _TEXT, server_default="{}", nullable=False),
        sa.Column("version", _NUMBER, server_default="0", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="customer_order_pk"),
    )
    op.create_index("customer_order_created", "customer_order", ["created_at", "key"], unique=False)
    op.create_index("customer_order_po", "customer_order", ["po"], unique=False)
    op.create_index("customer_order_state", "customer_order", ["state", "created_at"], unique=False)

    op.create_table(
        "endpoint",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("failures", _NUMBER, server_default="0", nullable=False),
        sa.Column("open_until", sa.Double(), nullable=True),
        sa.Column("ramp", _NUMBER, nullable=True),
        sa.Column("max_concurrent", _NUMBER, nullable=True),
        sa.Column("per_second", sa.Double(), nullable=True),
        sa.Column("burst", _NUMBER, nullable=True),
        sa.Column("tokens", sa.Double(), nullable=True),
        sa.Column("refilled_at", sa.Double(), nullable=True),
        sa.Column("cause", _TEXT, server_default="", nullable=False),
        sa.Column("detail", _TEXT, server_default="", nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="endpoint_pk"),
    )
    op.create_table(
        "event",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("message_id", _TEXT, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("what", _TEXT, nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("state_from", _TEXT, server_default="", nullable=False),
        sa.Column("state_to", _TEXT, server_default="", nullable=False),
        sa.Column("cause", _TEXT, server_default="", nullable=False),
        sa.Column("detail", _TEXT, server_default="", nullable=False),
        sa.Column("facts", _TEXT, server_default="{}", nullable=False),
        sa.Column("hash", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="event_pk"),
        sqlite_autoincrement=True,
    )
    op.create_index("event_message", "event", ["message_id", "id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("type", _TEXT, nullable=False),
        sa.Column("partner", _TEXT, server_default="", nullable=False),
        sa.Column("endpoint", _TEXT, server_default="", nullable=False),
        sa.Column("order_key", _TEXT, nullable=True),
        sa.Column("seq", _NUMBER, server_default="0", nullable=False),
        sa.Column("order_hold", _NUMBER, server_default="0", nullable=False),
        sa.Column("unique_key", _TEXT, nullable=True),
        sa.Column("payload", _TEXT, nullable=True),
        sa.Column("reading", _TEXT, nullable=True),
        sa.Column("parent", _TEXT, nullable=True),
        sa.Column("replay_of", _TEXT, nullable=True),
        sa.Column("attempts", _NUMBER, server_default="0", nullable=False),
        sa.Column("crashes", _NUMBER, server_default="0", nullable=False),
        sa.Column("fence", _NUMBER, server_default="0", nullable=False),
        sa.Column("owner", _TEXT, server_default="", nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("cause", _TEXT, server_default="", nullable=False),
        sa.Column("detail", _TEXT, server_default="", nullable=False),
        sa.Column("facts", _TEXT, server_default="{}", nullable=False),
        sa.Column("chain", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="message_pk"),
    )
    op.create_index(
        "message_due_delivery",
        "message",
        ["endpoint", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state='received' AND crashes=0 AND kind='delivery'"),
        postgresql_where=sa.text("state='received' AND crashes=0 AND kind='delivery'"),
    )
    op.create_index(
        "message_due_document",
        "message",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state='received' AND crashes=0 AND kind='document'"),
        postgresql_where=sa.text("state='received' AND crashes=0 AND kind='document'"),
    )
    op.create_index(
        "message_due_interchange",
        "message",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state='received' AND crashes=0 AND kind='interchange'"),
        postgresql_where=sa.text("state='received' AND crashes=0 AND kind='interchange'"),
    )
    op.create_index(
        "message_due_solo",
        "message",
        ["kind", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state='received' AND crashes>0"),
        postgresql_where=sa.text("state='received' AND crashes>0"),
    )
    op.create_index("message_endpoint", "message", ["endpoint", "id"], unique=False)
    op.create_index(
        "message_order",
        "message",
        ["kind", "order_key", "seq"],
        unique=False,
        sqlite_where=sa.text("order_key IS NOT NULL AND state IN ('received','working','held','dead')"),
        postgresql_where=sa.text("order_key IS NOT NULL AND state IN ('received','working','held','dead')"),
    )
    op.create_index(
        "message_parent",
        "message",
        ["parent", "id"],
        unique=False,
        sqlite_where=sa.text("parent IS NOT NULL"),
        postgresql_where=sa.text("parent IS NOT NULL"),
    )
    op.create_index("message_partner", "message", ["partner", "id"], unique=False)
    op.create_index(
        "message_replay",
        "message",
        ["replay_of"],
        unique=False,
        sqlite_where=sa.text("replay_of IS NOT NULL"),
        postgresql_where=sa.text("replay_of IS NOT NULL"),
    )
    op.create_index(
        "message_stopped",
        "message",
        ["state", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('held','rejected','dead')"),
        postgresql_where=sa.text("state IN ('held','rejected','dead')"),
    )
    op.create_index("message_type", "message", ["type", "id"], unique=False)
    op.create_index(
        "message_unique",
        "message",
        ["unique_key"],
        unique=True,
        sqlite_where=sa.text("unique_key IS NOT NULL"),
        postgresql_where=sa.text("unique_key IS NOT NULL"),
    )
    op.create_index(
        "message_working",
        "message",
        ["kind", "endpoint", "lease_until"],
        unique=False,
        sqlite_where=sa.text("state='working'"),
        postgresql_where=sa.text("state='working'"),
    )

    op.create_table(
        "obligation",
        sa.Column("order_key", _TEXT, nullable=False),
        sa.Column("what", _TEXT, nullable=False),
        sa.Column("partner", _TEXT, server_default="", nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("opened_by", _TEXT, server_default="", nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("closed_by", _TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("order_key", "what", name="obligation_pk"),
    )
    op.create_index(
        "obligation_due",
        "obligation",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )

    op.create_table(
        "order_sequence",
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("order_key", _TEXT, nullable=False),
        sa.Column("seq", _NUMBER, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("kind", "order_key", name="order_sequence_pk"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "order_step",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("order_key", _TEXT, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("what", _TEXT, nullable=False),
        sa.Column("detail", _TEXT, server_default="", nullable=False),
        sa.Column("message_id", _TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="order_step_pk"),
    )
    op.create_index("order_step_order_key_id", "order_step", ["order_key", "id"], unique=False)
    op.create_table(
        "payload",
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("size", _NUMBER, server_default="0", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name="payload_pk"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE payload ALTER COLUMN data SET STORAGE EXTERNAL")  # pglz costs more than it saves
    op.create_table(
        "seal",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("upto", _NUMBER, server_default="0", nullable=False),
        sa.Column("events", _NUMBER, server_default="0", nullable=False),
        sa.Column("tally", _TEXT, nullable=False),
        sa.Column("hash", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="seal_pk"),
    )
    op.create_table(
        "search_key",
        sa.Column("value", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("message_id", _TEXT, nullable=False),
        sa.Column("order_key", _TEXT, nullable=True),
        sa.PrimaryKeyConstraint("value", "kind", "message_id", name="search_key_pk"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sent_document",
        sa.Column("partner", _TEXT, nullable=False),
        sa.Column("group_type", _TEXT, nullable=False),
        sa.Column("group_control", _TEXT, nullable=False),
        sa.Column("document_control", _TEXT, nullable=False),
        sa.Column("document", _TEXT, server_default="", nullable=False),
        sa.Column("message_id", _TEXT, nullable=False),
        sa.Column("state", _TEXT, server_default="", nullable=False),
        sa.Column("detail", _TEXT, server_default="", nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("partner", "group_type", "group_control", "document_control", name="sent_document_pk"),
    )
    op.create_index(
        "sent_document_due",
        "sent_document",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index("sent_document_message", "sent_document", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_table("sent_document")
    op.drop_table("search_key")
    op.drop_table("seal")
    op.drop_table("payload")
    op.drop_table("order_step")
    op.drop_table("order_sequence")
    op.drop_table("obligation")
    op.drop_table("message")
    op.drop_table("event")
    op.drop_table("endpoint")
    op.drop_table("customer_order")
    op.drop_table("control_number")
    op.drop_table("business_key")
