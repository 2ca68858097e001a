"""Replays of many messages: the job, its frozen selection, and how far it has come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hub.errors import NotFound
from hub.ledger.chain import canonical_json, printable
from hub.ledger.message import Message, State
from hub.ledger.ordering import Ordering
from hub.ledger.rows import MESSAGE_COLUMNS, SELECT_MESSAGE, json_object, to_message
from hub.ledger.transaction import Database, Row, Transaction

__all__ = ["JobState", "Move", "NewReplayJob", "ReplayItem", "ReplayJob", "ReplayReading", "Replays", "next_job"]

_COLUMNS = (
    "id, state, actor, reason, selection, how, total, position, canary, per_second, due_at, detail, created_at,"
    " changed_at"
)
_JOB = f"SELECT {_COLUMNS} FROM replay_job"  # noqa: S608 - names of columns
_INSERT_JOB = f"INSERT INTO replay_job ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,0,?,?,?,'',?,?)"  # noqa: S608 - as above
_INSERT_ITEM = "INSERT INTO replay_item (job_id, number, message_id, state) VALUES (?,?,?,'waiting')"
_SET_JOB = "UPDATE replay_job SET state=?, position=?, due_at=?, detail=?, changed_at=? WHERE id=?"
_SET_ITEM = "UPDATE replay_item SET state=?, result_id=?, detail=? WHERE job_id=? AND number=?"
_ITEMS = (
    "SELECT number, message_id, state, result_id, detail FROM replay_item WHERE job_id=? AND number>=?"
    " ORDER BY number LIMIT ?"
)
_BY_STATE = "SELECT state, count(*) FROM replay_item WHERE job_id=? GROUP BY state"
_OUTCOMES = (
    "WITH RECURSIVE family(id) AS ("
    " SELECT result_id FROM replay_item WHERE job_id=? AND number<? AND state='replayed'"
    " UNION SELECT m.id FROM family f JOIN message p ON p.id=f.id JOIN message m ON m.parent=f.id"
    " WHERE m.parent IS NOT NULL AND m.created_at>=? AND (m.kind='delivery' OR p.kind='interchange'))"
    " SELECT m.state, count(*) FROM family f JOIN message m ON m.id=f.id GROUP BY m.state"
)
_NEXT = "SELECT min(due_at) FROM replay_job WHERE state IN ('running','canary')"
_DUE = _JOB + " WHERE state IN ('running','canary') AND due_at<=? ORDER BY due_at, id LIMIT ?"
_OF_MESSAGE = "SELECT job_id FROM replay_item WHERE message_id=? ORDER BY job_id"
_MOVE = (
    "UPDATE message SET state=?, attempts=0, crashes=0, fence=message.fence+1, owner='', due_at=?, lease_until=NULL,"
    " changed_at=?, cause=?, detail=?, facts=?, chain=? WHERE id=?"
)
_TAKE = (
    "UPDATE message SET state='working', attempts=attempts+1, fence=fence+1, owner=?, lease_until=?"
    " WHERE id=? AND state='received' RETURNING "
)


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    """The next items are due at ``due_at``."""
    CANARY = "canary"
    """The first few were replayed; their outcome is waited for."""
    STOPPED = "stopped"
    """The canary failed; ``detail`` says how. It goes on when someone resumes it."""
    ABORTED = "aborted"
    """Someone stopped it. It goes on when someone resumes it."""
    DONE = "done"
    """All items were replayed, or skipped with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReplayJob:
    """A job to be made. ``selection``: in words, what was asked for. ``how``: what `hub.flow.replay` needs to know."""

    id: str
    actor: str
    reason: str
    message_ids: Sequence[str]
    selection: Mapping[str, Any] = field(default_factory=dict)
    how: Mapping[str, Any] = field(default_factory=dict)
    canary: int = 0
    per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayJob:
    """A job as it was when it was read; see the table. Times are seconds since 1970 UTC."""

    id: str
    state: JobState
    actor: str
    reason: str
    selection: Mapping[str, Any]
    how: Mapping[str, Any]
    total: int
    position: int
    canary: int
    per_second: float | None
    due_at: float
    detail: str
    created_at: float
    changed_at: float


