"""Replays of many messages: jobs."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import typer

from hub.cli.home import opened
from hub.cli.options import Home, Json
from hub.cli.output import emit, note, table, text
from hub.errors import Misconfigured
from hub.visible import visible

__all__ = ["jobs"]


def jobs(
    job_id: Annotated[str | None, typer.Argument(metavar="ID", help="One job.", show_default=False)] = None,
    abort: Annotated[bool, typer.Option("--abort", help="Begin no further batch of it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it was stopped or aborted.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Jobs to list at most.")] = 50,
    json: Json = False,
    home: Home = None,
) -> None:
    """List replays of many messages, or show, abort or resume one. The running hub does the work.

    \b
    Examples:
      crossdock jobs
      crossdock jobs 0q3k8z5v1a9b7c2d4e6f
      crossdock jobs 0q3k8z5v1a9b7c2d4e6f --abort
      crossdock jobs 0q3k8z5v1a9b7c2d4e6f --resume
    """
    from hub.cli.replay_report import items_of
    from hub.flow import replay_job
    from hub.web.stopped import job_json

    if (abort or resume) and (job_id is None or (abort and resume)):
        raise Misconfigured("Name the one job, and whether to abort or resume it.", fix="`crossdock jobs` lists them.")
    with opened(home) as hub:
        if job_id is None:
            values = [job_json(hub.ledger, job) for job in hub.ledger.replay_jobs(limit=limit)]
        else:
            if abort or resume:
                (replay_job.abort if abort else replay_job.resume)(hub.flow, job_id, actor=getpass.getuser())
            job = hub.ledger.replay_job(job_id)
            values = [{**job_json(hub.ledger, job, outcomes=True), "items": items_of(hub, job)}]
    if json:
        emit(values if job_id is None else values[0])
    elif job_id is None:
        _list(values)
    else:
        _show(values[0])


def _list(values: list[dict[str, Any]]) -> None:
    rows = [
        (value["job"], value["state"], f"{value['position']}/{value['total']}", value["created_at"][:19],
         value["actor"], value["reason"], value["detail"])
        for value in values
    ]  # fmt: skip
    table(("job", "state", "done#", "made", "by", "reason", "detail"), rows, empty="No replay jobs.")


def _show(value: dict[str, Any]) -> None:
    text(f"job {value['job']}  {value['state']}", "bold")
    for name in ("detail", "actor", "reason", "selection", "how", "total", "position", "canary", "per_second"):
        if value[name]:
            text(f"  {name:<11} {visible(str(value[name]), 200)}")
    text("  items       " + ", ".join(f"{count} {state}" for state, count in value["progress"].items() if count))
    standing = ", ".join(f"{count} {state}" for state, count in sorted(value["outcomes"].items()))
    text(f"  what came of them: {standing or 'nothing yet'}")
    odd = [item for item in value["items"] if item["state"] in {"failed", "skipped"}]
    rows = [(item["id"], item["state"], item["detail"]) for item in odd[:50]]
    if rows:
        table(("id", "state", "detail"), rows, empty="")
    if value["state"] in {"stopped", "aborted"}:
        note(f"Go on with: crossdock jobs {value['job']} --resume")
