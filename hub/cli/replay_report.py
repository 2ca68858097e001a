"""What a replay would do, or did, for people and programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import typer

from hub.cli.exits import Exit
from hub.cli.output import emit, note, table, text
from hub.visible import visible

if TYPE_CHECKING:
    from hub.ledger import ReplayJob
    from hub.runtime import Hub

__all__ = ["items_of", "report_items", "report_lines"]

SHOWN_MAX = 50
"""Lines of a long list for people; --json has all."""


def report_lines(lines: list[dict[str, Any]], *, as_json: bool, dry_run: bool) -> None:
    """Lines of `hub.flow.replay.run` or `hub.flow.rehearsal.rehearse`; leaves with CONFLICT or PARTLY for refusals."""
    refused = [line for line in lines if not line["possible"]]
    if as_json:
        emit(lines)
    else:
        table(
            ("id", "kind", "type", "from", "to", "would do" if dry_run else "does", "message"),
            [
                tuple(line[name] for name in ("id", "kind", "type", "from", "to", "would", "message_id"))
                for line in lines[:SHOWN_MAX]
            ],
            empty="Nothing matches.",
        )
        if len(lines) > SHOWN_MAX:
            note(f"… and {len(lines) - SHOWN_MAX} more; --json shows all.")
        if dry_run:
            _rehearsal(lines)
            note(f"{len(lines) - len(refused)} would be replayed. Nothing was changed.")
        else:
            note(f"{len(lines) - len(refused)} replayed.")
    if refused:
        raise typer.Exit(Exit.CONFLICT if len(refused) == len(lines) else Exit.PARTLY)


def _rehearsal(lines: list[dict[str, Any]]) -> None:
    """What would come of it, counted; and in detail where it is about one message."""
    ends: Counter[str] = Counter()
    effects: Counter[tuple[str, str, str]] = Counter()
    for line in lines:
        if line.get("becomes"):
            ends[line["becomes"]["state"] + (f" ({line['becomes']['cause']})" if line["becomes"]["cause"] else "")] += 1
        for effect in line.get("effects", ()):
            effects[effect["type"], effect["endpoint"], effect["verdict"].replace("_", " ")] += 1
    if ends:
        text("then they would be: " + ", ".join(f"{count} {end}" for end, count in ends.most_common()))
    if effects:
        table(("count#", "effect", "endpoint", "would be"), [(n, *key) for key, n in effects.most_common()], empty="")
    if len(lines) != 1:
        return
    (line,) = lines
    if line.get("becomes") and line["becomes"]["detail"]:
        text(visible(line["becomes"]["detail"]))
    _differences("read differently", line.get("reading", ()))
    for effect in line.get("effects", ()):
        if effect["control_numbers"]:
            text(f"{effect['type']}: interchange control number {effect['control_numbers']}")
        _differences(f"{effect['type']} to {effect['endpoint']}", effect["differences"])


def _differences(title: str, found: Any) -> None:
    if not found:
        return
    text(visible(title), "bold")
    rows = []
    for entry in found:
        place = entry.get("path")
        if place is None:
            element = "" if entry["element"] is None else f"{entry['element']:02d}"
            place = f"segment {entry['position']}, {entry['segment']}{element}"
        rows.append((place, "" if entry["was"] is None else entry["was"], "" if entry["now"] is None else entry["now"]))
    table(("where", "then", "today"), rows, empty="", indent=2)


def items_of(hub: Hub, job: ReplayJob) -> list[dict[str, Any]]:
    """All items of a job as lines."""
    from hub.web.stopped import item_json

    found: list[dict[str, Any]] = []
    while page := hub.ledger.replay_items(job.id, start=len(found)):
        found += [{**item_json(item), "replayed": item.state == "replayed", "job": job.id} for item in page]
    return found


def report_items(hub: Hub, job: ReplayJob | None, *, as_json: bool) -> None:
    """A job's items after it was driven; None where nothing matched."""
    lines = items_of(hub, job) if job else []
    if as_json:
        emit(lines)
    if job is None:
        note("Nothing matches.")
        return
    counts = Counter(line["state"] for line in lines)
    if not as_json:
        rows = [(line["id"], line["state"], line["message_id"], line["detail"]) for line in lines[:SHOWN_MAX]]
        table(("id", "state", "message", "detail"), rows, empty="")
    note(f"job {job.id} is {job.state}: " + ", ".join(f"{count} {state}" for state, count in counts.most_common()))
    if job.detail:
        note(job.detail)
    if counts["waiting"]:
        note(f"The hub goes on with it. crossdock jobs {job.id} tells how far it is; --resume or --abort it there.")
    if job.state.value == "stopped":
        raise typer.Exit(Exit.CONFLICT)
    missed = counts["skipped"] + counts["failed"]
    if missed:
        raise typer.Exit(Exit.CONFLICT if missed == len(lines) else Exit.PARTLY)
