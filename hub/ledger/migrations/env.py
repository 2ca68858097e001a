"""Runs migrations on the connection that `hub.ledger.migrate` hands over, each in a transaction of its own."""

from __future__ import annotations

from alembic import context

from hub.ledger.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
