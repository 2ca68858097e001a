"""Bringing the ledger's schema up to date: migrate."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.home import existing_home
from hub.cli.options import Home, Json
from hub.cli.output import emit, note, table, text
from hub.places import database_url

if TYPE_CHECKING:
    from hub.ledger.migrate import Revision

__all__ = ["migrate"]


def migrate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Bring the ledger's schema up to date, while hubs of the version before run on.

    Revisions that expand only add; one that contracts takes away what older versions need, and is refused while a
    process of such a version lives. Interrupted, it is simply run again.

    \b
    Examples:
      crossdock migrate --dry-run
      crossdock migrate --home /srv/crossdock --json
    """
    from hub.clock import SystemClock
    from hub.ledger.engines import refuse_second
    from hub.ledger.revisions import apply_pending, course

    folder = existing_home(home)
    url, clock = database_url(folder), SystemClock()
    refuse_second(url, folder)
    found = course(url, clock=clock)
    if not dry_run and found.pending:
        apply_pending(url, home=folder, clock=clock, progress=_told)
    if json:
        steps = [asdict(step) for step in found.pending]
        emit({"from": found.current, "to": found.target, "revisions": steps, "applied": not dry_run})
        return
    text(f"from {found.current or 'nothing'} to {found.target}", "bold")
    table(
        ("revision", "phase", "does"),
        [(step.id, step.phase, step.does) for step in found.pending],
        empty="The ledger's schema is up to date.",
    )


def _told(step: Revision) -> None:
    note(f"revision {step.id} ({step.phase}) …")
