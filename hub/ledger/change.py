"""What may be written in one commit. `Ledger.write` makes a `Change` and hands it to the work.

The work may run more than once (another change came in between, a connection broke), so it must have no effect outside
the change: make ids and read clocks before, call far ends after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from hub.errors import Broken, KeyConflict, NotFound
from hub.ledger.chain import canonical_json, key_text, printable, row_digest, short
from hub.ledger.claims import claim
from hub.ledger.keys import Keys
from hub.ledger.limits import Limits
from hub.ledger.message import IN_FLIGHT, Kind, Message, NewMessage, State, Stored
from hub.ledger.ordering import AT_LAST, BEHIND, blocked_by, put_behind
from hub.ledger.orders import Orders
from hub.ledger.replays import Replays
from hub.ledger.sent import SentDocuments
from hub.ledger.stopped import StoppedGroups
from hub.ledger.sweeps import recover
from hub.ledger.transaction import Row
from hub.ledger.unit import Finished, Unit

__all__ = ["Change"]

_TAKE_PLACES = (
    "INSERT INTO order_sequence (kind, order_key, seq) VALUES (?,?,?)"
    " ON CONFLICT (kind, order_key) DO UPDATE SET seq=order_sequence.seq+excluded.seq RETURNING kind, order_key, seq"
)
_MOVE = (
    "UPDATE message SET state=?, attempts=0, crashes=0, fence=fence+1, owner='', due_at=?, lease_until=NULL,"
    " changed_at=?, cause=?, detail=?, facts=?, chain=? WHERE id=?"
)


class Change(Keys, Orders, SentDocuments, Limits, StoppedGroups, Replays):
    """One commit in the making. Everything in it happens, or nothing."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._unique: dict[str, str] = {}

    @property
    def now(self) -> float:
        """Seconds since 1970 UTC: the time all rows of this change carry."""
        return self._unit.now

    def insert(self, new: NewMessage, *, actor: str = "hub") -> bool:
        """Adds a message with its event ``received``. False when its unique key is on record already."""
        return self.insert_many((new,), actor=actor)[0]

    def insert_many(self, messages: Sequence[NewMessage], *, actor: str = "hub") -> list[bool]:
        """As `insert`, for several at once; one answer each. Sequence numbers follow the order given."""
        answers, fresh = self._fresh(messages)
        for new, (order_key, seq) in zip(fresh, self._places(fresh), strict=True):
            self._add(new, order_key, seq, actor)
        return answers

    def begin(self, messages: Sequence[NewMessage], wanted: Collection[str]) -> list[Message]:
        """As `insert_many`, and claims those of them whose ids are ``wanted`` and that are the first of their order.

        They are given back, to be finished in this change.
        """
        begun: list[Message] = []
        _, fresh = self._fresh(messages)
        for new, (order_key, seq) in zip(fresh, self._places(fresh), strict=True):
            if new.id in wanted and seq <= 1 and new.state is State.RECEIVED and new.due_at <= self.now:
                begun.append(self._begun(new, order_key, seq))
            else:
                self._add(new, order_key, seq, "hub")
        return begun

    def _fresh(self, messages: Sequence[NewMessage]) -> tuple[list[bool], list[NewMessage]]:
        """Of each message whether it is on record after this, and those that are not yet."""
        present = self._present(messages)
        answers, fresh = [], []
        for new in messages:
            key = key_text(new.unique_key) if new.unique_key else ""
            holder = present.get(key) or self._unique.get(key)
            answers.append(holder is None or holder == new.id)
            if holder is None and new.id not in present:
                fresh.append(new)
                if key:
                    self._unique[key] = new.id
        return answers, fresh

    def existing(self, unique_key: str) -> str | None:
        """The id of the message that carries this unique key."""
        key = key_text(unique_key)
        if key in self._unique:
            return self._unique[key]
        row = self._unit.direct.row("SELECT id FROM message WHERE unique_key=?", (key,))
        return row[0] if row else None

    def on_record(self, unique_keys: Collection[str]) -> list[str]:
        """Those of several unique keys that a message carries."""
        keys = {key_text(key): key for key in unique_keys}
        if not keys:
            return []
        sql = "SELECT unique_key FROM message WHERE unique_key IN (*)"
        known = {row[0] for row in self._unit.direct.among(sql, list(keys))}
        return [keys[key] for key in keys if key in known or key in self._unique]

    def message(self, message_id: str) -> Message:
        """A message as it is now, kept so until commit. NotFound when there is none."""
        return self._unit.locked(message_id)

    def claim(
        self,
        kind: Kind,
        limit: int,
        *,
        lease_seconds: float,
        owner: str,
        solo: bool = False,
        endpoint: str | None = None,
    ) -> list[Message]:
        """As `Ledger.claim`, in the commit that finishes the ones before."""
        return claim(self._unit, kind, limit, lease_seconds=lease_seconds, owner=owner, solo=solo, endpoint=endpoint)

    def recover(self, dead: Collection[str]) -> tuple[int, int]:
        """Takes back messages of dead workers (part of `Ledger.sweep`); how many, and how many were given up."""
        return recover(self._unit, dead)

    def finish(
        self,
        message: Message,
        state: State,
        *,
        event: str,
        cause: str = "",
        detail: str = "",
        due_at: float | None = None,
        facts: Mapping[str, Any] | None = None,
        reading: Stored | str | None = None,
        actor: str = "hub",
        count_attempt: bool = True,
    ) -> None:
        """Ends the work on a claimed message. ``state`` RECEIVED with ``due_at``: try later.

        ``facts`` are added to the message's and recorded with the event, as is a ``reading`` that it had not before.
        ``count_attempt=False``: this claim does not
        count (the answer did not exist yet, the endpoint was parked). LeaseLost, at the end of the change at the
        latest, when the message was taken over: then nothing of this change happens.
        """
        merged = {**message.facts, **facts} if facts else message.facts
        read = message.reading if reading is None else self._unit.own(reading)
        anew = "" if read == message.reading else short(read)
        told = {"attempt": message.attempts, "owner": message.owner, "reading": anew}
        self._unit.add_finished(
            Finished(
                message=message,
                state=state,
                event=event,
                actor=printable(actor),
                cause=printable(cause),
                detail=printable(detail),
                due_at=float(self.now if due_at is None else due_at),
                attempts=message.attempts if count_attempt else max(0, message.attempts - 1),
                row_facts=canonical_json(merged),
                event_facts=canonical_json({**(facts or {}), **told}),
                reading=read,
            )
        )
        put_behind(self._unit, message, state)

    def finish_many(
        self,
        messages: Iterable[Message],
        state: State,
        *,
        event: str,
        cause: str = "",
        detail: str = "",
        due_at: float | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """As `finish`, for several that end alike."""
        for message in messages:
            self.finish(message, state, event=event, cause=cause, detail=detail, due_at=due_at, facts=facts)

    def move(
        self,
        message_id: str,
        expected: Iterable[State],
        state: State,
        *,
        event: str,
        actor: str,
        cause: str = "",
        detail: str = "",
        due_at: float | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> Message:
        """Moves a message that nobody works on: release, replay, close. The message as it is afterwards.

        NotFound when there is none, KeyConflict when its state is not one of ``expected``.
        """
        message = self._unit.locked(message_id)
        wanted = frozenset(expected)
        if message.state not in wanted:
            names = " or ".join(sorted(wanted))
            raise KeyConflict(
                f"message {message_id} is {message.state}, not {names}",
                message_id=message_id,
                state=message.state.value,
            )
        cause, detail, actor = printable(cause), printable(detail), printable(actor)
        chain = self._unit.add_event(
            message.id,
            message.kind,
            message.chain,
            event,
            actor=actor,
            state_from=message.state.value,
            state_to=state.value,
            cause=cause,
            detail=detail,
            facts=canonical_json(facts or {}),
        )
        due = float(self.now if due_at is None else due_at)
        row_facts = canonical_json({**message.facts, **(facts or {})})
        self._unit.db.run(_MOVE, (state.value, due, self.now, cause, detail, row_facts, chain, message.id))
        self.wake_behind(message)
        return self._unit.locked(message_id)

    def event(self, message_id: str, what: str, actor: str, facts: Mapping[str, Any] | None = None) -> None:
        """A note in a message's history; its state stays. NotFound when there is none."""
        message = self._unit.locked(message_id)
        chain = self._unit.add_event(
            message.id, message.kind, message.chain, what, actor=printable(actor), facts=canonical_json(facts or {})
        )
        self._unit.db.run("UPDATE message SET chain=? WHERE id=?", (chain, message.id))

    def put_payload(self, stored: Stored) -> str:
        """Keeps bytes that no message of this change owns yet; their SHA-256."""
        return self._unit.own(stored) or ""

    def _present(self, messages: Sequence[NewMessage]) -> dict[str, str]:
        """Unique keys (and, when the work runs again, ids) on record already, each with the id of its message."""
        found: dict[str, str] = {}
        keys = [key_text(new.unique_key) for new in messages if new.unique_key]
        if keys:
            found.update(self._unit.direct.among("SELECT unique_key, id FROM message WHERE unique_key IN (*)", keys))
        if self._unit.attempt > 0 and messages:
            ids = [new.id for new in messages]
            found.update(self._unit.direct.among("SELECT id, id FROM message WHERE id IN (*)", ids))
        return found

    def _add(self, new: NewMessage, order_key: str | None, seq: int, actor: str) -> None:
        if new.state is State.WORKING:
            raise Broken("a message cannot be inserted as being worked on")
        cause, detail = printable(new.cause), printable(new.detail)
        unit, now = self._unit, self._unit.now
        due_at = max(float(new.due_at), now) if new.state in IN_FLIGHT else float(new.due_at)
        if order_key and seq > 1 and new.state is State.RECEIVED:
            waits = blocked_by(unit, new.kind, order_key, seq)
            if waits:
                cause, detail, due_at = BEHIND, waits, AT_LAST
        what, reading = self._unchanging(new, order_key, seq), unit.own(new.reading)
        chain, facts = self._received(new, what, reading, actor, cause, detail), canonical_json(new.facts)
        unit.add_message((*what, str(new.state), reading, 0, 0, due_at, now, cause, detail, facts, chain))

    def _begun(self, new: NewMessage, order_key: str | None, seq: int) -> Message:
        """Inserts a message as being worked on; it as it is then."""
        unit, now = self._unit, self._unit.now
        what, reading = self._unchanging(new, order_key, seq), unit.own(new.reading)
        chain = self._received(new, what, reading, "hub", "", "")
        unit.add_message((*what, str(State.WORKING), reading, 1, 1, now, now, "", "", canonical_json(new.facts), chain))
        return Message(
            id=new.id, kind=new.kind, state=State.WORKING, type=new.type, partner=what[3], endpoint=new.endpoint,
            order_key=order_key, seq=seq, order_hold=new.order_hold, unique_key=what[8], payload=what[9],
            reading=reading, parent=new.parent, replay_of=new.replay_of, attempts=1, crashes=0, fence=1, owner="",
            due_at=now, lease_until=None, created_at=now, changed_at=now, cause="", detail="", facts=new.facts,
            chain=chain,
        )  # fmt: skip

    def _received(
        self, new: NewMessage, unchanging: Row, reading: str | None, actor: str, cause: str, detail: str
    ) -> str:
        """The first event of a message; its hash. ``seal``: the number of one that is on record."""
        unit, state = self._unit, State.RECEIVED if new.state in IN_FLIGHT else new.state
        facts: dict[str, Any] = {"row": row_digest(unchanging)}
        if reading:
            facts["reading"] = short(reading)
        if unit.seal:
            facts["seal"] = unit.seal
        return unit.add_event(
            new.id, new.kind, "", "received", actor=printable(actor), state_to=str(state), cause=cause, detail=detail,
            facts=canonical_json(facts),
        )  # fmt: skip

    def _unchanging(self, new: NewMessage, order_key: str | None, seq: int) -> Row:
        """The columns of a message that stay as they are, in the order in which the unit takes them. (`skip` clears
        ``order_hold`` and says so.)"""
        unique_key = key_text(new.unique_key) if new.unique_key else None
        what = (new.id, str(new.kind), new.type, printable(new.partner), new.endpoint, order_key, seq)
        content = (self._unit.own(new.payload), new.parent, new.replay_of)
        return (*what, int(new.order_hold), unique_key, *content, self._unit.now)

    def _places(self, messages: Sequence[NewMessage]) -> list[tuple[str | None, int]]:
        """Order key and place of each: 0 without a key, that of the message it replays, or the next in its order.

        The next ones are taken under locks held to commit: a later one never shows before an earlier.
        """
        places: list[tuple[str | None, int | None]] = []
        wanted: dict[tuple[str, str], int] = {}
        for new in messages:
            key = key_text(new.order_key) if new.order_key else None
            place = 0 if key is None else self._replayed(new, key) if new.replay_of else None
            places.append((key, place))
            if key is not None and place is None:
                wanted[str(new.kind), key] = wanted.get((str(new.kind), key), 0) + 1
        following = self._taken(wanted) if wanted else {}
        answers = []
        for new, (key, place) in zip(messages, places, strict=True):
            if key is not None and place is None:
                place = following[str(new.kind), key]
                following[str(new.kind), key] = place + 1
            answers.append((key, place or 0))
        return answers

    def _taken(self, wanted: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """By kind and order key: the first of so many places that are ours from now on."""
        rows = self._unit.direct.returned(_TAKE_PLACES, [(*order, wanted[order]) for order in sorted(wanted)])
        return {(kind, key): last - wanted[kind, key] + 1 for kind, key, last in rows}

    def _replayed(self, new: NewMessage, order_key: str) -> int | None:
        """The place of the message that this one replays, in the same order; None for the next one."""
        row = self._unit.db.row("SELECT kind, order_key, seq FROM message WHERE id=?", (new.replay_of,))
        if row is None:
            raise NotFound(f"there is no message {new.replay_of}", message_id=new.replay_of)
        return int(row[2]) if (row[0], row[1]) == (str(new.kind), order_key) else None
