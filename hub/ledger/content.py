"""Payloads by the SHA-256 of their bytes: small ones in the ledger, large ones as files below the home, old ones in the
archive.

A file is written under a temporary name, synced, renamed, and its folder synced, before any row can refer to it
(measured: as fast as the database from 256 KB on, and it keeps the database small). Who wants a file that is there
already marks it as used, so that nobody removes it before the row that refers to it is committed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hub.errors import Broken, Held, NotFound, Unreachable
from hub.ledger.archived import Archived
from hub.ledger.message import Stored
from hub.ledger.transaction import Database

__all__ = ["COME_AGAIN", "Content", "is_content"]

IN_ROW_BYTES = 65_536
_AT_ONCE = 200
COME_AGAIN = "have the same bytes sent again, or replay with --edit what a backup has of it"


class Content:
    """The payloads of one ledger. ``folder``: where large ones lie, shared by all processes of the hub."""

    def __init__(self, folder: Path, database: Database, archived: Archived) -> None:
        self._folder = folder
        self._database = database
        self._archived = archived

    def store(self, data: bytes) -> Stored:
        """Bytes ready to be owned by a message. Above 64 KB they are on disk when this returns.

        Unreachable when the disk is full or refuses.
        """
        digest = hashlib.sha256(data).hexdigest()
        if len(data) <= IN_ROW_BYTES:
            return Stored(digest, len(data), bytes(data))
        try:
            self._write_file(digest, data)
        except OSError as error:
            raise Unreachable(f"a payload could not be written: {error.strerror}", path=str(self._folder)) from error
        return Stored(digest, len(data))

    def payload(self, sha256: str) -> bytes:
        """The bytes with this hash. NotFound when there are none, Broken when they were altered, Held when their
        file is missing or they were archived and their pack was taken elsewhere."""
        return self.payloads((sha256,))[sha256]

    def payloads(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """As `payload`, for several at once."""
        wanted = sorted(set(hashes))
        found: dict[str, bytes] = {}
        for begin in range(0, len(wanted), _AT_ONCE):
            part = wanted[begin : begin + _AT_ONCE]
            with self._database.read() as db:
                rows = db.among("SELECT sha256, data FROM payload WHERE sha256 IN (*)", part)
            found.update((sha256, self._verified(sha256, data)) for sha256, data in rows)
        for sha256 in wanted:
            if sha256 not in found:
                raise NotFound(f"there is no payload {sha256}", fix=COME_AGAIN, sha256=sha256)
        return found

    def sizes(self, hashes: Iterable[str]) -> dict[str, int]:
        """How many bytes each of several payloads has, without reading them; those that are not there are left out."""
        wanted = sorted(set(hashes))
        with self._database.read() as db:
            return dict(db.among("SELECT sha256, size FROM payload WHERE sha256 IN (*)", wanted)) if wanted else {}

    def verify_file(self, sha256: str) -> None:
        """Whether a large payload is there and unaltered: NotFound or Broken when not. Reads it piece by piece."""
        try:
            digest = _digest(self.path(sha256))
        except FileNotFoundError as error:
            raise NotFound(f"the file of payload {sha256} is missing", fix=COME_AGAIN, sha256=sha256) from error
        if digest != sha256:
            raise Broken(f"payload {sha256} was altered after it was stored", fix=COME_AGAIN, sha256=sha256)

    def files(self) -> Iterator[tuple[str, Path]]:
        """All files of large payloads, each with the hash that it should have; what a crash left half written, too."""
        for path in sorted(self._folder.glob("??/*")):
            yield path.parent.name + path.name, path

    def remove(self, path: Path, *, unused_since: float) -> int | None:
        """Removes a file that was neither written nor wanted since a time; its size, or None where it was left."""
        with self._gate(fcntl.LOCK_EX), suppress(FileNotFoundError):
            status = path.stat()
            if status.st_mtime < unused_since:
                path.unlink()
                return status.st_size
        return None

    def path(self, sha256: str) -> Path:
        """Where a large payload lies."""
        return self._folder / sha256[:2] / sha256[2:]

    def _verified(self, sha256: str, data: bytes | None) -> bytes:
        if data is None:
            try:
                data = self.path(sha256).read_bytes()
            except FileNotFoundError as error:
                place = self._archived.places((sha256,)).get(sha256)
                if place is None:
                    raise Held(
                        f"the file of payload {sha256} is missing", fix=self._bring(sha256), sha256=sha256
                    ) from error
                return self._archived.read(place)
        if not is_content(data, sha256):
            raise Broken(f"payload {sha256} was altered after it was stored", fix=COME_AGAIN, sha256=sha256)
        return data

    def _bring(self, sha256: str) -> str:
        return f"bring it back as {self.path(sha256)}, from a backup or the folder it was moved to; else {COME_AGAIN}"

    def _write_file(self, sha256: str, data: bytes) -> None:
        path = self.path(sha256)
        if path.exists() and self._is_kept(path, sha256, len(data)):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        for folder in (path.parent, self._folder, self._folder.parent):
            _sync_folder(folder)

    def _is_kept(self, path: Path, sha256: str, size: int) -> bool:
        """Marks a file as used; whether it is there as it was written. A damaged one would lose what comes now."""
        with self._gate(fcntl.LOCK_SH), suppress(OSError):
            os.utime(path)
            return path.stat().st_size == size and _digest(path) == sha256
        return False

    @contextmanager
    def _gate(self, how: int) -> Iterator[None]:
        """Keeps those who want files and those who remove them apart."""
        with (self._folder / ".lock").open("a") as file:
            fcntl.flock(file, how)
            yield


def is_content(data: object, sha256: str) -> bool:
    """Whether a value from the database is the bytes with this hash; SQLite may hold text where bytes were put."""
    return isinstance(data, bytes) and hashlib.sha256(data).hexdigest() == sha256


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """Makes names in a folder durable; not every platform can open a folder."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
