"""Old payloads: archive."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.exits import Exit
from hub.cli.home import ledger_of
from hub.cli.moments import moment
from hub.cli.options import Home, Json
from hub.cli.output import emit, note, table, text

if TYPE_CHECKING:
    from hub.ledger import Ledger
    from hub.ledger.retention import Moved

__all__ = ["archive"]


def archive(
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="WHEN", help="400d, 52w, or a date.", show_default=False)
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help="Where packs are written; archive in the home.", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how much would go, and move nothing.")] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Move old payloads of finished messages to compressed packs, or list the packs there are.

    Messages, their history and its proof stay; what is in flight, held or dead keeps its bytes. A pack is a zip whose
    members are named by their SHA-256; a payload is fetched from it where it is wanted again. Leaves with 8 where some
    payloads cannot be read.

    \b
    Examples:
      crossdock archive --older-than 400d --dry-run
      crossdock archive --older-than 400d --to /mnt/archive --json
      crossdock archive
    """
    with ledger_of(home) as ledger:
        if not older_than:
            _list(ledger, as_json=json)
            return
        before = moment(older_than, ledger.now(), past=True)
        moved = ledger.archive(before, to and to.resolve(), dry_run=dry_run)
    if json:
        emit({"before": _day(before), "dry_run": dry_run, **moved.as_json()})
    else:
        _tell(moved, dry_run=dry_run)
    if moved.unreadable:
        raise typer.Exit(Exit.PARTLY)


def _list(ledger: Ledger, *, as_json: bool) -> None:
    packs = [
        {**asdict(pack), "at": _day(pack.at), "path": str(path), "is_there": path.is_file()}
        for pack, path in ledger.packs()
    ]
    if as_json:
        emit(packs)
        return
    columns = ("at", "payloads", "bytes", "packed_bytes", "path")
    rows = [(*(pack[name] for name in columns), "yes" if pack["is_there"] else "NO") for pack in packs]
    table(("at", "payloads#", "bytes#", "packed#", "pack", "here"), rows, empty="Nothing was archived.")


def _tell(moved: Moved, *, dry_run: bool) -> None:
    text(f"{moved.payloads} payloads, {moved.bytes} bytes {'would go' if dry_run else 'moved'}", "bold")
    for pack in moved.packs:
        text(f"  {pack.folder}/{pack.name}  {pack.payloads} payloads, {pack.packed_bytes} bytes packed")
    if moved.kept:
        text(f"{moved.kept} older ones stay: messages in flight, held or dead need them")
    if moved.files:
        text(f"{moved.files} files removed that nothing needs, {moved.file_bytes} bytes")
    if moved.unreadable:
        note(f"{len(moved.unreadable)} cannot be read and stay; `crossdock audit` says why", "red")


def _day(seconds: float) -> Any:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
