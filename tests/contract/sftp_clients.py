"""Partners' clients for the mailbox: paramiko, and the OpenSSH command."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from tests.contract.site import HUB_SECRETS

__all__ = ["log_in", "openssh", "port_of", "session"]


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def log_in(address: str, user: str = "bigbox", password: str = HUB_SECRETS["mailbox_password"]) -> paramiko.Transport:
    """An authenticated connection. Raises what paramiko raises; the socket is closed then."""
    transport = paramiko.Transport(socket.create_connection(("127.0.0.1", port_of(address)), 10))
    try:
        transport.start_client(timeout=10)
        transport.auth_password(user, password, fallback=False)
    except BaseException:
        transport.close()
        raise
    return transport


@contextmanager
def session(address: str, user: str = "bigbox") -> Iterator[paramiko.SFTPClient]:
    """An SFTP session of a partner."""
    transport = log_in(address, user)
    try:
        files = paramiko.SFTPClient.from_transport(transport)
        assert files is not None
        channel = files.get_channel()
        assert channel is not None
        channel.settimeout(20)
        yield files
    finally:
        transport.close()


def openssh(address: str, identity: Path, known_hosts: Path, commands: str) -> subprocess.CompletedProcess[str]:
    """Run ``commands`` in OpenSSH's sftp. Skips where it is not installed, but never in CI."""
    command = shutil.which("sftp")
    if command is None:
        if os.environ.get("CI"):
            pytest.fail("OpenSSH's sftp is not installed; the mailbox must be tried with it")
        pytest.skip("OpenSSH's sftp is not installed")
    return subprocess.run(
        [
            command, "-b", "-", "-P", str(port_of(address)), "-i", str(identity), "-o", "IdentitiesOnly=yes",
            "-o", "StrictHostKeyChecking=accept-new", "-o", f"UserKnownHostsFile={known_hosts}", "bigbox@127.0.0.1",
        ],
        input=commands, text=True, capture_output=True, timeout=60, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(known_hosts.parent), "LC_ALL": "C"},
    )  # fmt: skip