@dataclass(frozen=True, slots=True)
class ReplayItem:
    """One message of a job. ``state``: waiting, replayed, skipped, failed. ``result_id``: the message that goes on."""

    number: int
    message_id: str
    state: str
    result_id: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A message at rest that moves on; fields as of `Change.move`."""

    message: Message
    state: State
    event: str
    cause: str = ""
    detail: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class ReplayReading:
    """The part of a ledger that reads replay jobs."""

    _database: Database

    def replay_jobs(self, *, limit: int = 50) -> list[ReplayJob]:
        """Jobs, newest first."""
        with self._database.read() as db:
            return [_to_job(row) for row in db.rows(_JOB + " ORDER BY id DESC LIMIT ?", (limit,))]

    def replay_job(self, job_id: str) -> ReplayJob:
        """One job. NotFound when there is none."""
        with self._database.read() as db:
            return _found(db.row(_JOB + " WHERE id=?", (job_id,)), job_id)

    def replay_jobs_due(self, *, limit: int = 20) -> list[ReplayJob]:
        """Jobs that can go on now, the longest due first."""
        with self._database.read() as db:
            return [_to_job(row) for row in db.rows(_DUE, (self._database.now(), limit))]

    def replay_items(self, job_id: str, *, start: int = 0, limit: int = 1000) -> list[ReplayItem]:
        """Items of a job from a number on."""
        with self._database.read() as db:
            return [ReplayItem(*row) for row in db.rows(_ITEMS, (job_id, start, limit))]

    def replay_progress(self, job_id: str) -> dict[str, int]:
        """How many items are waiting, replayed, skipped, failed."""
        with self._database.read() as db:
            return {"waiting": 0, "replayed": 0, "skipped": 0, "failed": 0, **dict(db.rows(_BY_STATE, (job_id,)))}

    def replay_outcomes(self, job: ReplayJob, *, first: int | None = None) -> dict[str, int]:
        """In which states the replayed messages stand, with the documents and deliveries that came of them since.

        ``first``: only those of the first so many items.
        """
        until = job.total if first is None else first
        with self._database.read() as db:
            return dict(db.rows(_OUTCOMES, (job.id, until, job.created_at)))

    def replay_jobs_of(self, message_id: str) -> list[str]:
        """Ids of the jobs that replay, or replayed, a message."""
        with self._database.read() as db:
            return [row[0] for row in db.rows(_OF_MESSAGE, (message_id,))]


class Replays(Ordering):
    """The part of a change that deals with replay jobs, and with many messages that move on together."""

    def add_replay_job(self, new: NewReplayJob) -> None:
        """A job with its selection frozen; it is due at once."""
        db, now = self._unit.db, self._unit.now
        texts = (printable(new.actor), printable(new.reason), canonical_json(new.selection), canonical_json(new.how))
        numbers = (len(new.message_ids), new.canary, None if new.per_second is None else float(new.per_second))
        db.run(_INSERT_JOB, (new.id, JobState.RUNNING.value, *texts, *numbers, now, now, now))
        db.many(_INSERT_ITEM, [(new.id, number, message) for number, message in enumerate(new.message_ids)])

    def replay_job(self, job_id: str) -> ReplayJob:
        """A job as it is now, kept so until commit: one at a time works on it. NotFound when there is none."""
        db = self._unit.db
        return _found(db.row(_JOB + " WHERE id=?" + db.lock, (job_id,)), job_id)

    def replay_items(self, job_id: str, *, start: int, limit: int) -> list[ReplayItem]:
        """Items of a job from a number on."""
        return [ReplayItem(*row) for row in self._unit.db.rows(_ITEMS, (job_id, start, limit))]

    def set_replay_items(self, job_id: str, items: Iterable[ReplayItem]) -> None:
        """Notes what became of items."""
        rows = [(item.state, item.result_id, printable(item.detail), job_id, item.number) for item in items]
        if rows:
            self._unit.db.many(_SET_ITEM, rows)

    def set_replay_job(
        self,
        job: ReplayJob,
        state: JobState,
        *,
        position: int | None = None,
        due_at: float | None = None,
        detail: str = "",
    ) -> None:
        """Notes where a job stands."""
        place = job.position if position is None else position
        due = float(self._unit.now if due_at is None else due_at)
        self._unit.db.run(_SET_JOB, (state.value, place, due, printable(detail), self._unit.now, job.id))

    def messages(self, ids: Collection[str]) -> dict[str, Message]:
        """Messages as they are now, kept so until commit; those that do not exist are left out."""
        if not ids:
            return {}
        db = self._unit.db
        rows = db.among(SELECT_MESSAGE + " WHERE id IN (*) ORDER BY id" + db.lock, sorted(ids))
        return {message.id: message for message in map(to_message, rows)}

    def take(self, message_id: str, *, owner: str, lease_seconds: float) -> Message | None:
        """Claims this very message, whatever comes before it; None when it is not due."""
        row = self._unit.db.row(_TAKE + MESSAGE_COLUMNS, (owner, self._unit.now + lease_seconds, message_id))
        return to_message(row) if row else None

    def move_many(self, moves: Sequence[Move], *, actor: str) -> None:
        """As `Change.move`, for messages that `messages` gave in this change."""
        rows = []
        for move in moves:
            message, cause, detail = move.message, printable(move.cause), printable(move.detail)
            chain = self._unit.add_event(
                message.id,
                message.kind,
                message.chain,
                move.event,
                actor=printable(actor),
                state_from=message.state.value,
                state_to=move.state.value,
                cause=cause,
                detail=detail,
                facts=canonical_json(move.facts),
            )
            facts = canonical_json({**message.facts, **move.facts})
            now = self._unit.now
            rows.append((move.state.value, now, now, cause, detail, facts, chain, message.id))
        if rows:
            self._unit.db.many(_MOVE, rows)
        for move in moves:
            self.wake_behind(move.message)


def next_job(db: Transaction) -> Row | None:
    """When the next job can go on."""
    return db.row(_NEXT)


def _found(row: Row | None, job_id: str) -> ReplayJob:
    if row is None:
        raise NotFound(f"There is no replay job {job_id}.", fix="`crossdock jobs` lists them.")
    return _to_job(row)


def _to_job(row: Row) -> ReplayJob:
    values = dict(zip(ReplayJob.__slots__, row, strict=True))
    for name in ("selection", "how"):
        values[name] = json_object(values[name])
    return ReplayJob(**{**values, "state": JobState(values["state"])})
