"""Where a hub's things lie: home, configuration, ledger. By option, else by environment, else by custom."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["config_directory", "database_url", "find_home"]


def find_home(option: Path | None = None) -> Path:
    """The home directory: the option, else ``$CROSSDOCK_HOME``, else ``.crossdock`` here."""
    return (option or Path(os.environ.get("CROSSDOCK_HOME") or ".crossdock")).resolve()


def config_directory(home: Path) -> Path:
    """``$CROSSDOCK_CONFIG``, else ``config`` in the home: hub.toml and partners/."""
    return Path(os.environ.get("CROSSDOCK_CONFIG") or home / "config")


def database_url(home: Path) -> str:
    """``$CROSSDOCK_DATABASE_URL``, else a SQLite ledger in the home."""
    return os.environ.get("CROSSDOCK_DATABASE_URL") or f"sqlite:///{home / 'ledger.db'}"
