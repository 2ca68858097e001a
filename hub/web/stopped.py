"""Groups of stopped messages and replay jobs as JSON objects: the same in the API and the command."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from hub.ledger.message import State
from hub.web.shapes import message_line, time

if TYPE_CHECKING:
    from hub.ledger import Ledger, ReplayItem, ReplayJob, StoppedGroup

__all__ = ["group_json", "groups_to_do", "item_json", "job_json"]

MEMBERS_SHOWN = 50


def groups_to_do(ledger: Ledger, states: Collection[State], *, everything: bool) -> tuple[list[StoppedGroup], int]:
    """The groups that want looking at, and how many are snoozed and left out."""
    groups, now = ledger.stopped_groups(states), ledger.now()
    awake = [group for group in groups if everything or group.snoozed_until is None or group.snoozed_until <= now]
    return awake, len(groups) - len(awake)


def group_json(ledger: Ledger, group: StoppedGroup, *, history: bool = False) -> dict[str, Any]:
    """``history``: also what people did about it, and its first 50 messages."""
    value: dict[str, Any] = {
        "group": group.id,
        "state": group.state.value,
        "count": group.count,
        "cause": group.cause,
        "what": group.general,
        "kind": group.kind.value,
        "type": group.type,
        "endpoint": group.endpoint,
        "partners": list(group.partners),
        "first_seen": time(group.first_seen),
        "last_seen": time(group.last_seen),
        "owner": group.owner,
        "note": group.note,
        "snoozed_until": time(group.snoozed_until),
        "example": group.example,
        "example_id": group.example_id,
    }
    if history:
        value["history"] = [
            {"at": time(step.at), "actor": step.actor, "what": step.what, "detail": step.detail}
            for step in ledger.group_steps(group.id)
        ]
        members = zip(range(MEMBERS_SHOWN), ledger.stopped((group.state,), group=group.id), strict=False)
        value["messages"] = [message_line(message) for _, message in members]
    return value


def job_json(ledger: Ledger, job: ReplayJob, *, outcomes: bool = False) -> dict[str, Any]:
    """``progress``: its items by state. ``outcomes``: where what was replayed stands now, with what came of it."""
    value: dict[str, Any] = {
        "job": job.id,
        "state": job.state.value,
        "actor": job.actor,
        "reason": job.reason,
        "selection": dict(job.selection),
        "how": dict(job.how),
        "total": job.total,
        "position": job.position,
        "canary": job.canary,
        "per_second": job.per_second,
        "detail": job.detail,
        "created_at": time(job.created_at),
        "changed_at": time(job.changed_at),
        "progress": ledger.replay_progress(job.id),
    }
    if outcomes:
        value["outcomes"] = ledger.replay_outcomes(job)
    return value


def item_json(item: ReplayItem) -> dict[str, Any]:
    """One message of a job."""
    return {"id": item.message_id, "state": item.state, "message_id": item.result_id, "detail": item.detail}
