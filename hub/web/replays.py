"""The JSON API of mending: groups of what stopped, replay jobs, closing; objects as of ``crossdock … --json``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from hub.errors import Misconfigured
from hub.flow import replay as flow_replay
from hub.flow import replay_job
from hub.flow.rehearsal import rehearse
from hub.flow.replay_way import How
from hub.ledger import Change
from hub.web.query import selection, states_of
from hub.web.stopped import group_json, groups_to_do, item_json, job_json

if TYPE_CHECKING:
    from hub.runtime import Hub

__all__ = ["CloseRequest", "GroupRequest", "JobRequest", "Replays", "Which", "routes"]

REHEARSED_MAX = 500
"""Messages of one request that are rehearsed; the answer says how many there are."""

Limit = Annotated[int, Query(ge=1, le=1000)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Actor = Annotated[str, Field(min_length=1, max_length=60)]
_STRICT = ConfigDict(extra="forbid")


class Which(BaseModel):
    """Which messages; empty fields do not restrict. ``since``, ``until``: of their arrival."""

    model_config = _STRICT

    state: str = ""
    kind: str = ""
    type: str = ""
    partner: str = ""
    endpoint: str = ""
    cause: str = ""
    group: str = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class JobRequest(BaseModel):
    """A replay of many: ``ids`` or ``where``. ``stage``, ``mapping``, ``fields``, ``rule``, ``again``: how."""

    model_config = _STRICT

    reason: Reason
    actor: Actor = "api"
    ids: list[str] = Field(default_factory=list, max_length=10_000)
    where: Which | None = None
    stage: Literal["", "read", "process", "deliver"] = ""
    mapping: Literal["", "original", "current"] = ""
    fields: dict[str, str] = Field(default_factory=dict)
    rule: str = ""
    again: bool = False
    numbers: Literal["", "same", "new"] = ""
    canary: Annotated[int, Field(ge=0)] = 0
    per_second: float | None = None
    dry_run: bool = False


class CloseRequest(BaseModel):
    """Nothing more follows from a message, or those behind it do not wait for it, because."""

    model_config = _STRICT

    reason: Reason
    actor: Actor = "api"


class GroupRequest(BaseModel):
    """What is said of a cause; fields that are left out stay. ``snoozed_until`` null wakes it."""

    model_config = _STRICT

    actor: Actor = "api"
    owner: str | None = Field(default=None, max_length=60)
    note: str | None = Field(default=None, max_length=2000)
    snoozed_until: AwareDatetime | None = None


def routes(hub: Hub) -> APIRouter:
    """The API's routes over one hub."""
    router = APIRouter()
    api = Replays(hub)
    router.add_api_route("/v1/dead/groups", api.groups, methods=["GET"])
    router.add_api_route("/v1/dead/groups/{group}", api.group, methods=["GET"])
    router.add_api_route("/v1/dead/groups/{group}", api.say, methods=["POST"])
    router.add_api_route("/v1/messages/{message_id}/close", api.close, methods=["POST"])
    router.add_api_route("/v1/messages/{message_id}/skip", api.skip, methods=["POST"])
    router.add_api_route("/v1/replay-jobs", api.jobs, methods=["GET"])
    router.add_api_route("/v1/replay-jobs", api.create, methods=["POST"])
    router.add_api_route("/v1/replay-jobs/{job_id}", api.job, methods=["GET"])
    router.add_api_route("/v1/replay-jobs/{job_id}/abort", api.abort, methods=["POST"])
    router.add_api_route("/v1/replay-jobs/{job_id}/resume", api.resume, methods=["POST"])
    return router


@dataclass(frozen=True, slots=True)
class Replays:
    """The API over one hub, a method each."""

    hub: Hub

    def groups(self, state: str = "dead", snoozed: bool = False) -> dict[str, Any]:
        shown, asleep = groups_to_do(self.hub.ledger, states_of(state), everything=snoozed)
        return {"items": [group_json(self.hub.ledger, group) for group in shown], "snoozed": asleep}

    def group(self, group: str) -> dict[str, Any]:
        return group_json(self.hub.ledger, self.hub.ledger.stopped_group(group), history=True)

    def say(self, group: str, said: GroupRequest) -> dict[str, Any]:
        self.hub.ledger.stopped_group(group)

        def work(change: Change) -> None:
            if said.owner is not None:
                change.assign_group(group, said.owner, actor=said.actor)
            if said.note is not None:
                change.note_group(group, said.note, actor=said.actor)
            if "snoozed_until" in said.model_fields_set:
                until = said.snoozed_until
                text = until.isoformat() if until else ""
                change.snooze_group(group, until.timestamp() if until else None, actor=said.actor, detail=text)

        self.hub.ledger.write(work)
        return self.group(group)

    def close(self, message_id: str, wanted: CloseRequest) -> dict[str, Any]:
        closed = flow_replay.close(self.hub.flow, message_id, actor=wanted.actor, reason=wanted.reason)
        return {"id": closed.id, "closed": True, "state": closed.state.value, "detail": closed.detail}

    def skip(self, message_id: str, wanted: CloseRequest) -> dict[str, Any]:
        skipped = flow_replay.skip(self.hub.flow, message_id, actor=wanted.actor, reason=wanted.reason)
        return {"id": skipped.id, "skipped": True, "state": skipped.state.value, "detail": skipped.detail}

    def jobs(self, limit: Limit = 50) -> dict[str, Any]:
        return {"items": [job_json(self.hub.ledger, job) for job in self.hub.ledger.replay_jobs(limit=limit)]}

    def create(self, wanted: JobRequest) -> dict[str, Any]:
        if bool(wanted.ids) == (wanted.where is not None):
            raise Misconfigured("Give either ids or where.", fix="See /v1/openapi.json.")
        chosen = wanted.where.model_dump() if wanted.where else {}
        for name in ("since", "until"):
            chosen[name] = chosen[name].timestamp() if chosen.get(name) else None
        which = selection(**chosen)
        ids = list(wanted.ids) or sorted(which.ids(self.hub.ledger))
        how = How(
            stage=wanted.stage,
            mapping=wanted.mapping,
            fields=wanted.fields,
            rule=wanted.rule,
            again=wanted.again,
            numbers=wanted.numbers,
        )
        if wanted.dry_run:
            lines = [rehearse(self.hub.flow, message_id, how=how) for message_id in islice(ids, REHEARSED_MAX)]
            return {"job": None, "total": len(ids), "items": lines}
        job = replay_job.create(
            self.hub.flow,
            ids,
            how=how,
            actor=wanted.actor,
            reason=wanted.reason,
            selection=which.as_json(),
            canary=wanted.canary,
            per_second=wanted.per_second,
        )
        return job_json(self.hub.ledger, job)

    def job(self, job_id: str, start: Annotated[int, Query(ge=0)] = 0, limit: Limit = 200) -> dict[str, Any]:
        value = job_json(self.hub.ledger, self.hub.ledger.replay_job(job_id), outcomes=True)
        items = self.hub.ledger.replay_items(job_id, start=start, limit=limit)
        return {**value, "items": [item_json(item) for item in items]}

    def abort(self, job_id: str, actor: str = "api") -> dict[str, Any]:
        return job_json(self.hub.ledger, replay_job.abort(self.hub.flow, job_id, actor=actor))

    def resume(self, job_id: str, actor: str = "api") -> dict[str, Any]:
        return job_json(self.hub.ledger, replay_job.resume(self.hub.flow, job_id, actor=actor))
