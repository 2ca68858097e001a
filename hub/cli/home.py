"""The hub that a verb works with, opened for reading and small changes while the hub itself may run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import Misconfigured, NotFound
from hub.places import config_directory, database_url, find_home, unfinished_restore

if TYPE_CHECKING:
    from hub.ledger import Ledger
    from hub.runtime import Hub

__all__ = ["existing_home", "ledger_of", "opened"]


def opened(home: Path | None) -> AbstractContextManager[Hub]:
    """The hub of ``--home``; raises NotFound where there is none and Misconfigured where its settings are wrong."""
    from hub.runtime import open_hub

    return open_hub(existing_home(home))


@contextmanager
def ledger_of(home: Path | None) -> Iterator[Ledger]:
    """The ledger alone, which can be looked at whatever the settings say; raises NotFound where there is no hub."""
    from hub.clock import SystemClock
    from hub.ledger import Ledger

    folder = existing_home(home)
    ledger = Ledger.open(database_url(folder), home=folder, clock=SystemClock())
    try:
        yield ledger
    finally:
        ledger.close()


def existing_home(home: Path | None) -> Path:
    """The folder of ``--home``; raises NotFound where there is no hub in it, Misconfigured where a restore of one was
    interrupted."""
    folder = find_home(home)
    if left := unfinished_restore(folder):
        fix = f"Run `crossdock restore` with the same file and --home again; to do without it remove {left}."
        raise Misconfigured(f"{folder} is being restored, or that was interrupted.", fix=fix)
    if (config_directory(folder) / "hub.toml").exists() or (folder / "ledger.db").exists():
        return folder
    if os.environ.get("CROSSDOCK_DATABASE_URL") and folder.is_dir():
        return folder
    raise NotFound(
        f"There is no hub in {folder}.",
        fix="Name its folder with --home or CROSSDOCK_HOME; `crossdock demo` makes one to try.",
    )
