"""Tables of what was moved out of the ledger, and of restores."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table, Text

from hub.ledger.schema import metadata

__all__ = ["archive_pack", "archived_payload", "restoration"]

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

archive_pack = Table(
    "archive_pack",
    metadata,
    Column("name", _TEXT, primary_key=True),
    Column("folder", _TEXT, nullable=False),
    Column("at", Double, nullable=False),
    Column("payloads", _NUMBER, nullable=False),
    Column("bytes", _NUMBER, nullable=False),
    Column("packed_bytes", _NUMBER, nullable=False),
    Column("sha256", _TEXT, nullable=False),
)
"""A file of payloads; see `hub.ledger.packs`. ``folder``: where it was written; it may have been moved since."""

archived_payload = Table(
    "archived_payload",
    metadata,
    Column("sha256", _TEXT, primary_key=True),
    Column("pack", _TEXT, nullable=False),
    Index("archived_payload_pack", "pack"),
)
"""In which pack a payload lies. Its bytes may be in the ledger as well: then they have come again since."""

restoration = Table(
    "restoration",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("snapshot_at", Double, nullable=False),
    Column("doubt_until", Double, nullable=False),
    Column("numbers", _NUMBER, nullable=False),
)
"""Restores from a backup. What is delivered before ``doubt_until`` may have been delivered by the hub that was lost;
``numbers``: so many of each sequence were left out, also of those that it may have begun."""
