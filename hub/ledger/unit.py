"""The rows one change has gathered, written in few statements when they are needed.

Everything a change inserts is kept until the change reads something or ends, and then goes to the database table by
table. The result is the same as one statement after the other, at a fraction of the cost.
"""

from __future__ import annotations

from typing import NamedTuple

from hub.errors import Broken, KeyConflict, NotFound
from hub.ledger.chain import event_hash
from hub.ledger.message import Kind, Message, State, Stored
from hub.ledger.records import LeaseLost
from hub.ledger.rows import SELECT_MESSAGE, to_message
from hub.ledger.transaction import Rerun, Row, Transaction

__all__ = ["Finished", "Unit"]

_INSERT_PAYLOAD = (
    "INSERT INTO payload (sha256, size, created_at, data) VALUES (?,?,?,?) ON CONFLICT (sha256) DO UPDATE SET"
    " created_at=excluded.created_at, data=COALESCE(excluded.data, payload.data)"
    " WHERE payload.created_at<excluded.created_at-86400 OR (payload.data IS NULL AND excluded.data IS NOT NULL)"
    " OR payload.data<>excluded.data"
)
"""Bytes that come again are young again, back from the archive (see `hub.ledger.retention`), and in the place of those
that somebody altered."""
_INSERT_MESSAGE = (
    "INSERT INTO message (id, kind, type, partner, endpoint, order_key, seq, order_hold, unique_key, payload, parent,"
    " replay_of, created_at, state, reading, attempts, fence, due_at, changed_at, cause, detail, facts, chain, crashes,"
    " owner) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,'') ON CONFLICT DO NOTHING"
)
_UNCHANGING = 13
"""So many columns of `_INSERT_MESSAGE`, the first ones, stay as they are when a message is finished."""
_FINISH = (
    "UPDATE message SET state=?, reading=?, attempts=?, fence=?, due_at=?, changed_at=?, cause=?, detail=?, facts=?,"
    " chain=?, crashes=0, owner='', lease_until=NULL WHERE id=? AND fence=? AND state='working' AND chain=?"
)
_INSERT_EVENT = (
    "INSERT INTO event (message_id, at, what, actor, kind, state_from, state_to, cause, detail, facts, hash)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)
_ADD_ORDER = (
    "INSERT INTO customer_order (key, partner, po, state, data, version, created_at, changed_at)"
    " VALUES (?,?,?,?,?,1,?,?) ON CONFLICT DO NOTHING"
)
_SAVE_ORDER = (
    "UPDATE customer_order SET partner=?, po=?, state=?, data=?, version=customer_order.version+1, changed_at=?"
    " WHERE key=? AND version=?"
)
_OPEN_OBLIGATION = (
    "INSERT INTO obligation (order_key, what, partner, due_at, opened_at, opened_by) VALUES (?,?,?,?,?,?)"
    " ON CONFLICT (order_key, what) DO UPDATE SET partner=excluded.partner, due_at=excluded.due_at,"
    " opened_at=excluded.opened_at, opened_by=excluded.opened_by, closed_at=NULL, closed_by=''"
    " WHERE obligation.closed_at IS NOT NULL AND obligation.opened_by<>excluded.opened_by"
)
_WORKING = str(State.WORKING)
_INSERT_STEP = "INSERT INTO order_step (order_key, at, what, detail, message_id) VALUES (?,?,?,?,?)"
_INSERT_SEARCH_KEY = (
    "INSERT INTO search_key (value, kind, message_id, order_key) VALUES (?,?,?,?) ON CONFLICT DO NOTHING"
)


class Finished(NamedTuple):
    """A finish that waits to be written: the message as it was claimed, and what its row and event will say."""

    message: Message
    state: State
    event: str
    actor: str
    cause: str
    detail: str
    due_at: float
    attempts: int
    row_facts: str
    event_facts: str
    reading: str | None


class Unit:
    """Gathers rows on one transaction. ``attempt``: how often the same work was tried before. ``seal``: the number of
    the newest seal that this process knows to be on record, or 0."""

    def __init__(self, transaction: Transaction, now: float, attempt: int, seal: int) -> None:
        self.now = now
        self.attempt = attempt
        self.seal = seal
        self.marker: tuple[str, str] | None = None
        self._transaction = transaction
        self._payloads: dict[str, Row] = {}
        self._messages: dict[str, Row] = {}
        self._finished: list[Finished] = []
        self._events: list[Row] = []
        self._search_keys: list[Row] = []
        self._steps: list[Row] = []
        self._obligations: dict[Row, Row] = {}
        self._orders: dict[str, Row] = {}
        self._saved_orders: dict[str, Row] = {}

    @property
    def db(self) -> Transaction:
        """The transaction, after all that was gathered is written to it."""
        self.flush()
        return self._transaction

    @property
    def direct(self) -> Transaction:
        """The transaction, for statements that have nothing to do with what was gathered."""
        return self._transaction

    def flush(self) -> None:
        """Writes what was gathered. LeaseLost when a finished message was taken over in the meantime."""
        if self._payloads:
            self._transaction.many(_INSERT_PAYLOAD, sorted(self._payloads.values()))
            self._payloads.clear()
        if self._finished:
            self._finish_begun()
        if self._messages:
            self._write_messages()
        if self._finished:
            self._write_finished()
        if self._events:
            self._transaction.many(_INSERT_EVENT, self._events)
            self._events.clear()
        if self._search_keys:
            self._transaction.many(_INSERT_SEARCH_KEY, sorted(set(self._search_keys)))
            self._search_keys.clear()
        if self._steps:
            self._transaction.many(_INSERT_STEP, self._steps)
            self._steps.clear()
        self.flush_orders()
        self.flush_obligations()

    def flush_obligations(self) -> None:
        """Writes the obligations that were opened."""
        if self._obligations:
            self._transaction.many(_OPEN_OBLIGATION, list(self._obligations.values()))
            self._obligations.clear()

    def flush_orders(self) -> None:
        """Writes the orders that were saved. KeyConflict when someone else has saved one of them since it was
        loaded."""
        for sql, rows in ((_ADD_ORDER, self._orders), (_SAVE_ORDER, self._saved_orders)):
            if rows and self._transaction.many(sql, [rows[key] for key in sorted(rows)]) != len(rows):
                raise KeyConflict("an order was changed by someone else", count=len(rows))
            rows.clear()

    def own(self, content: Stored | str | None) -> str | None:
        """The hash of content a message is to own; new bytes are inserted with it."""
        if content is None or isinstance(content, str):
            return content
        self._payloads[content.sha256] = (content.sha256, content.size, self.now, content.data)
        return content.sha256

    def add_message(self, row: Row) -> None:
        """``row``: the values of `_INSERT_MESSAGE`, the id first."""
        if row[0] in self._messages:
            raise Broken("one change inserts two messages with the same id")
        self._messages[row[0]] = row

    def add_search_key(self, row: Row) -> None:
        self._search_keys.append(row)

    def add_step(self, row: Row) -> None:
        self._steps.append(row)

    def add_order(self, key: str, row: Row) -> None:
        if key in self._orders:
            self.flush_orders()
        self._orders[key] = row

    def add_saved_order(self, key: str, row: Row) -> None:
        if key in self._orders or key in self._saved_orders:
            self.flush_orders()
        self._saved_orders[key] = row

    def add_obligation(self, row: Row) -> None:
        """``row``: order key, what, and the rest; while it is open, opening it again changes nothing."""
        self._obligations.setdefault(row[:2], row)

    def add_finished(self, finished: Finished) -> None:
        self._finished.append(finished)

    def add_event(
        self,
        message_id: str,
        kind: Kind,
        chain: str,
        what: str,
        *,
        actor: str,
        state_from: str = "",
        state_to: str = "",
        cause: str = "",
        detail: str = "",
        facts: str = "{}",
    ) -> str:
        """Gathers an event that follows the one with hash ``chain``; its own hash."""
        content = (message_id, self.now, what, actor, str(kind), state_from, state_to, cause, detail, facts)
        digest = event_hash(chain, *content)
        self._events.append((*content, digest))
        self.marker = (message_id, digest)
        return digest

    def locked(self, message_id: str) -> Message:
        """A message as it is now, kept so until commit. NotFound when there is none."""
        row = self.db.row(SELECT_MESSAGE + " WHERE id=?" + self._transaction.lock, (message_id,))
        if row is None:
            raise NotFound(
                f"there is no message {message_id}", fix="`crossdock messages` lists them", message_id=message_id
            )
        return to_message(row)

    def _finish_begun(self) -> None:
        """Messages that are inserted and finished in one change are written once, as they are in the end."""
        others: list[Finished] = []
        for item in self._finished:
            row = self._messages.get(item.message.id)
            if row is None:
                others.append(item)
            else:
                self._messages[item.message.id] = (*row[:_UNCHANGING], *self._finish_row(item))
        self._finished = others

    def _write_messages(self) -> None:
        if self._transaction.many(_INSERT_MESSAGE, list(self._messages.values())) != len(self._messages):
            raise Rerun("another change inserted one of these messages first")
        self._messages.clear()

    def _write_finished(self) -> None:
        finished, self._finished = self._finished, []
        if self.attempt > 0:
            finished = self._refreshed(finished)
        rows = [(*self._finish_row(item), item.message.id, item.message.fence, item.message.chain) for item in finished]
        if self._transaction.many(_FINISH, rows) != len(finished):
            raise Rerun("a finished message was taken over, or someone wrote a note to it")

    def _finish_row(self, item: Finished) -> Row:
        """The columns that change, with the event that says so."""
        message, state = item.message, str(item.state)
        chain = self.add_event(
            message.id,
            message.kind,
            message.chain,
            item.event,
            actor=item.actor,
            state_from=_WORKING,
            state_to=state,
            cause=item.cause,
            detail=item.detail,
            facts=item.event_facts,
        )
        told = (self.now, item.cause, item.detail, item.row_facts, chain)
        return (state, item.reading, item.attempts, message.fence + 1, item.due_at, *told)

    def _refreshed(self, finished: list[Finished]) -> list[Finished]:
        """The same with the rows as they are now: a note may have been added to a message that is being worked on."""
        ids = sorted({item.message.id for item in finished})
        sql = SELECT_MESSAGE + " WHERE id IN (*) ORDER BY id" + self._transaction.lock
        rows = {message.id: message for message in map(to_message, self._transaction.among(sql, ids))}
        for item in finished:
            row = rows.get(item.message.id)
            if row is None or row.fence != item.message.fence or row.state is not State.WORKING:
                raise LeaseLost(
                    f"message {item.message.id} was taken over by another worker", message_id=item.message.id
                )
        return [item._replace(message=rows[item.message.id]) for item in finished]
