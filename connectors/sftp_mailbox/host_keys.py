"""The mailbox's own keys, by which partners recognise it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import asyncssh

from hub.errors import Misconfigured

__all__ = ["host_keys"]

RSA_BITS = 3072


def host_keys(home: Path) -> list[asyncssh.SSHKey]:
    """ed25519 for today's clients, RSA for older ones; made once and kept in ``home``, readable by us only."""
    home.mkdir(mode=0o750, parents=True, exist_ok=True)
    return [_host_key(home / f".host_key_{kind}", kind) for kind in ("ed25519", "rsa")]


def _host_key(path: Path, kind: str) -> asyncssh.SSHKey:
    """The key in ``path``, made if there is none. Several processes may ask at once; the first one decides."""
    if not path.exists():
        made = _new_key(kind)
        hidden = path.with_name(f"{path.name}.{os.getpid()}")
        number = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(made.export_private_key())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(hidden, path)
        hidden.unlink()
    try:
        return asyncssh.read_private_key(str(path), unsafe_skip_rsa_key_validation=True)  # we made it
    except (asyncssh.KeyImportError, OSError) as error:
        raise Misconfigured(f"The host key {path.name} cannot be read.", fix="restore it from a backup") from error


def _new_key(kind: str) -> asyncssh.SSHKey:
    if kind == "rsa":
        return asyncssh.generate_private_key("ssh-rsa", key_size=RSA_BITS)
    return asyncssh.generate_private_key("ssh-ed25519")
