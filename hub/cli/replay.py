"""Mending: replay."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.exits import Exit
from hub.cli.home import opened
from hub.cli.options import Home, Json
from hub.cli.output import emit, note, table
from hub.cli.sources import Input
from hub.errors import Misconfigured

__all__ = ["replay"]

_WHERE = frozenset({"state", "kind", "type", "partner", "cause"})
_MOST = 10_000


def replay(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="Messages to take up again.", show_default=False)
    ] = None,
    where: Annotated[
        str,
        typer.Option(
            "--where",
            metavar="NAME=VALUE,…",
            help=f"All messages that match, at most {_MOST}: state, kind, type, partner, cause.",
            show_default=False,
        ),
    ] = "",
    edit: Annotated[
        Path | None,
        typer.Option("--edit", metavar="FILE", help="Corrected bytes that take the message's place; one ID only."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the message's history.", show_default=False)
    ] = "",
    json: Json = False,
    home: Home = None,
) -> None:
    """Take messages up again, as they are or corrected; the original stays and is linked.

    \b
    Examples:
      crossdock replay 0q3k8z5v1a9b7c2d4e6f --reason "ERP mended"
      crossdock replay --where state=dead,cause=rejected --dry-run
      crossdock replay 0q3k8z5v1a9b7c2d4e6f --edit corrected.edi --reason "PO103 was BX"
    """
    from hub.flow import replay as flow_replay

    if bool(ids) == bool(where):
        raise Misconfigured("Give either IDs or --where.", fix="`crossdock dead` lists what may be replayed.")
    if edit is not None and (ids is None or len(ids) != 1):
        raise Misconfigured("--edit takes the place of one message.", fix="Name exactly one ID.")
    if not dry_run and not reason.strip():
        raise Misconfigured("A replay needs a reason.", fix="Add --reason '…', or look first with --dry-run.")
    data = Input(str(edit)).read() if edit is not None else None
    with opened(home) as hub:
        chosen = list(ids) if ids else _matching(hub, where)
        if dry_run:
            changes = flow_replay.plan(hub.flow, chosen, edit=data)
        else:
            changes = flow_replay.run(hub.flow, chosen, edit=data, actor=getpass.getuser(), reason=reason.strip())
    _report(changes, as_json=json, dry_run=dry_run)


def _matching(hub: Any, where: str) -> list[str]:
    from hub.web.query import message_filter

    words: dict[str, str] = {}
    for part in where.split(","):
        name, _, value = part.partition("=")
        if name not in _WHERE or not value:
            raise Misconfigured(
                f"--where does not know {part!r}.", fix=f"Use NAME=VALUE of {', '.join(sorted(_WHERE))}."
            )
        words[name] = f"{words[name]},{value}" if name == "state" and name in words else value
    found: list[str] = []
    cursor: str | None = None
    while len(found) < _MOST:
        page = hub.ledger.messages(message_filter(**words), limit=min(1000, _MOST - len(found)), cursor=cursor)
        found.extend(message.id for message in page.items)
        cursor = page.cursor
        if cursor is None:
            break
    return list(reversed(found))


def _report(changes: list[dict[str, Any]], *, as_json: bool, dry_run: bool) -> None:
    refused = [change for change in changes if not change["possible"]]
    if as_json:
        emit(changes)
    else:
        table(
            ("id", "kind", "type", "from", "to", "would do" if dry_run else "does", "message"),
            [
                tuple(change[name] for name in ("id", "kind", "type", "from", "to", "would", "message_id"))
                for change in changes
            ],
            empty="Nothing matches.",
        )
        if dry_run:
            note(f"{len(changes) - len(refused)} would be replayed. Nothing was changed.")
        else:
            note(f"{len(changes) - len(refused)} replayed.")
    if refused:
        raise typer.Exit(Exit.CONFLICT if len(refused) == len(changes) else Exit.PARTLY)
