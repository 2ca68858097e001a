"""Where payloads lie that were moved to the archive, and when the ledger was restored. Adds tables only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "archive_pack",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("folder", _TEXT, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("payloads", _NUMBER, nullable=False),
        sa.Column("bytes", _NUMBER, nullable=False),
        sa.Column("packed_bytes", _NUMBER, nullable=False),
        sa.Column("sha256", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="archive_pack_pk"),
    )
    op.create_table(
        "archived_payload",
        sa.Column("sha256", _TEXT, nullable=False),
        sa.Column("pack", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="archived_payload_pk"),
    )
    op.create_index("archived_payload_pack", "archived_payload", ["pack"], unique=False)
    op.create_table(
        "restoration",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("snapshot_at", sa.Double(), nullable=False),
        sa.Column("doubt_until", sa.Double(), nullable=False),
        sa.Column("numbers", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="restoration_pk"),
    )


def downgrade() -> None:
    op.drop_table("restoration")
    op.drop_table("archived_payload")
    op.drop_table("archive_pack")
