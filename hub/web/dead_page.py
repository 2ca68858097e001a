"""The page of what failed for good, by cause, to be looked after and replayed together; and the page of such a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from hub.errors import BadDocument
from hub.flow import replay_job
from hub.flow.replay_selection import Selection
from hub.flow.replay_way import How
from hub.ledger.message import State
from hub.web.forms import form
from hub.web.query import message_filter, totals
from hub.web.render import render
from hub.web.shapes import message_lines
from hub.web.stopped import group_json, groups_to_do, item_json, job_json

if TYPE_CHECKING:
    from hub.runtime import Hub

__all__ = ["DeadPage", "routes"]

ACTOR = "page"
CANARY = 3
HOURS_MAX = 24 * 365
_DEAD = frozenset({State.DEAD})


def routes(hub: Hub) -> APIRouter:
    """The pages over one hub."""
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    page = DeadPage(hub)
    router.add_api_route("/dead", page.dead, methods=["GET"])
    router.add_api_route("/dead/{group}", page.say, methods=["POST"])
    router.add_api_route("/dead/{group}/replay", page.replay, methods=["POST"])
    router.add_api_route("/jobs/{job_id}", page.job, methods=["GET"])
    router.add_api_route("/jobs/{job_id}", page.turn, methods=["POST"])
    return router


@dataclass(frozen=True, slots=True)
class DeadPage:
    """The pages over one hub, a method each."""

    hub: Hub

    def dead(self, cursor: str | None = None, snoozed: bool = False) -> Response:
        ledger = self.hub.ledger
        page = ledger.messages(message_filter(state="dead"), limit=100, cursor=cursor)
        groups, asleep = groups_to_do(ledger, _DEAD, everything=snoozed)
        return render(
            "dead.html",
            "Dead letters",
            here="/dead",
            counts=totals(ledger),
            groups=[group_json(ledger, group) for group in groups],
            asleep=asleep,
            jobs=[job_json(ledger, job) for job in ledger.replay_jobs(limit=5)],
            messages=message_lines(page.items),
            following=urlencode({"cursor": page.cursor}) if page.cursor else "",
        )

    async def say(self, group: str, request: Request) -> Response:
        """Owner, note and snooze of a cause."""
        fields = await form(request)
        await run_in_threadpool(self._say, group, fields)
        return RedirectResponse("/dead", status_code=303)

    async def replay(self, group: str, request: Request) -> Response:
        """All of a cause as one job: a few first, the rest when they went well."""
        reason = (await form(request)).get("reason", "").strip()
        if not reason:
            raise BadDocument("A replay needs a reason.", fix="Go back and say why.")
        job = await run_in_threadpool(self._replay, group, reason[:500])
        return RedirectResponse(f"/jobs/{job}", status_code=303)

    def job(self, job_id: str) -> Response:
        ledger = self.hub.ledger
        value = job_json(ledger, ledger.replay_job(job_id), outcomes=True)
        items = [item_json(item) for item in ledger.replay_items(job_id, limit=200)]
        return render("job.html", f"Replay {job_id}", here="/dead", counts=totals(ledger), job=value, items=items)

    async def turn(self, job_id: str, request: Request) -> Response:
        """Abort or resume."""
        wanted = (await form(request)).get("do", "")
        turns = {"abort": replay_job.abort, "resume": replay_job.resume}
        if wanted not in turns:
            raise BadDocument("A job is aborted or resumed.", fix="Use its buttons.")
        await run_in_threadpool(turns[wanted], self.hub.flow, job_id, actor=ACTOR)
        return RedirectResponse(f"/jobs/{job_id}", status_code=303)

    def _say(self, group: str, fields: dict[str, str]) -> None:
        ledger = self.hub.ledger
        known = ledger.stopped_group(group)
        hours = fields.get("snooze_hours", "").strip()
        if hours and not (hours.isascii() and hours.isdigit() and int(hours) <= HOURS_MAX):
            raise BadDocument("Snooze takes a number of hours.", fix=f"Give 0 to {HOURS_MAX}; 0 wakes it.")
        owner, note = fields.get("owner", "").strip()[:60], fields.get("note", "").strip()[:2000]
        if owner != known.owner:
            ledger.write(lambda change: change.assign_group(group, owner, actor=ACTOR))
        if note != known.note:
            ledger.write(lambda change: change.note_group(group, note, actor=ACTOR))
        if hours:
            until = ledger.now() + 3600 * int(hours) if int(hours) else None
            ledger.write(lambda change: change.snooze_group(group, until, actor=ACTOR, detail=f"{hours} hours"))

    def _replay(self, group: str, reason: str) -> str:
        chosen = Selection(states=_DEAD, group=group)
        job = replay_job.create(
            self.hub.flow,
            chosen.ids(self.hub.ledger),
            how=How(),
            actor=ACTOR,
            reason=reason,
            selection=chosen.as_json(),
            canary=CANARY,
        )
        return job.id
