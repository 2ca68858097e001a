"""Files that are still there after a power cut: single ones, records by key, and a directory in which each key puts
one file and never a second."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.contracts.file_names import key_digest, name_for_key, safe_name
from hub.errors import KeyConflict

__all__ = [
    "KeyRecords",
    "KeyedDirectory",
    "carry_durably",
    "move_durably",
    "require_same",
    "sync_directory",
    "write_durably",
]

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


def carry_durably(source: Path, target: Path) -> None:
    """As `move_durably`, also to another file system. There the file is whole under ``target`` before ``source`` goes;
    a crash in between leaves both. Another file that came under the name of ``source`` meanwhile stays."""
    try:
        move_durably(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copied = _copy_durably(source, target)
        now = source.lstat()
        if os.path.samestat(now, copied) and (now.st_size, now.st_mtime_ns) == (copied.st_size, copied.st_mtime_ns):
            source.unlink()
            sync_directory(source.parent)


def _copy_durably(source: Path, target: Path) -> os.stat_result:
    """What was copied, with its time. The hidden name is that of ``source`` each time, so that many crashes
    leave one file."""
    hidden = target.with_name(f".{key_digest(str(source))[:16]}.tmp")
    with os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        status = os.fstat(file.fileno())
        number = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, FILE_MODE)
        with os.fdopen(number, "wb") as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.utime(number, ns=(status.st_atime_ns, status.st_mtime_ns))
            os.fsync(number)
    hidden.replace(target)
    sync_directory(target.parent)
    return status


class KeyRecords:
    """A small JSON record for each key, ``<directory>/<2 digits>/<digest of the key>``. Callers keep writers apart."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def get(self, key: str) -> dict[str, Any] | None:
        """The record of ``key``, None if there is none."""
        try:
            record: dict[str, Any] = json.loads(self._path(key).read_bytes())
        except FileNotFoundError:
            return None
        return record

    def put(self, key: str, **record: Any) -> None:
        """Write the record of ``key``; it is durable when this returns."""
        path = self._path(key)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            sync_directory(self.directory)
        write_durably(path, json.dumps({"key": key, **record}).encode())

    def older_than(self, before: float) -> Iterator[Path]:
        """Records written before ``before`` (seconds since 1970)."""
        for record in self.directory.glob("??/*"):
            if record.stat().st_mtime < before:
                yield record

    def _path(self, key: str) -> Path:
        digest = key_digest(key)
        return self.directory / digest[:2] / digest


class KeyedDirectory:
    """A directory for one reader who takes files away; a key once put there is never put again.

    ``hidden`` is on the same file system as ``directory`` and holds ``spool/<digest>``, the bytes before they are
    visible, and ``keys``, records ``{key, name, sha256, size}``. A key is delivered when its record exists and its
    spool file does not: the rename that makes the file visible is the one step that decides, so a crash at any moment
    leaves a state that can be read, also after the reader has taken the file. A lock file keeps several threads and
    processes apart.
    """

    def __init__(self, directory: Path, hidden: Path) -> None:
        self._directory = directory
        self._spool = hidden / "spool"
        self._keys = KeyRecords(hidden / "keys")

    def deliver(self, key: str, name: str, data: bytes) -> tuple[str, bool]:
        """``(name it has there, had it before)``. Raises KeyConflict if ``key`` came with other bytes before."""
        for directory in (self._directory, self._spool, self._keys.directory):
            directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        with self._locked():
            known = self._keys.get(key)
            if known is not None:
                require_same(known, data)
                if not self._waiting(key):
                    return str(known["name"]), True
                chosen = str(known["name"])
            else:
                chosen = safe_name(name)
                write_durably(self._spool / key_digest(key), data)
            if known is None or (self._directory / chosen).exists():
                chosen = name_for_key(name, key) if (self._directory / chosen).exists() else chosen
                self._keys.put(key, name=chosen, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
            move_durably(self._spool / key_digest(key), self._directory / chosen)
            return chosen, False

    def find(self, key: str, data: bytes) -> str | None:
        """The name under which ``key`` was delivered, also if the file is gone; None if it was not."""
        if not self._keys.directory.is_dir():
            return None
        with self._locked():
            known = self._keys.get(key)
            if known is None or self._waiting(key):
                return None
            require_same(known, data)
            return str(known["name"])

    def forget(self, before: float) -> int:
        """Drop the records of keys delivered before ``before`` (seconds since 1970); returns how many."""
        if not self._keys.directory.is_dir():
            return 0
        dropped = 0
        with self._locked():
            for record in self._keys.older_than(before):
                if not (self._spool / record.name).exists():
                    record.unlink()
                    dropped += 1
            for leftover in self._spool.glob(".*.tmp"):
                if leftover.stat().st_mtime < before:
                    leftover.unlink()
        return dropped

    def _waiting(self, key: str) -> bool:
        return (self._spool / key_digest(key)).exists()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._keys.directory / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def require_same(record: dict[str, Any], data: bytes) -> None:
    """Raise KeyConflict if the key of ``record`` was used for other bytes than ``data``."""
    if record["sha256"] != hashlib.sha256(data).hexdigest():
        raise KeyConflict(
            f"The key {record['key']} was used before for other bytes, as {record['name']}.",
            fix="`crossdock close` where what arrived will do; `crossdock replay --again` sends this as something new",
            key=record["key"],
            name=record["name"],
        )
