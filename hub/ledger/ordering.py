"""Those behind a message that stopped: they wait, say so, and go on when a person has mended or skipped it (P4).

The order itself is a condition of every claim. What waits for a person is moved out of the way of claims besides, in
the change that stops the message before it or inserts it behind one, so that no claim looks at it in vain.
"""

from __future__ import annotations

from collections.abc import Iterable

from hub.errors import KeyConflict
from hub.ledger.chain import canonical_json, printable
from hub.ledger.message import Kind, Message, State
from hub.ledger.rows import SELECT_MESSAGE, to_message
from hub.ledger.transaction import Transaction
from hub.ledger.unit import Unit

__all__ = ["BEHIND", "Ordering", "blocked_by", "overlooked", "put_behind"]

BEHIND = "in_order"
"""The cause of a message that waits behind one that stopped."""
AT_LAST = 5_000_000_000.0
"""``due_at`` of what waits for a person, in seconds since 1970: the year 2128."""
_STOPPED = frozenset({State.HELD, State.DEAD})


def _in_order(sql: str) -> str:
    """The index of messages in order is used where its condition is repeated."""
    place = (
        "kind=? AND order_key=? AND order_key IS NOT NULL AND state IN ('received','working','held','dead')"
        " AND state IN ({})"
    )
    return sql.replace("{stopped}", place.format("'held','dead'")).replace("{waiting}", place.format("'received'"))


_FIRST = _in_order(
    "SELECT id, type, state FROM message WHERE {stopped} AND seq<? AND order_hold=1 ORDER BY seq LIMIT 1"
)
_NEXT = _in_order(
    "SELECT id, type, state, seq FROM message WHERE {stopped} AND seq>? AND order_hold=1 ORDER BY seq LIMIT 1"
)
_LATER = _in_order(SELECT_MESSAGE + " WHERE {waiting} AND seq>? AND due_at<?")
_SET = "UPDATE message SET due_at=?, cause=?, detail=?, chain=? WHERE id=?"
_WAKE = _in_order("UPDATE message SET due_at=?, cause='', detail='' WHERE {waiting} AND seq>? AND seq<? AND cause=?")
_BEHIND_NEXT = _in_order("UPDATE message SET detail=? WHERE {waiting} AND seq>? AND cause=?")
_SEQ_MAX = 2**62
_DUE = (
    "SELECT id, kind, order_key, seq FROM message WHERE state='received' AND crashes=0 AND kind='{kind}'{endpoint}"
    " AND due_at<=? ORDER BY due_at, id LIMIT 100"
)
_BEHIND_ONE = (
    "SELECT due.id FROM ({due}) due WHERE due.order_key IS NOT NULL AND (SELECT p.id FROM message p"
    " WHERE p.kind=due.kind AND p.order_key=due.order_key AND p.order_key IS NOT NULL AND p.seq<due.seq"
    " AND p.state IN ('received','working','held','dead') AND p.state IN ('held','dead') AND p.order_hold=1 LIMIT 1)"
    " IS NOT NULL"
)
_OVERLOOKED = {
    kind.value: _BEHIND_ONE.format(
        due=_DUE.format(kind=kind.value, endpoint=" AND endpoint=?" if kind is Kind.DELIVERY else "")
    )
    for kind in Kind
}
"""Of those that are due longest: what nobody can claim is among them in the end."""
_STILL_DUE = SELECT_MESSAGE + " WHERE id=? AND state='received' AND due_at<=?"
_SKIP = "UPDATE message SET order_hold=0, chain=? WHERE id=?"


class Ordering:
    """The part of a change that deals with the order of messages."""

    _unit: Unit

    def skip(self, message_id: str, *, actor: str, reason: str) -> Message:
        """Those behind a message that stopped do not wait for it any more; it stays where it is.

        NotFound when there is none, KeyConflict when nothing has to wait for it.
        """
        message = self._unit.locked(message_id)
        if not _holds(message):
            raise KeyConflict(
                f"Message {message_id} is {message.state}, and nothing waits for it.",
                fix="`crossdock show ID` of a message that waits names the one it waits for.",
                message_id=message_id,
            )
        facts = canonical_json({"reason": printable(reason)})
        chain = self._unit.add_event(
            message.id, message.kind, message.chain, "skipped", actor=printable(actor), facts=facts
        )
        self._unit.db.run(_SKIP, (chain, message.id))
        self.wake_behind(message)
        return self._unit.locked(message_id)

    def put_overlooked_behind(self, message_ids: Iterable[str]) -> None:
        """Of messages that `overlooked` gave, those that are still so wait."""
        unit = self._unit
        for message_id in sorted(message_ids):
            row = unit.db.row(_STILL_DUE + unit.direct.skip_locked, (message_id, unit.now))
            message = to_message(row) if row else None
            if (
                message
                and message.order_key
                and (detail := blocked_by(unit, message.kind, message.order_key, message.seq))
            ):
                _wait(unit, message, detail)

    def wake_behind(self, message: Message) -> None:
        """``message`` moves on: what waits behind it is due at once, but for what stands behind another such one.

        That one is kept so until commit, as in `blocked_by`, lest who deals with it and this leave the rest to each
        other.
        """
        if not _holds(message):
            return
        db, order = self._unit.db, (message.kind.value, message.order_key)
        following = db.row(_NEXT + db.skip_locked, (*order, message.seq))
        until = following[3] if following else _SEQ_MAX
        db.run(_WAKE, (self._unit.now, *order, message.seq, until, BEHIND))
        if following:
            db.run(_BEHIND_NEXT, (_words(*following[:3]), *order, until, BEHIND))


def blocked_by(unit: Unit, kind: Kind, order_key: str, seq: int) -> str:
    """Why a message at this place of an order waits for a person; empty where it does not.

    The one before it is kept so until commit, so that who deals with it finds all that waits. Where somebody deals with
    that one now, it does not wait for a person: claims keep the order in any case. And this waits for no other change,
    so that it is in no deadlock.
    """
    row = unit.direct.row(_FIRST + unit.direct.skip_locked, (kind.value, order_key, seq))
    return "" if row is None else _words(*row)


def put_behind(unit: Unit, message: Message, state: State) -> None:
    """``message`` stops in this state: what is in its order behind it waits, where it is one of those that are waited
    for."""
    if state not in _STOPPED or not message.order_hold or message.order_key is None:
        return
    detail = _words(message.id, message.type, state.value)
    sql = _LATER + unit.db.lock
    for row in unit.db.rows(sql, (message.kind.value, message.order_key, message.seq, AT_LAST)):
        _wait(unit, to_message(row), detail)


def overlooked(db: Transaction, stage: str, now: float) -> list[str]:
    """Ids of messages of a stage that are due but cannot be claimed: one before them stopped while they came, and
    neither change saw the other; or somebody dealt with that one at that moment."""
    kind, _, endpoint = stage.partition(":")
    sql = _OVERLOOKED.get(kind)
    values = (endpoint, now) if kind == Kind.DELIVERY else (now,)
    return [row[0] for row in db.rows(sql, values)] if sql else []


def _wait(unit: Unit, message: Message, detail: str) -> None:
    chain = unit.add_event(message.id, message.kind, message.chain, "waits", actor="hub", cause=BEHIND, detail=detail)
    unit.db.run(_SET, (AT_LAST, BEHIND, detail, chain, message.id))


def _holds(message: Message) -> bool:
    return message.state in _STOPPED and message.order_hold and message.order_key is not None


def _words(message_id: str, type_: str, state: str) -> str:
    return f"It waits behind {type_} {message_id}, which is {state}: mend that one, or skip it."
