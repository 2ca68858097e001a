"""The tables of the ledger; one schema for SQLite and PostgreSQL.

Times are seconds since 1970 UTC (IEEE double), hashes are lower-case hex, JSON is text in canonical form; text is
ordered by code point on both engines. Conditions of
partial indexes are literals, and statements that want them repeat the literal: SQLite does not use a partial index
for a bound parameter (https://www.sqlite.org/partialindex.html, section 3).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

__all__ = ["business_key", "control_number", "customer_order", "endpoint", "event", "message", "metadata", "obligation"]
__all__ += ["order_sequence", "order_step", "payload", "seal", "search_key", "sent_document"]

metadata = MetaData(
    naming_convention={"ix": "%(table_name)s_%(column_0_N_name)s", "pk": "%(table_name)s_pk", "uq": "%(table_name)s_uq"}
)
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str, default: str | None = "", *, null: bool = False) -> Column[str]:
    return Column(name, _TEXT, nullable=null, server_default=None if null or default is None else default)


def _number(name: str) -> Column[int]:
    return Column(name, _NUMBER, nullable=False, server_default="0")


def _time(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Double, nullable=null)


def _where(index: str, condition: str, *columns: str, unique: bool = False) -> Index:
    return Index(index, *columns, unique=unique, sqlite_where=text(condition), postgresql_where=text(condition))


_REST = "state NOT IN ('received','working')"

message = Table(
    "message",
    metadata,
    Column("id", _TEXT, primary_key=True),
    _text("kind", None),
    _text("state", None),
    _text("type", None),
    _text("partner"),
    _text("endpoint"),
    _text("order_key", null=True),
    _number("seq"),
    _number("order_hold"),
    _text("unique_key", null=True),
    _text("payload", null=True),
    _text("reading", null=True),
    _text("parent", null=True),
    _text("replay_of", null=True),
    _number("attempts"),
    _number("crashes"),
    _number("fence"),
    _text("owner"),
    _time("due_at"),
    _time("lease_until", null=True),
    _time("created_at"),
    _time("changed_at"),
    _text("cause"),
    _text("detail"),
    _text("facts", "{}"),
    _text("chain", None),
    _where("message_due_interchange", "state='received' AND crashes=0 AND kind='interchange'", "due_at", "id"),
    _where("message_due_document", "state='received' AND crashes=0 AND kind='document'", "due_at", "id"),
    _where("message_due_delivery", "state='received' AND crashes=0 AND kind='delivery'", "endpoint", "due_at", "id"),
    _where("message_due_solo", "state='received' AND crashes>0", "kind", "due_at", "id"),
    _where("message_working", "state='working'", "kind", "endpoint", "lease_until"),
    _where(
        "message_order",
        "order_key IS NOT NULL AND state IN ('received','working','held','dead')",
        "kind",
        "order_key",
        "seq",
    ),
    _where("message_stopped", "state IN ('held','rejected','dead')", "state", "id"),
    _where("message_unique", "unique_key IS NOT NULL", "unique_key", unique=True),
    _where("message_parent", "parent IS NOT NULL", "parent", "id"),
    _where("message_replay", "replay_of IS NOT NULL", "replay_of"),
    _where("message_open", "state IN ('received','working')", "id"),
    _where("message_answered", "state='answered'", "id", "kind", "created_at"),
    _where("message_rest_partner", _REST, "partner", "id", "kind", "state", "type", "endpoint", "cause", "created_at"),
    _where("message_rest_type", _REST, "type", "id", "kind", "state", "partner", "endpoint", "cause", "created_at"),
    _where("message_rest_endpoint", _REST, "endpoint", "id", "kind", "state", "type", "partner", "cause", "created_at"),
    _where("message_rest_cause", f"{_REST} AND cause<>''", "cause", "id", "kind", "state"),
    _where("message_rest_order", f"{_REST} AND order_key IS NOT NULL", "order_key", "id"),
)
"""``message_rest_*`` are for people who look: a row enters them when it comes to rest, so that its way there costs them
nothing. Behind the id they hold what else is asked for (`hub.ledger.listing`)."""

event = Table(
    "event",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    _text("message_id", None),
    _time("at"),
    _text("what", None),
    _text("actor", None),
    _text("kind", None),
    _text("state_from"),
    _text("state_to"),
    _text("cause"),
    _text("detail"),
    _text("facts", "{}"),
    _text("hash", None),
    Index("event_message", "message_id", "id"),
    sqlite_autoincrement=True,
)
"""Append-only. ``hash`` covers the row and the hash of the message's event before it; see `hub.ledger.chain`."""

