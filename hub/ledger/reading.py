"""Looking at the ledger: lists, searches and histories, on connections that never wait for the writer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hub.errors import NotFound
from hub.ledger.chain import key_text
from hub.ledger.listing import KINDS_OF_KEY, page_statement
from hub.ledger.message import Kind, Message
from hub.ledger.orders import SELECT_ORDER, to_order
from hub.ledger.records import Endpoint, Event, Filter, Obligation, OrderRow, OrderStep, Page, Sent
from hub.ledger.rows import SELECT_MESSAGE, json_object, to_message
from hub.ledger.transaction import Database, Row, Transaction

__all__ = ["Found", "Reading"]

_EVENTS = (
    "SELECT id, message_id, at, what, actor, kind, state_from, state_to, cause, detail, facts, hash FROM event"
    " WHERE message_id=? ORDER BY id"
)
_SENT = (
    "SELECT partner, group_type, group_control, document_control, document, message_id, state, detail, sent_at, due_at,"
    " answered_at FROM sent_document"
)
_OBLIGATION = "SELECT order_key, what, partner, due_at, opened_at, opened_by, closed_at, closed_by FROM obligation"
_ENDPOINT = "SELECT name, failures, open_until, ramp, max_concurrent, per_second, burst, cause, detail FROM endpoint"
_AT_ENDPOINT = (
    "SELECT endpoint, count(*) FROM message WHERE state='received' AND crashes=0 AND kind='delivery' GROUP BY endpoint"
)
_WORKING_AT_ENDPOINT = (
    "SELECT endpoint, count(*) FROM message WHERE state='working' AND kind='delivery' GROUP BY endpoint"
)
_ASKING = (
    "SELECT count(*) FROM message WHERE state='received' AND crashes=0 AND kind='document'"
    " AND cause IN ('unreachable','throttled') AND facts LIKE ?"
)
_MOST = 1000
_MOST_FOUND = 100
_ORDERS_OF_KEY = (
    "SELECT DISTINCT order_key FROM (SELECT order_key FROM search_key WHERE value=? AND kind=?"
    " ORDER BY message_id DESC LIMIT 100) AS newest WHERE order_key IS NOT NULL"
)
_WITH_PO = " WHERE po=? ORDER BY created_at DESC, key DESC LIMIT 100"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search key leads to, newest first; at most 100 orders. ``cursor`` fetches the next page of messages."""

    messages: tuple[Message, ...]
    orders: tuple[OrderRow, ...]
    cursor: str | None = None


