"""A hub as one file: backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.home import existing_home, ledger_of
from hub.cli.moments import moment
from hub.cli.options import Home, Json
from hub.cli.output import emit, note, text
from hub.cli.sources import Input
from hub.clock import utc
from hub.places import find_home

__all__ = ["backup", "restore"]


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; or a folder, where it gets a name.")],
    with_archive: Annotated[
        bool, typer.Option("--with-archive", help="Put the packs of the archive in, which never change, as well.")
    ] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Write one file with the ledger of one moment, its payloads, configuration and mailboxes, while the hub runs.

    Secrets are left out, and named: keep them elsewhere.

    \b
    Examples:
      crossdock backup /mnt/backup
      crossdock backup /mnt/backup/before-upgrade.zip --json
    """
    from hub.cli.partners import installed_version
    from hub.runtime.backup import back_up

    with ledger_of(home) as ledger:
        told = back_up(ledger, existing_home(home), target, version=installed_version(), with_archive=with_archive)
    if json:
        emit({**told, "at": _time(told["at"])})
        return
    text(f"{told['file']}  {told['bytes']} bytes", "bold")
    text(f"  sha256 {told['sha256']}")
    text(f"  {told['rows']['message']} messages, {told['rows']['event']} events, schema {told['revision']}")
    _left_out(told)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `crossdock backup` wrote.")],
    numbers: Annotated[
        int, typer.Option("--numbers", min=0, help="Control and invoice numbers to leave out, of each sequence.")
    ] = 10_000,
    doubt: Annotated[
        str, typer.Option("--doubt", metavar="SPAN", help="How long deliveries are looked for before they are sent.")
    ] = "24h",
    json: Json = False,
    home: Home = None,
) -> None:
    """Make a hub from a backup, in a home that is not there yet or empty.

    With CROSSDOCK_DATABASE_URL the ledger goes into that empty database. A mounted volume is filled as it is.

    The hub that was lost may have gone on after the backup: so numbers are left out, and for a while each delivery is
    looked for before it is sent, or held where it cannot be looked for.

    \b
    Examples:
      crossdock restore /mnt/backup/crossdock-20261122T060000Z.zip --home /srv/crossdock
      crossdock restore backup.zip --home /srv/crossdock --numbers 500 --doubt 48h --json
    """
    from hub.clock import SystemClock
    from hub.runtime.restore import restore as make

    Input(str(file)).check()
    clock = SystemClock()
    seconds = moment(doubt, 0.0)
    folder = find_home(home)
    told = make(file, folder, clock=clock, skip=numbers, doubt_seconds=seconds)
    with ledger_of(folder) as ledger:
        audit = ledger.audit()
    sound = audit["balanced"] and audit["chain_ok"] and not audit["problem_count"]
    if json:
        emit(
            {
                **told,
                "snapshot_at": _time(told["snapshot_at"]),
                "doubt_until": _time(told["doubt_until"]),
                "sound": sound,
            }
        )
    else:
        _tell(told, audit, sound=sound)
    if not sound:
        raise typer.Exit(1)


def _tell(told: dict[str, Any], audit: dict[str, Any], *, sound: bool) -> None:
    text(f"{told['home']}, as it was at {_time(told['snapshot_at'])}", "bold")
    text(
        f"  {audit['received']} messages, {audit['in_flight']} of them in flight; "
        + ("the audit balances" if sound else "THE AUDIT DOES NOT BALANCE")
    )
    text(f"  {len(told['numbers'])} sequences of numbers go on later, each by what --numbers says; --json lists them")
    text(f"  until {_time(told['doubt_until'])} each delivery is looked for before it is sent, or held")
    if not sound:
        note(f"What is wrong with it: crossdock audit --home {told['home']}", "red")
    _left_out(told)
    note("What came in after the backup is not here: ask partners to send it again; what is known is told as such.")


def _left_out(told: dict[str, Any]) -> None:
    for name in told["secrets"]:
        note(f"not in it: {name}")
    for path in told["packs"]:
        note(f"not in it: {path}, which never changes")


def _time(seconds: float) -> str:
    return utc(seconds).isoformat(timespec="seconds")
