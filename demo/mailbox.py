"""A mailbox seen from outside: an SFTP account with /inbox to put files into and /outbox to fetch them from."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import paramiko

__all__ = ["Mailbox"]

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 15.0
FILE_BYTES_MAX = 4_000_000


class Mailbox:
    """One account. The host key is pinned in a file when it is first seen, as OpenSSH's ``accept-new`` does."""

    def __init__(self, host: str, port: int, user: str, key: Path, known_hosts: Path) -> None:
        self._address = (host, port)
        self._user = user
        self._key = key
        self._known_hosts = known_hosts
        self._transport: paramiko.Transport | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def attempt(self, work: Callable[[Mailbox], None]) -> str:
        """Work over an open line; why it could not be opened or broke, and it is closed then, or ""."""
        try:
            self._open()
            work(self)
        except (OSError, EOFError, paramiko.SSHException) as error:
            self.close()
            return f"{type(error).__name__}: {error}"
        return ""

    def put(self, name: str, data: bytes, piece_bytes: int = 0) -> None:
        """Write a file into /inbox and see that it has its size. ``piece_bytes``: waits for an answer after so many."""
        with self._client.open(f"/inbox/{name}", "wb") as file:
            file.set_pipelined(not piece_bytes)
            for begin in range(0, len(data), piece_bytes or len(data)):
                file.write(data[begin : begin + (piece_bytes or len(data))])
        size = self._client.stat(f"/inbox/{name}").st_size
        if size != len(data):
            raise OSError(f"{name} has {size} bytes there, {len(data)} here")

    def rename(self, temporary: str, name: str) -> None:
        """Give a file in /inbox its name."""
        self._client.rename(f"/inbox/{temporary}", f"/inbox/{name}")

    def arrived(self, name: str, temporary: str) -> bool:
        """Whether a file whose renaming was not answered did get its name: it lies there, or was taken already.

        What was taken lies in /archive, where a time may be put behind its name.
        """
        inbox = self._client.listdir("/inbox")
        if temporary in inbox:
            return False
        return name in inbox or any(f"{entry}.".startswith(f"{name}.") for entry in self._client.listdir("/archive"))

    def waiting(self) -> list[str]:
        """Names of the files to fetch, oldest first."""
        entries = self._client.listdir_attr("/outbox")
        files = [entry for entry in entries if not entry.filename.startswith(".") and not _temporary(entry.filename)]
        return [entry.filename for entry in sorted(files, key=lambda entry: (entry.st_mtime or 0, entry.filename))]

    def get(self, name: str) -> bytes:
        """A file of /outbox."""
        with self._client.open(f"/outbox/{name}", "rb") as file:
            return file.read(FILE_BYTES_MAX)

    def remove(self, name: str) -> None:
        """Take a file out of /outbox."""
        self._client.remove(f"/outbox/{name}")

    def close(self) -> None:
        """Hang up; may be called twice."""
        if self._transport is not None:
            self._transport.close()
        self._transport = self._sftp = None

    @property
    def is_open(self) -> bool:
        """Whether the line is up."""
        return self._transport is not None and self._transport.is_active()

    @property
    def _client(self) -> paramiko.SFTPClient:
        if self._sftp is None:
            raise OSError("the line is closed")
        return self._sftp

    def _open(self) -> None:
        if self.is_open:
            return
        self.close()
        line = socket.create_connection(self._address, timeout=CONNECT_SECONDS)
        self._transport = transport = paramiko.Transport(line)
        transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = CONNECT_SECONDS
        transport.start_client(timeout=CONNECT_SECONDS)
        self._check_host_key(transport.get_remote_server_key())
        transport.auth_publickey(self._user, paramiko.Ed25519Key.from_private_key_file(str(self._key)))
        self._sftp = transport.open_sftp_client()
        self._client.get_channel().settimeout(ANSWER_SECONDS)  # type: ignore[union-attr]  # open_sftp_client made one

    def _check_host_key(self, key: paramiko.PKey) -> None:
        host = "[{}]:{}".format(*self._address)
        line = f"{host} {key.get_name()} {key.get_base64()}"
        if not self._known_hosts.exists():
            self._known_hosts.write_text(line + "\n")
        elif self._known_hosts.read_text().split()[1:3] != line.split()[1:3]:
            raise paramiko.SSHException(f"{host} shows another host key than before")


def _temporary(name: str) -> bool:
    return name.lower().endswith((".tmp", ".part", ".filepart"))