class Reading:
    """The part of a ledger that only reads."""

    _database: Database

    def message(self, message_id: str) -> Message:
        """One message. NotFound when there is none."""
        with self._database.read() as db:
            row = db.row(SELECT_MESSAGE + " WHERE id=?", (message_id,))
        if row is None:
            raise NotFound(
                f"there is no message {message_id}", fix="`crossdock messages` lists them", message_id=message_id
            )
        return to_message(row)

    def existing(self, unique_key: str) -> str | None:
        """The id of the message that carries this unique key."""
        with self._database.read() as db:
            row = db.row("SELECT id FROM message WHERE unique_key=?", (key_text(unique_key),))
        return row[0] if row else None

    def messages(self, which: Filter | None = None, *, limit: int = 50, cursor: str | None = None) -> Page[Message]:
        """Messages, newest first (by id, which grows with time). ``limit`` at most 1,000."""
        with self._database.read() as db:
            return _messages_page(db, which or Filter(), limit, cursor)

    def children(self, message_id: str) -> list[Message]:
        """What was made from a message, oldest first: documents of an interchange, deliveries of a document."""
        return self._messages(" WHERE parent=? ORDER BY id", (message_id,))

    def replays(self, message_id: str) -> list[Message]:
        """The messages that replay this one, oldest first."""
        return self._messages(" WHERE replay_of=? ORDER BY id", (message_id,))

    def events(self, message_id: str) -> list[Event]:
        """A message's history, oldest first."""
        with self._database.read() as db:
            rows = db.rows(_EVENTS, (message_id,))
        return [_to_event(row) for row in rows]

    def search(self, value: str, which: Filter | None = None, *, limit: int = 50, cursor: str | None = None) -> Found:
        """All that carries this business key: PO, invoice, shipment, tracking or control number, SSCC, or an id.

        ``which`` narrows the messages. Orders, and the message with this id, come with the first page.
        """
        value = key_text(value.strip())
        if not value:
            return Found((), ())
        with self._database.read() as db:
            page = _messages_page(db, replace(which or Filter(), key=value), limit, cursor)
            if cursor is not None:
                return Found(page.items, (), page.cursor)
            own = db.rows(SELECT_MESSAGE + " WHERE id=?", (value,))
            orders = _orders_found(db, value)
        items = (*map(to_message, own), *(message for message in page.items if message.id != value))
        return Found(items, tuple(orders), page.cursor)

    def order(self, key: str) -> OrderRow:
        """One order. NotFound when there is none."""
        with self._database.read() as db:
            row = db.row(SELECT_ORDER + " WHERE key=?", (key_text(key),))
        if row is None:
            raise NotFound(f"there is no order {key}", order=key)
        return to_order(row)

    def steps(self, order_key: str) -> list[OrderStep]:
        """What happened to an order, oldest first."""
        sql = "SELECT at, what, detail, message_id FROM order_step WHERE order_key=? ORDER BY id"
        with self._database.read() as db:
            rows = db.rows(sql, (key_text(order_key),))
        return [OrderStep(at=row[0], what=row[1], detail=row[2], message_id=row[3]) for row in rows]

    def orders(
        self, *, partner: str = "", po: str = "", state: str = "", limit: int = 50, cursor: str | None = None
    ) -> Page[OrderRow]:
        """Orders, newest first. ``limit`` at most 1,000."""
        limit = max(1, min(limit, _MOST))
        conditions = {"partner=?": partner, "po=?": po, "state=?": state}
        where = [condition for condition, wanted in conditions.items() if wanted] or ["key>''"]
        values: list[Any] = [wanted for wanted in conditions.values() if wanted]
        if cursor is not None:
            at, _, key = cursor.partition("|")
            where.append("(created_at,key)<(?,?)")
            values += [float.fromhex(at), key]
        sql = f"{SELECT_ORDER} WHERE {' AND '.join(where)} ORDER BY created_at DESC, key DESC LIMIT {limit + 1}"
        with self._database.read() as db:
            rows = db.rows(sql, values)
        items = tuple(to_order(row) for row in rows[:limit])
        return Page(items, f"{items[-1].created_at.hex()}|{items[-1].key}" if len(rows) > limit else None)

    def sent(self, *, message_id: str | None = None, overdue_at: float | None = None, limit: int = 1000) -> list[Sent]:
        """Documents we sent: those of one message, or those whose answer was due before ``overdue_at``, or all."""
        conditions: list[str] = []
        values: list[Any] = []
        if message_id is not None:
            conditions.append("message_id=?")
            values.append(message_id)
        if overdue_at is not None:
            conditions.append("answered_at IS NULL AND due_at<?")
            values.append(overdue_at)
        where = " WHERE " + " AND ".join(conditions) if conditions else ""
        with self._database.read() as db:
            rows = db.rows(_SENT + where + " ORDER BY sent_at DESC LIMIT ?", (*values, limit))
        return [Sent(**dict(zip(Sent.__slots__, row, strict=True))) for row in rows]

    def obligations(
        self, *, order_key: str | None = None, overdue_at: float | None = None, limit: int = 1000
    ) -> list[Obligation]:
        """What is due: all of one order (closed ones too), else the open ones, those before ``overdue_at`` only."""
        values: Row
        if order_key is not None:
            where, values = " WHERE order_key=? ORDER BY due_at LIMIT ?", (order_key, limit)
        elif overdue_at is not None:
            where, values = " WHERE closed_at IS NULL AND due_at<? ORDER BY due_at LIMIT ?", (overdue_at, limit)
        else:
            where, values = " WHERE closed_at IS NULL ORDER BY due_at LIMIT ?", (limit,)
        with self._database.read() as db:
            rows = db.rows(_OBLIGATION + where, values)
        return [Obligation(**dict(zip(Obligation.__slots__, row, strict=True))) for row in rows]

    def endpoint(self, name: str) -> Endpoint:
        """Breaker and limits of one endpoint, without its deliveries."""
        with self._database.read() as db:
            row = db.row(_ENDPOINT + " WHERE name=?", (name,))
        return Endpoint(**dict(zip(Endpoint.__slots__[:9], row, strict=True))) if row else Endpoint(name=name)

    def paused_endpoints(self) -> list[Endpoint]:
        """Endpoints for which nothing is claimed now, by name, without their deliveries."""
        with self._database.read() as db:
            rows = db.rows(_ENDPOINT + " WHERE open_until>? ORDER BY name", (self._database.now(),))
        return [Endpoint(**dict(zip(Endpoint.__slots__[:9], row, strict=True))) for row in rows]

    def endpoints(self) -> list[Endpoint]:
        """Breakers and limits, by name: endpoints that have either, or deliveries in flight, or documents that wait to
        ask them."""
        with self._database.read() as db:
            rows = {row[0]: row[1:] for row in db.rows(_ENDPOINT)}
            waiting: dict[str, int] = dict(db.rows(_AT_ENDPOINT))
            working: dict[str, int] = dict(db.rows(_WORKING_AT_ENDPOINT))
            for name in rows:
                asking = db.rows(_ASKING, (f'%"endpoint":"{name}"%',))[0][0]
                if asking:
                    waiting[name] = waiting.get(name, 0) + asking
        found = []
        for name in sorted({*rows, *waiting, *working}):
            values = dict(zip(Endpoint.__slots__[1:9], rows[name], strict=True)) if name in rows else {}
            found.append(Endpoint(name=name, waiting=waiting.get(name, 0), working=working.get(name, 0), **values))
        return found

    def _messages(self, where: str, values: Row) -> list[Message]:
        with self._database.read() as db:
            return [to_message(row) for row in db.rows(SELECT_MESSAGE + where, values)]


