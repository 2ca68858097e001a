"""One hub to a home directory: a lock that the kernel frees however the process ends."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hub.errors import Misconfigured

__all__ = ["announce", "occupied"]


@contextmanager
def occupied(home: Path) -> Iterator[None]:
    """Hold the home directory; ``hub.pid`` says who does.

    Raises Misconfigured where another hub has it.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = os.open(home / "hub.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = _text(home / "hub.pid") or "unknown"
            raise Misconfigured(
                f"A hub runs on {home} already, as process {pid}.",
                fix="Stop it first, or give this one another --home.",
                pid=pid,
            ) from None
        try:
            (home / "hub.pid").write_text(f"{os.getpid()}\n", "ascii")
            yield
        finally:
            (home / "hub.pid").unlink(missing_ok=True)
            (home / "hub.json").unlink(missing_ok=True)
    finally:
        os.close(lock)


def announce(home: Path, addresses: Mapping[str, str]) -> None:
    """Write ``hub.json``: where page, API and mailbox are. Whoever reads it sees all of it or nothing."""
    path = home / "hub.json"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(dict(addresses), indent=2) + "\n", "utf-8")
    temporary.replace(path)


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except OSError:
        return ""
