"""Where a hub's things lie: home, configuration, ledger. By option, else by environment, else by custom."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["BUILDING", "BUILT", "config_directory", "database_url", "find_home", "unfinished_restore"]

BUILDING, BUILT = ".restoring", ".restored"
"""In a home that is being restored: what is being built, and what was built and is being moved up."""


def find_home(option: Path | None = None) -> Path:
    """The home directory: the option, else ``$CROSSDOCK_HOME``, else ``.crossdock`` here."""
    return (option or Path(os.environ.get("CROSSDOCK_HOME") or ".crossdock")).resolve()


def config_directory(home: Path) -> Path:
    """``$CROSSDOCK_CONFIG``, else ``config`` in the home: hub.toml and partners/."""
    return Path(os.environ.get("CROSSDOCK_CONFIG") or home / "config")


def database_url(home: Path) -> str:
    """``$CROSSDOCK_DATABASE_URL``, else a SQLite ledger in the home."""
    return os.environ.get("CROSSDOCK_DATABASE_URL") or f"sqlite:///{home / 'ledger.db'}"


def unfinished_restore(home: Path) -> Path | None:
    """What an interrupted restore left in a home; None where there is nothing of the kind."""
    return next((home / name for name in (BUILDING, BUILT) if (home / name).is_dir()), None)
