"""The table that says whose ledger it is."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from hub.ledger.schema import metadata

__all__ = ["ledger_home"]

ledger_home = Table(
    "ledger_home",
    metadata,
    Column("one", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
)
"""One row: the id of the home to which the ledger belongs (`hub.ledger.home_id`). No backup holds it."""
