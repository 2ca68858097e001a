"""Mending: replay."""

from __future__ import annotations

import getpass
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.home import opened
from hub.cli.moments import moment
from hub.cli.options import Home, Json
from hub.cli.output import note
from hub.cli.replay_report import report_items, report_lines
from hub.cli.sources import Input
from hub.errors import Misconfigured

if TYPE_CHECKING:
    from hub.flow.replay_way import How
    from hub.ledger import ReplayJob
    from hub.runtime import Hub

__all__ = ["replay"]

_NAMES = ("state", "kind", "type", "partner", "endpoint", "cause", "group", "since", "until")

PROGRESS = 1000
"""After so many rehearsed it is told how far it is."""

_Ids = Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Messages to take up again.", show_default=False)]
_Where = Annotated[
    str,
    typer.Option("--where", metavar="NAME=VALUE,…", help=f"All that stopped and match: {', '.join(_NAMES)}; one job."),
]
_Edit = Annotated[
    Path | None,
    typer.Option("--edit", metavar="FILE", help="Corrected bytes that take the message's place; one ID only."),
]
_Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Canonical field: lines[0].quantity.value=9."),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Rehearse it: say what would come of it, change nothing.")]
_Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the message's history.", show_default=False)
]
_Mapping = Annotated[str, typer.Option("--mapping", help="original keeps what was made then; current makes anew.")]
_Numbers = Annotated[str, typer.Option("--numbers", help="X12 goes out under the same control numbers, or new ones.")]


