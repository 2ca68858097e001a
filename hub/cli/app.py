"""The command's tree: which verb lives where, and what happens to its errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import typer

from hub.cli import (
    ack,
    adopt,
    archive,
    audit,
    backup,
    bench,
    dead,
    guide,
    inspect,
    jobs,
    look,
    maps,
    mend,
    migrate,
    partners,
    replay,
    run_hub,
    translate,
)
from hub.cli.exits import MEANINGS, Exit, exit_for
from hub.cli.output import show_error
from hub.errors import Misconfigured

__all__ = ["VERBS", "app", "run"]

_CODES = "\n".join(f"{code.value:>4}  {meaning}" for code, meaning in MEANINGS.items())

app = typer.Typer(
    name="crossdock",
    help="Order-to-cash integration hub: EDI, warehouses, carriers, tax engines and the ERP.\n\n"
    "Start with `crossdock demo`, or read a file with `crossdock inspect FILE`.",
    epilog=f"\b\nExit codes:\n{_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

VERBS: Mapping[str, Sequence[Callable[..., None]]] = {
    "Files": (inspect.inspect, translate.translate, translate.write, ack.ack, guide.guide, maps.maps),
    "Run": (run_hub.up, run_hub.worker, run_hub.demo),
    "Look and mend": (
        look.messages,
        look.show,
        look.orders,
        dead.dead,
        replay.replay,
        jobs.jobs,
        mend.close,
        mend.skip,
    ),
    "Keep": (migrate.migrate, archive.archive, backup.backup, backup.restore, adopt.adopt),
    "Check": (audit.audit, audit.doctor, partners.partners, partners.routes, bench.bench, partners.version),
}
"""Every verb, by the group under which ``--help`` lists it."""

for panel, verbs in VERBS.items():
    for verb in verbs:
        app.command(rich_help_panel=panel)(verb)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"crossdock {partners.installed_version()}\n")
        raise typer.Exit


@app.callback()
def crossdock(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Every verb comes through here; ``version`` is served by its callback."""
    del version


def run() -> None:
    """Run the command and leave; every error becomes one block on stderr and one exit code."""
    as_json = "--json" in sys.argv
    try:
        try:
            left = app(prog_name="crossdock", standalone_mode=not as_json)
        finally:
            sys.stdout.flush()
        sys.exit(left or 0)
    except typer.TyperException as error:
        show_error(_wrong(error), as_json=as_json)
        sys.exit(Exit.USAGE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.FAILED)
    except Exception as error:
        if os.environ.get("CROSSDOCK_DEBUG"):
            raise
        show_error(error, as_json=as_json)
        sys.exit(exit_for(error))


def _wrong(error: typer.TyperException) -> Misconfigured:
    """A command that is wrong; without ``--json`` typer tells it by itself."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "crossdock"
    return Misconfigured(error.format_message(), fix=f"`{command} --help` tells what it takes.")