seal = Table(
    "seal",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=False),
    _time("at"),
    _number("upto"),
    _number("events"),
    _text("tally", None),
    _text("hash", None),
)
"""Every so often: the hash of all events up to id ``upto``, chained, and the counts they add up to."""

payload = Table(
    "payload",
    metadata,
    Column("sha256", _TEXT, primary_key=True),
    _number("size"),
    _time("created_at"),
    Column("data", LargeBinary, nullable=True),
)
"""Content by its hash; ``data`` is null when it lies in a file."""

search_key = Table(
    "search_key",
    metadata,
    _text("value", None),
    _text("kind", None),
    _text("message_id", None),
    _text("order_key", null=True),
    PrimaryKeyConstraint("value", "kind", "message_id", name="search_key_pk"),
    sqlite_with_rowid=False,
)

business_key = Table(
    "business_key",
    metadata,
    _text("scope", None),
    _text("key", None),
    _text("fingerprint"),
    _text("message_id", None),
    _time("at"),
    PrimaryKeyConstraint("scope", "key", name="business_key_pk"),
)

order_sequence = Table(
    "order_sequence",
    metadata,
    _text("kind", None),
    _text("order_key", None),
    _number("seq"),
    PrimaryKeyConstraint("kind", "order_key", name="order_sequence_pk"),
    sqlite_with_rowid=False,
)

control_number = Table(
    "control_number",
    metadata,
    Column("name", _TEXT, primary_key=True),
    _number("value"),
    _number("rounds"),
)

customer_order = Table(
    "customer_order",
    metadata,
    Column("key", _TEXT, primary_key=True),
    _text("partner"),
    _text("po"),
    _text("state"),
    _text("data", "{}"),
    _number("version"),
    _time("created_at"),
    _time("changed_at"),
    Index("customer_order_po", "po"),
    Index("customer_order_created", "created_at", "key"),
    Index("customer_order_state", "state", "created_at"),
    Index("customer_order_partner", "partner", "created_at", "key"),
)

sent_document = Table(
    "sent_document",
    metadata,
    _text("partner", None),
    _text("group_type", None),
    _text("group_control", None),
    _text("document_control", None),
    _text("document"),
    _text("message_id", None),
    _text("state"),
    _text("detail"),
    _time("sent_at"),
    _time("due_at", null=True),
    _time("answered_at", null=True),
    PrimaryKeyConstraint("partner", "group_type", "group_control", "document_control", name="sent_document_pk"),
    Index("sent_document_message", "message_id"),
    _where("sent_document_due", "answered_at IS NULL", "due_at"),
)

order_step = Table(
    "order_step",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    _text("order_key", None),
    _time("at"),
    _text("what", None),
    _text("detail"),
    _text("message_id"),
    Index("order_step_order_key_id", "order_key", "id"),
)

obligation = Table(
    "obligation",
    metadata,
    _text("order_key", None),
    _text("what", None),
    _text("partner"),
    _time("due_at"),
    _time("opened_at"),
    _text("opened_by"),
    _time("closed_at", null=True),
    _text("closed_by"),
    PrimaryKeyConstraint("order_key", "what", name="obligation_pk"),
    _where("obligation_due", "closed_at IS NULL", "due_at"),
)

endpoint = Table(
    "endpoint",
    metadata,
    Column("name", _TEXT, primary_key=True),
    _number("failures"),
    _time("open_until", null=True),
    Column("ramp", _NUMBER, nullable=True),
    Column("max_concurrent", _NUMBER, nullable=True),
    Column("per_second", Double, nullable=True),
    Column("burst", _NUMBER, nullable=True),
    Column("tokens", Double, nullable=True),
    Column("refilled_at", Double, nullable=True),
    _text("cause"),
    _text("detail"),
    _time("changed_at"),
)
"""``failures`` in a row; ``open_until``: nothing is claimed before; ``ramp``: how many may be claimed while it
recovers, doubled by each success until it is null again."""
