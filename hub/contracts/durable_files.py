"""Files that are still there after a power cut, and a directory in which each key puts one file and never a second."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.contracts.file_names import key_digest, name_for_key, safe_name
from hub.errors import KeyConflict

__all__ = ["KeyedDirectory", "move_durably", "sync_directory", "write_durably"]

FILE_MODE = 0o640


def sync_directory(directory: Path) -> None:
    """Make the names in ``directory`` durable."""
    number = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def write_durably(path: Path, data: bytes, mode: int = FILE_MODE) -> None:
    """Replace ``path`` with ``data`` under a hidden name and rename: readers see all of it or the old file."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    number = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(number, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    hidden.replace(path)
    sync_directory(path.parent)


def move_durably(source: Path, target: Path) -> None:
    """Rename, replacing ``target``, and make both directories durable."""
    source.replace(target)
    sync_directory(target.parent)
    if source.parent != target.parent:
        sync_directory(source.parent)


class KeyedDirectory:
    """A directory for one reader who takes files away; a key once put there is never put again.

    ``hidden`` is on the same file system as ``directory`` and holds ``spool/<digest>``, the bytes before they are
    visible, and ``keys/<2>/<digest>``, JSON ``{key, name, sha256, size}``. A key is delivered when its record exists
    and its spool file does not: the rename that makes the file visible is the one step that decides, so a crash at any
    moment leaves a state that can be read, also after the reader has taken the file. A lock file keeps several threads
    and processes apart.
    """

    def __init__(self, directory: Path, hidden: Path) -> None:
        self._directory = directory
        self._spool = hidden / "spool"
        self._keys = hidden / "keys"

    def deliver(self, key: str, name: str, data: bytes) -> tuple[str, bool]:
        """``(name it has there, had it before)``. Raises KeyConflict if ``key`` came with other bytes before."""
        self._prepare()
        with self._locked():
            known = self._record(key)
            digest = hashlib.sha256(data).hexdigest()
            if known is not None:
                _same_bytes(key, known, digest)
                if not self._waiting(key):
                    return known["name"], True
            else:
                self._write(key, self._free_name(name, key), digest, data)
            return self._publish(key, digest, len(data)), False

    def find(self, key: str, data: bytes) -> str | None:
        """The name under which ``key`` was delivered, also if the file is gone; None if it was not."""
        if not self._keys.is_dir():
            return None
        with self._locked():
            known = self._record(key)
            if known is None or self._waiting(key):
                return None
            _same_bytes(key, known, hashlib.sha256(data).hexdigest())
            return known["name"]

    def forget(self, before: float) -> int:
        """Drop the records of keys delivered before ``before`` (seconds since 1970); returns how many."""
        if not self._keys.is_dir():
            return 0
        dropped = 0
        with self._locked():
            for record in self._keys.glob("??/*"):
                if record.stat().st_mtime < before and not (self._spool / record.name).exists():
                    record.unlink()
                    dropped += 1
            for leftover in self._spool.glob(".*.tmp"):
                if leftover.stat().st_mtime < before:
                    leftover.unlink()
        return dropped

    def _write(self, key: str, name: str, digest: str, data: bytes) -> None:
        write_durably(self._spool / key_digest(key), data)
        self._note(key, name, digest, len(data))

    def _publish(self, key: str, digest: str, size: int) -> str:
        record = self._record(key)
        assert record is not None, "the record is written before the file is published"
        name = record["name"]
        if (self._directory / name).exists():
            name = name_for_key(name, key)
            self._note(key, name, digest, size)
        move_durably(self._spool / key_digest(key), self._directory / name)
        return name

    def _free_name(self, name: str, key: str) -> str:
        plain = safe_name(name)
        return name_for_key(name, key) if (self._directory / plain).exists() else plain

    def _note(self, key: str, name: str, digest: str, size: int) -> None:
        path = self._path(key)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o750)
            sync_directory(self._keys)
        record = {"key": key, "name": name, "sha256": digest, "size": size}
        write_durably(path, json.dumps(record).encode())

    def _record(self, key: str) -> dict[str, str] | None:
        try:
            record: dict[str, str] = json.loads(self._path(key).read_bytes())
        except FileNotFoundError:
            return None
        return record

    def _waiting(self, key: str) -> bool:
        return (self._spool / key_digest(key)).exists()

    def _path(self, key: str) -> Path:
        digest = key_digest(key)
        return self._keys / digest[:2] / digest

    def _prepare(self) -> None:
        for directory in (self._directory, self._spool, self._keys):
            directory.mkdir(mode=0o750, parents=True, exist_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._keys / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _same_bytes(key: str, known: dict[str, str], digest: str) -> None:
    if known["sha256"] != digest:
        raise KeyConflict(
            f"The key {key} was used before for other bytes, as {known['name']}.",
            fix="deliver changed content under a new key",
            key=key,
            name=known["name"],
        )
