"""Running: up, worker, demo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.home import existing_home
from hub.cli.options import Home, Json
from hub.cli.output import emit_line, note

__all__ = ["demo", "up", "worker"]


def up(
    workers: Annotated[
        int,
        typer.Option(
            "--workers", min=0, max=256, help="Worker processes beside this one, for machines with several processors."
        ),
    ] = 0,
    json: Json = False,
    home: Home = None,
) -> None:
    """Run the hub: mailbox, API, page and workers, until Ctrl-C.

    \b
    Settings by environment:
      CROSSDOCK_HOME          folder of the hub
      CROSSDOCK_DATABASE_URL  postgresql://… ; nothing: SQLite in the home
      CROSSDOCK_BROKER_URL    redis://… or amqp://… ; nothing: in this process
    \b
    Examples:
      crossdock up
      crossdock up --home /srv/crossdock --workers 4
    """
    from hub.server.serve import serve

    raise typer.Exit(serve(existing_home(home), workers=workers, ready=lambda where: _ready(where, as_json=json)))


def _ready(where: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        emit_line(where)
        return
    note("Crossdock is up. Ctrl-C ends it.", "bold")
    for name, value in where.items():
        note(f"  {name:<8} {value}")


def worker(json: Json = False, home: Home = None) -> None:
    """Run one worker process for a hub whose broker, database and home are shared, until Ctrl-C.

    On another machine the home is the same folder by a shared file system: large payloads and mailboxes lie there.

    \b
    Examples:
      CROSSDOCK_BROKER_URL=redis://127.0.0.1:6379/0 crossdock worker --home /srv/crossdock
    """
    from hub.server.worker import serve_worker

    folder = existing_home(home)
    if json:
        emit_line({"home": str(folder)})
    else:
        note(f"Worker for {folder}. Ctrl-C ends it.")
    raise typer.Exit(serve_worker(folder))


def demo(
    exit_: Annotated[bool, typer.Option("--exit", help="End after the story; 0 only if every step was seen.")] = False,
    json: Json = False,
    home: Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", help="Folder of this run; .demo/run-N unless given.", show_default=False),
    ] = None,
) -> None:
    """Play one order from 850 to payment: a hub with sample partners, and a retailer, ERP, warehouse, tax and carrier.

    \b
    Examples:
      crossdock demo
      crossdock demo --exit
    """
    from demo import play

    raise typer.Exit(play(home, leave=exit_, as_json=json))