def replay(
    ids: _Ids = None,
    where: _Where = "",
    group: Annotated[str, typer.Option("--group", metavar="GROUP", help="All of one cause; see `dead --group`.")] = "",
    edit: _Edit = None,
    set_: _Set = None,
    rule: Annotated[str, typer.Option("--rule", help="On X12: set N104 = 0042 where N101 = ST and N104 = 42.")] = "",
    from_: Annotated[str, typer.Option("--from", help="read, process or deliver; else where it stopped.")] = "",
    mapping: _Mapping = "",
    numbers: _Numbers = "",
    again: Annotated[bool, typer.Option("--again", help="Deliveries that arrived are sent once more.")] = False,
    canary: Annotated[int, typer.Option("--canary", min=0, help="So many first; the rest when all is well.")] = 0,
    rate: Annotated[float | None, typer.Option("--rate", help="Not more than so many a second.")] = None,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait here for the canary's outcome.")] = 30.0,
    dry_run: _DryRun = False,
    sample: Annotated[int, typer.Option("--sample", min=0, help="With --dry-run: so many of them, not all.")] = 0,
    reason: _Reason = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Take messages up again, as they are or corrected; the original stays and is linked.

    \b
    Examples:
      crossdock replay 0q3k8z5v1a9b7c2d4e6f --reason "ERP mended"
      crossdock replay --group 3f0a91c27e55 --dry-run
      crossdock replay --group 3f0a91c27e55 --canary 3 --rate 20 --reason "ERP mended"
      crossdock replay 0q3k8z5v1a9b7c2d4e6f --edit corrected.edi --reason "PO103 was BX"
      crossdock replay --where state=held,partner=bigbox --rule "set N104 = 0042 where N104 = 42" --reason "store moved"
      crossdock replay 0q3k8z5v1a9b7c2d4e6f --mapping current --reason "mapping corrected"
    """
    from hub.flow.replay_way import How

    _check(ids, where, group, edit, reason, dry_run=dry_run, alone=bool(canary) or rate is not None)
    if sample and not dry_run:
        raise Misconfigured(
            "--sample is for --dry-run: a replay takes all of them.", fix="Add --dry-run, or leave it out."
        )
    how = How(stage=from_, mapping=mapping, fields=_fields(set_ or []), rule=rule, again=again, numbers=numbers)  # type: ignore[arg-type]  # How refuses other words
    data = Input(str(edit)).read() if edit is not None else None
    if data is not None and not data.strip():
        raise Misconfigured(f"{edit} is empty.", fix="Name a file with the corrected bytes.")
    with opened(home) as hub:
        chosen = list(ids or ())
        words: dict[str, Any] = {}
        if where or group:
            chosen, words = _matching(hub, where, group, again=again)
        if dry_run:
            report_lines(_rehearsed(hub, chosen, sample, data, how), as_json=json, dry_run=True)
        elif where or group or canary or rate is not None:
            _job(hub, chosen, words, how, canary, rate, wait, reason, as_json=json)
        else:
            from hub.flow import replay as flow_replay

            who = {"actor": getpass.getuser(), "reason": reason.strip()}
            report_lines(flow_replay.run(hub.flow, chosen, edit=data, how=how, **who), as_json=json, dry_run=False)


def _check(
    ids: list[str] | None, where: str, group: str, edit: Path | None, reason: str, *, dry_run: bool, alone: bool
) -> None:
    if bool(ids) == bool(where or group):
        raise Misconfigured(
            "Give either IDs or --where or --group.", fix="`crossdock dead` lists what may be replayed."
        )
    if edit is not None and (ids is None or len(ids) != 1 or alone):
        raise Misconfigured("--edit takes the place of one message.", fix="Name exactly one ID.")
    if not dry_run and not reason.strip():
        raise Misconfigured("A replay needs a reason.", fix="Add --reason '…', or look first with --dry-run.")


def _fields(pairs: list[str]) -> dict[str, str]:
    fields = {}
    for pair in pairs:
        path, sign, value = pair.partition("=")
        if not path or not sign:
            raise Misconfigured(f"--set does not know {pair!r}.", fix="Write lines[0].quantity.value=9.")
        fields[path.strip()] = value
    return fields


def _matching(hub: Hub, where: str, group: str, *, again: bool) -> tuple[list[str], dict[str, Any]]:
    from hub.web.query import selection

    if group:
        hub.ledger.stopped_group(group)  # raises NotFound where there is none
    words: dict[str, str] = {"group": group} if group else {}
    for part in where.split(",") if where else ():
        name, _, value = part.partition("=")
        if name not in _NAMES or not value:
            raise Misconfigured(f"--where does not know {part!r}.", fix=f"Use NAME=VALUE of {', '.join(_NAMES)}.")
        words[name] = f"{words[name]},{value}" if name == "state" and name in words else value
    if again and not words.keys() & {"state", "group"}:
        words["state"] = "delivered"
    now = hub.ledger.now()
    times = {name: moment(words.pop(name), now, past=True) for name in ("since", "until") if name in words}
    chosen = selection(**words, **times)  # type: ignore[arg-type]  # names and kinds of values are checked above
    return sorted(chosen.ids(hub.ledger)), chosen.as_json()


def _rehearsed(hub: Hub, ids: list[str], sample: int, data: bytes | None, how: How) -> list[dict[str, Any]]:
    """All of them, or a sample spread evenly over them."""
    from hub.flow.rehearsal import rehearse
    from hub.flow.x12_rule import parse_rule

    if how.rule:
        parse_rule(how.rule)
    chosen = ids[:: -(-len(ids) // sample)] if sample and ids else ids
    if len(chosen) < len(ids):
        note(f"{len(chosen)} of {len(ids)} are rehearsed.")
    lines = []
    for number, message_id in enumerate(chosen, 1):
        lines.append(rehearse(hub.flow, message_id, edit=data, how=how))
        if number % PROGRESS == 0:
            note(f"{number} of {len(chosen)} rehearsed")
    return lines


def _job(
    hub: Hub, ids: list[str], words: dict[str, Any], how: How, canary: int, rate: float | None, wait: float,
    reason: str, *, as_json: bool,
) -> None:  # fmt: skip
    from hub.flow import replay_job

    if not ids:
        report_items(hub, None, as_json=as_json)
        return
    job = replay_job.create(
        hub.flow, ids, how=how, actor=getpass.getuser(), reason=reason, selection=words, canary=canary, per_second=rate
    )
    note(f"job {job.id}: {job.total} messages")
    report_items(hub, _driven(hub, job, wait), as_json=as_json)


def _driven(hub: Hub, job: ReplayJob, wait: float) -> ReplayJob:
    """Does the job here, beside the hub's workers where a hub runs; leaves it to them when the canary takes long."""
    from hub.flow import replay_job
    from hub.ledger import JobState

    until, pause = time.monotonic() + wait, threading.Event()
    while job.state in {JobState.RUNNING, JobState.CANARY}:
        dealt = replay_job.step(hub.flow, job.id)
        job = hub.ledger.replay_job(job.id)
        if not dealt and job.state is JobState.CANARY and time.monotonic() > until:
            break
        if not dealt:
            pause.wait(min(1.0, max(0.02, job.due_at - hub.ledger.now())))
    return job