def _messages_page(db: Transaction, which: Filter, limit: int, cursor: str | None) -> Page[Message]:
    limit = max(1, min(limit, _MOST))
    kinds = [row[0] for row in db.rows(KINDS_OF_KEY, (which.key, which.key))] if which.key else []
    if which.key and not kinds:
        return Page((), None)
    rows = db.rows(*page_statement(which, limit=limit + 1, cursor=cursor, kinds=kinds))
    items = tuple(to_message(row) for row in rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def _orders_found(db: Transaction, value: str) -> list[OrderRow]:
    """Orders with this key or PO number, or that the newest messages with this business key are about."""
    kinds = [row[0] for row in db.rows(KINDS_OF_KEY, (value, value))]
    keys = {value, *(row[0] for kind in kinds for row in db.rows(_ORDERS_OF_KEY, (value, kind)))}
    rows = {row[0]: row for row in db.rows(SELECT_ORDER + _WITH_PO, (value,))}
    chosen = sorted(keys)[:_MOST_FOUND]
    rows |= {row[0]: row for row in db.among(SELECT_ORDER + " WHERE key IN (*)", chosen)}
    newest = sorted(map(to_order, rows.values()), key=lambda order: (order.created_at, order.key), reverse=True)
    return newest[:_MOST_FOUND]


def _to_event(row: Row) -> Event:
    values = dict(zip(Event.__slots__, row, strict=True))
    return Event(**{**values, "kind": Kind(values["kind"]), "facts": json_object(values["facts"])})
