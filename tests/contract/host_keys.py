"""Host keys for mailboxes under test, made once a process: making RSA keys takes longer than most tests."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from connectors.sftp_mailbox.host_keys import host_keys

__all__ = ["give_host_keys"]


def give_host_keys(home: Path) -> None:
    """Put the keys where a mailbox with this ``home`` looks for its own."""
    home.mkdir(parents=True, exist_ok=True)
    for name, content in _made().items():
        (home / name).touch(mode=0o600)
        (home / name).write_bytes(content)


@cache
def _made() -> dict[str, bytes]:
    home = Path(tempfile.mkdtemp())
    try:
        host_keys(home)
        return {path.name: path.read_bytes() for path in home.iterdir()}
    finally:
        shutil.rmtree(home)
