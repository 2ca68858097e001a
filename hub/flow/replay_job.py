"""Replays of many messages, done in batches by the hub's workers: canary first, at a rate, to be aborted and resumed.

The selection is frozen when the job is made, and each batch notes in the commit that replays its messages what became
of them: a crash at any point leaves a job that goes on where it was, and no message is replayed twice by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hub.errors import CrossdockError, KeyConflict, Misconfigured, Retryable
from hub.flow.desk import Desk
from hub.flow.replay import Done, carry_out, stage_of
from hub.flow.replay_way import REPLAYABLE, How
from hub.flow.x12_rule import parse_rule
from hub.ledger import Change, JobState, NewReplayJob, ReplayItem, ReplayJob
from hub.ledger.message import State

__all__ = ["abort", "create", "resume", "step", "work"]

BATCH = 100
"""Messages replayed in one commit."""
ITEMS_MAX = 200_000
CANARY_LOOK_SECONDS = 1.0
_OPEN = frozenset({JobState.RUNNING, JobState.CANARY})
_STOPPED = frozenset(state.value for state in REPLAYABLE)
_IN_FLIGHT = frozenset({State.RECEIVED.value, State.WORKING.value})


def create(
    desk: Desk,
    ids: Iterable[str],
    *,
    how: How,
    actor: str,
    reason: str,
    selection: Mapping[str, Any] | None = None,
    canary: int = 0,
    per_second: float | None = None,
) -> ReplayJob:
    """Put a job on record, with its messages in the order of their arrival; workers begin at once.

    ``canary``: so many go first, and the rest only when all that came of them is well. ``per_second``: not faster.
    Raises Misconfigured for a rule that is none, too many messages, or no reason.
    """
    if not reason.strip():
        raise Misconfigured("A replay needs a reason.", fix="Say why; it is kept with every message.")
    if per_second is not None and not 0.001 <= per_second <= 10_000:
        raise Misconfigured("The rate is from 0.001 to 10000 a second.", fix="Use --rate 5.")
    if how.rule:
        parse_rule(how.rule)
    chosen = sorted(set(ids))
    if len(chosen) > ITEMS_MAX:
        raise Misconfigured(f"{len(chosen)} messages; a job takes {ITEMS_MAX}.", fix="Narrow the selection.")
    new = NewReplayJob(
        id=desk.ids.new(),
        actor=actor,
        reason=reason.strip(),
        message_ids=chosen,
        selection=dict(selection or {}),
        how=how.as_json(),
        canary=max(0, min(canary, len(chosen))),
        per_second=per_second,
    )
    desk.ledger.write(lambda change: change.add_replay_job(new))
    desk.hint("replay")
    return desk.ledger.replay_job(new.id)


def abort(desk: Desk, job_id: str, *, actor: str) -> ReplayJob:
    """No further batch is begun. Raises KeyConflict where it is over."""
    return _turn(desk, job_id, _OPEN | {JobState.STOPPED}, lambda _: JobState.ABORTED, f"aborted by {actor}")


def resume(desk: Desk, job_id: str, *, actor: str) -> ReplayJob:
    """Go on where it was stopped or aborted; a failed canary is not waited for again, one that was aborted is."""
    turned = _turn(desk, job_id, {JobState.ABORTED, JobState.STOPPED}, _resumed, f"resumed by {actor}")
    desk.hint("replay")
    return turned


def _resumed(job: ReplayJob) -> JobState:
    at_the_canary = 0 < job.canary == job.position
    return JobState.CANARY if at_the_canary and job.state is JobState.ABORTED else JobState.RUNNING


def work(desk: Desk) -> int:
    """One batch of each job that is due; how many messages were dealt with."""
    return sum(step(desk, job.id) for job in desk.ledger.replay_jobs_due())


def step(desk: Desk, job_id: str) -> int:
    """One batch of a job, or a look at its canary; how many messages were dealt with."""
    job = desk.ledger.replay_job(job_id)
    if job.state is JobState.CANARY:
        _look(desk, job)
        return 0
    if job.state is not JobState.RUNNING:
        return 0
    try:
        return _batch(desk, job, BATCH)
    except Retryable:
        raise
    except Exception:  # noqa: BLE001 - whatever stops one message is found out one by one, and stops no other
        return _one_by_one(desk, job)


def _turn(
    desk: Desk, job_id: str, expected: Iterable[JobState], state: Callable[[ReplayJob], JobState], detail: str
) -> ReplayJob:
    def turn(change: Change) -> None:
        job = change.replay_job(job_id)
        if job.state not in expected:
            raise KeyConflict(f"The job is {job.state}.", fix="`crossdock jobs` lists them.", job=job_id)
        change.set_replay_job(job, state(job), detail=detail)

    desk.ledger.write(turn)
    return desk.ledger.replay_job(job_id)


def _look(desk: Desk, job: ReplayJob) -> None:
    """What came of the first few: go on, wait, or stop. Those that were not replayed at all tried nothing out."""
    outcomes = desk.ledger.replay_outcomes(job, first=job.canary)
    items = desk.ledger.replay_progress(job.id)
    failed = {state: count for state, count in outcomes.items() if state in _STOPPED}
    waiting = sum(count for state, count in outcomes.items() if state in _IN_FLIGHT)
    if items["failed"] or not items["replayed"]:
        failed |= {name: items[name] for name in ("failed", "skipped") if items[name]}
    if failed:
        said = ", ".join(f"{count} {state}" for state, count in sorted(failed.items()))
        after, due, detail = JobState.STOPPED, None, f"of the first {job.canary} and what came of them: {said}"
    elif waiting:
        due = desk.ledger.now() + CANARY_LOOK_SECONDS
        after, detail = JobState.CANARY, f"{waiting} of the first {job.canary} and what came of them are under way"
    else:
        after, due, detail = JobState.RUNNING, None, f"the first {job.canary} went well"

    def note(change: Change) -> None:
        locked = change.replay_job(job.id)
        if locked.state is JobState.CANARY:
            change.set_replay_job(locked, after, due_at=due, detail=detail)

    desk.ledger.write(note)


def _batch(desk: Desk, job: ReplayJob, most: int) -> int:
    """The next messages, in one commit with the note of it. Raises what stops one of them."""

    def batch(change: Change) -> list[Done]:
        locked = change.replay_job(job.id)
        if locked.state is not JobState.RUNNING or locked.due_at > change.now:
            return []
        items = change.replay_items(job.id, start=locked.position, limit=_size(locked, most))
        ids = [item.message_id for item in items]
        done = carry_out(
            desk, change, ids, How(**locked.how), actor=locked.actor, reason=locked.reason, facts={"job": locked.id}
        )
        change.set_replay_items(
            job.id,
            (
                ReplayItem(
                    item.number, item.message_id, "skipped" if one.refused else "replayed", one.message_id, one.refused
                )
                for item, one in zip(items, done, strict=True)
            ),
        )
        _advance(change, locked, len(items))
        return done

    done = desk.ledger.write(batch)
    _hint(desk, done)
    return len(done)


def _one_by_one(desk: Desk, job: ReplayJob) -> int:
    """The same batch, each in a commit of its own; one that cannot be done is noted as failed."""
    count = 0
    for _ in range(_size(job, BATCH)):
        begun = desk.ledger.replay_job(job.id)
        try:
            dealt = _batch(desk, begun, 1)
        except Retryable:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            dealt = _note_failed(desk, begun, error)
        if not dealt:
            break
        count += dealt
    return count


def _note_failed(desk: Desk, job: ReplayJob, error: Exception) -> int:
    """The message at the job's place failed; nothing where another hub has gone on from there meanwhile."""
    said = error.message if isinstance(error, CrossdockError) else type(error).__name__

    def note(change: Change) -> int:
        locked = change.replay_job(job.id)
        if locked.state is not JobState.RUNNING or locked.position != job.position:
            return 0
        items = change.replay_items(job.id, start=locked.position, limit=1)
        change.set_replay_items(
            job.id, [ReplayItem(item.number, item.message_id, "failed", "", said) for item in items]
        )
        _advance(change, locked, len(items))
        return len(items)

    return desk.ledger.write(note)


def _size(job: ReplayJob, most: int) -> int:
    """How many go next: not beyond the canary, and not more than a second's worth."""
    left = (job.canary if job.position < job.canary else job.total) - job.position
    if job.per_second is not None:
        most = min(most, max(1, int(job.per_second)))
    return min(most, left)


def _advance(change: Change, job: ReplayJob, count: int) -> None:
    position = job.position + count
    due_at = None if job.per_second is None else max(job.due_at, change.now - 1.0) + count / job.per_second
    if job.position < job.canary == position:
        change.set_replay_job(job, JobState.CANARY, position=position, detail="the canary is under way")
    elif position >= job.total:
        change.set_replay_job(job, JobState.DONE, position=position, detail="")
    else:
        change.set_replay_job(job, JobState.RUNNING, position=position, due_at=due_at, detail=job.detail)


def _hint(desk: Desk, done: Sequence[Done]) -> None:
    stages = {stage_of(desk.message(one.message_id)) if one.message_id != one.message.id else stage_of(one.message)
              for one in done if not one.refused}  # fmt: skip
    for stage in sorted(stages):
        desk.hint(stage)
