"""Where a home is built from a backup, and how it takes its place.

A home that is not there yet is built beside and gets its name when all is done. One that is there, such as a mounted
volume, cannot be replaced: it is built within, in a hidden folder, and its entries are moved up, ledger and
configuration last. Until then the home is unfinished: every command refuses it but a restore, which goes on.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from hub.contracts.durable_files import sync_directory
from hub.errors import KeyConflict
from hub.places import BUILDING, BUILT

__all__ = ["building_place", "go_on", "put_in_place", "require_empty_home"]

_TOLD = "restored.json"
_NOT_OURS = "lost+found"
_DONE = f"{BUILT}.done"
_LAST = ("ledger.db-wal", "ledger.db", "config", _TOLD)


def require_empty_home(home: Path) -> None:
    """KeyConflict where a home has anything in it but hidden entries, which a volume or a user's folder may have."""
    if home.is_dir() and any(path.name != _NOT_OURS and not path.name.startswith(".") for path in home.iterdir()):
        raise KeyConflict(f"{home} is not empty", fix="name a folder that is not there")


def building_place(home: Path) -> Path:
    """A new folder for what becomes the home; what an interrupted restore left there is gone."""
    place = home / BUILDING if home.is_dir() else home.with_name(f".{home.name}.restoring")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def put_in_place(place: Path, home: Path, told: dict[str, Any]) -> None:
    """Makes what was built the home. ``told``: what `go_on` gives, should this be interrupted."""
    if place.parent != home:
        os.sync()
        place.rename(home)
        return
    (place / _TOLD).write_text(json.dumps(told), "utf-8")
    os.sync()
    place.rename(home / BUILT)
    sync_directory(home)
    _move_up(home)


def go_on(home: Path, snapshot_at: float) -> dict[str, Any] | None:
    """Ends a restore that was interrupted after all was built; what it told, or None where there is none.

    KeyConflict when that was of a backup of another moment.
    """
    note = home / BUILT / _TOLD
    if not note.exists():
        return None
    told: dict[str, Any] = json.loads(note.read_text("utf-8"))
    if told["snapshot_at"] != snapshot_at:
        raise KeyConflict(
            f"another backup was being restored to {home}", fix="name that one to go on with it, or empty the folder"
        )
    _move_up(home)
    return told


def _move_up(home: Path) -> None:
    built = home / BUILT
    for path in sorted(built.iterdir(), key=lambda path: _LAST.index(path.name) if path.name in _LAST else -1):
        if path.name != _TOLD:
            path.rename(home / path.name)
    os.sync()
    built.rename(home / _DONE)  # from here on the home is whole, whatever becomes of the rest
    shutil.rmtree(home / _DONE)
    sync_directory(home)
