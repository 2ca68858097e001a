"""Indexes for people who look: written once a message, when it comes to rest. An older hub works on, but lists slower.

On PostgreSQL they are built and removed beside those who write. What an interrupted run left half built is built anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REST = "state NOT IN ('received','working')"
_ADDED = (
    ("message", "message_open", ("id",), "state IN ('received','working')"),
    ("message", "message_answered", ("id", "kind", "created_at"), "state='answered'"),
    (
        "message",
        "message_rest_partner",
        ("partner", "id", "kind", "state", "type", "endpoint", "cause", "created_at"),
        _REST,
    ),
    (
        "message",
        "message_rest_type",
        ("type", "id", "kind", "state", "partner", "endpoint", "cause", "created_at"),
        _REST,
    ),
    (
        "message",
        "message_rest_endpoint",
        ("endpoint", "id", "kind", "state", "type", "partner", "cause", "created_at"),
        _REST,
    ),
    ("message", "message_rest_cause", ("cause", "id", "kind", "state"), f"{_REST} AND cause<>''"),
    ("message", "message_rest_order", ("order_key", "id"), f"{_REST} AND order_key IS NOT NULL"),
    ("customer_order", "customer_order_partner", ("partner", "created_at", "key"), None),
)
_REMOVED = (
    ("message_partner", ("partner", "id")),
    ("message_type", ("type", "id")),
    ("message_endpoint", ("endpoint", "id")),
)


def upgrade() -> None:
    with _beside_writers() as beside:
        for table, name, columns, condition in _ADDED:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=beside)
            where = None if condition is None else sa.text(condition)
            op.create_index(
                name,
                table,
                list(columns),
                sqlite_where=where,
                postgresql_where=where,
                postgresql_concurrently=beside,
            )
        for name, _ in _REMOVED:
            op.drop_index(name, "message", if_exists=True, postgresql_concurrently=beside)


def downgrade() -> None:
    with _beside_writers() as beside:
        for name, columns in _REMOVED:
            op.create_index(name, "message", list(columns), postgresql_concurrently=beside)
        for table, name, _, _ in _ADDED:
            op.drop_index(name, table, postgresql_concurrently=beside)


@contextmanager
def _beside_writers() -> Iterator[bool]:
    """Whether indexes are made concurrently: on PostgreSQL, outside of a transaction and without a time limit."""
    if op.get_bind().dialect.name != "postgresql":
        yield False
        return
    with op.get_context().autocommit_block():
        before = op.get_bind().execute(sa.text("SELECT current_setting('lock_timeout')")).scalar_one()
        op.execute("SET lock_timeout=0")
        try:
            yield True
        finally:
            op.execute(f"SET lock_timeout='{before}'")
