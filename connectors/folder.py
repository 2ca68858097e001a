"""A directory on this machine: files that appear in it come in, documents are put into it.

Source and sink. A file is taken when its size and time did not change between two looks ``stable_seconds`` apart, or at
once where its producer is known to rename finished files into place (``ready = "renamed"``). Names with a leading dot
or ending ``.tmp``, ``.part``, ``.filepart`` are never taken. What was accepted is moved to the archive, or deleted
where there is none.

Documents are written under a hidden name, made durable and renamed; one key gives one file, also after its reader has
taken it away: records in ``.crossdock`` beside the files remember.
"""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hub.contracts.connector import (
    Accepted,
    Arrival,
    ConnectorSpec,
    Parcel,
    Probe,
    Receipt,
    Settings,
    Site,
    Status,
)
from hub.contracts.durable_files import KeyedDirectory, carry_durably, sync_directory
from hub.contracts.file_names import is_temporary
from hub.contracts.redaction import redacted
from hub.errors import Misconfigured, Rejected, Unreachable

__all__ = ["SPEC", "Folder", "FolderSettings"]

_DAY = 86_400.0
Look = tuple[int, int, int]
"""Inode, size, modification time in nanoseconds."""


class FolderSettings(Settings):
    """``inbox`` is read, ``outbox`` is written; either may be missing. ``partner``: whose files these are."""

    inbox: Path | None = None
    outbox: Path | None = None
    archive: Path | None = None
    partner: str = ""
    pattern: str = "*"
    ready: Literal["stable", "renamed"] = "stable"
    stable_seconds: Annotated[float, Field(gt=0)] = 2.0
    file_bytes_max: Annotated[int, Field(gt=0)] = 64_000_000
    delivered_days: Annotated[int, Field(gt=0)] = 400

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if self.inbox is None and self.outbox is None:
            msg = "give inbox, outbox or both"
            raise ValueError(msg)
        return self


class Folder:
    """Two directories."""

    def __init__(self, settings: FolderSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._looks: dict[str, tuple[Look, float]] = {}
        self._pruned_at = 0.0
        self._lock = threading.Lock()

    def fetch(self, limit: int) -> Iterator[Arrival]:
        """Files that are ready, oldest first. Raises Rejected at the end where some are too large to be taken, and
        Unreachable where some cannot be read."""
        inbox = self._inbox()
        too_large: list[str] = []
        unreadable: dict[str, OSError] = {}
        given = 0
        for look, name in self._ready(inbox):
            if given >= limit:
                return
            if look[1] > self._settings.file_bytes_max:
                too_large.append(name)
                continue
            try:
                arrival = self._arrival(inbox / name, look)
            except OSError as error:
                unreadable[name] = error
                continue
            if arrival is not None:
                given += 1
                yield arrival
        self._tell_what_stays(inbox, too_large, unreadable)

    def settle(self, arrival: Arrival, accepted: Accepted) -> None:  # noqa: ARG002 - the contract's signature
        """Archive or delete the very file that was accepted; one that came under its name since stays. Raises
        Unreachable where that is not possible now."""
        path = self._inbox() / arrival.name
        try:
            self._put_away(path, arrival)
        except OSError as error:
            raise Unreachable(f"{path} was accepted and stays where it is: {error.strerror}.") from error

    def deliver(self, parcel: Parcel) -> Receipt:
        """Put a file into the outbox. Raises Unreachable where that is not possible now, KeyConflict."""
        try:
            name, repeated = self._outbox().deliver(parcel.key, parcel.name, parcel.data)
        except OSError as error:
            raise Unreachable(f"{self._settings.outbox} cannot be written: {error.strerror}.") from error
        return Receipt(reference=name, repeated=repeated)

    def find(self, parcel: Parcel) -> Receipt | None:
        """Whether it was put there, also if its reader has taken it since. Raises Unreachable where that cannot be
        read now, KeyConflict."""
        try:
            name = self._outbox().find(parcel.key, parcel.data)
        except OSError as error:
            raise Unreachable(f"{self._settings.outbox} cannot be read: {error.strerror}.") from error
        return None if name is None else Receipt(reference=name, repeated=True)

    def probe(self) -> Probe:
        for directory, need in ((self._settings.inbox, os.R_OK | os.W_OK), (self._settings.outbox, os.W_OK)):
            if directory is not None and not (directory.is_dir() and os.access(directory, need | os.X_OK)):
                return Probe(False, f"{directory} is not there or not accessible")
        return Probe(True, "the folders are accessible")

    def close(self) -> None:
        """Nothing is held open."""

    def _put_away(self, path: Path, arrival: Arrival) -> None:
        try:
            status = path.lstat()
        except FileNotFoundError:
            return
        if not arrival.source_key.startswith(_identity(arrival.name, _look(status))):
            return
        if self._settings.archive is None:
            path.unlink()
            sync_directory(path.parent)
            return
        self._settings.archive.mkdir(parents=True, exist_ok=True)
        target = self._settings.archive / arrival.name
        if target.exists():
            target = target.with_name(f"{arrival.name}.{arrival.facts['sha256'][:8]}")
        carry_durably(path, target)

    def _tell_what_stays(self, inbox: Path, too_large: list[str], unreadable: dict[str, OSError]) -> None:
        if unreadable:
            reasons = ", ".join(sorted({str(error.strerror) for error in unreadable.values()}))
            raise Unreachable(
                f"{len(unreadable)} files in {inbox} cannot be read: {reasons}.",
                fix="give us the permission, or mend what it names",
                files=list(unreadable)[:20],
            )
        if too_large:
            raise Rejected(
                f"{len(too_large)} files in {inbox} are larger than {self._settings.file_bytes_max} bytes.",
                fix="move them away, or raise file_bytes_max",
                files=too_large[:20],
            )

    def _ready(self, inbox: Path) -> list[tuple[Look, str]]:
        """What looks finished, oldest first."""
        looks: dict[str, Look] = {}
        try:
            with os.scandir(inbox) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False) and self._wanted(entry.name):
                        with suppress(FileNotFoundError):
                            looks[entry.name] = _look(entry.stat(follow_symlinks=False))
        except OSError as error:
            raise Unreachable(f"{inbox} cannot be read: {error.strerror}.") from error
        ready = [(look, name) for name, look in looks.items() if self._settings.ready == "renamed"]
        return sorted(ready or self._unchanged(looks), key=lambda item: (item[0][2], item[1]))

    def _unchanged(self, looks: dict[str, Look]) -> list[tuple[Look, str]]:
        """Files first seen as they are now ``stable_seconds`` ago or earlier; remembers the others."""
        now = self._site.now()
        with self._lock:
            known = self._looks
            self._looks = {
                name: known[name] if name in known and known[name][0] == look else (look, now)
                for name, look in looks.items()
            }
            latest = now - self._settings.stable_seconds
            return [(look, name) for name, (look, since) in self._looks.items() if since <= latest]

    def _wanted(self, name: str) -> bool:
        return not is_temporary(name) and fnmatch(name, self._settings.pattern)

    def _arrival(self, path: Path, look: Look) -> Arrival | None:
        """The file, or None if it went or changed while it was read. Raises OSError where it cannot be read."""
        try:
            number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP):
                return None
            raise
        with os.fdopen(number, "rb") as file:
            data = file.read(look[1] + 1)
            if len(data) != look[1] or _look(os.fstat(number)) != look:
                return None
        digest = hashlib.sha256(data).hexdigest()
        return Arrival(
            connection=self._site.connection,
            partner=self._settings.partner,
            name=path.name,
            data=data,
            source_key=_identity(path.name, look) + digest,
            facts={"sha256": digest},
        )

    def _inbox(self) -> Path:
        if self._settings.inbox is None:
            raise Misconfigured(f"{self._site.connection} has no inbox.", fix="set inbox")
        return self._settings.inbox

    def _outbox(self) -> KeyedDirectory:
        if self._settings.outbox is None:
            raise Misconfigured(f"{self._site.connection} has no outbox.", fix="set outbox")
        now = self._site.now()
        directory = KeyedDirectory(self._settings.outbox, self._settings.outbox / ".crossdock")
        if now - self._pruned_at > _DAY:
            self._pruned_at = now
            directory.forget(now - self._settings.delivered_days * _DAY)
        return directory


def _look(status: os.stat_result) -> Look:
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def _identity(name: str, look: Look) -> str:
    """The beginning of a source key: this very file, whatever its bytes."""
    return f"{name}/{look[0]}/{look[1]}/{look[2]}/"


SPEC = ConnectorSpec(
    id="folder",
    label="Folder",
    settings=FolderSettings,
    build=Folder,
    redact=redacted,
    status=Status.CERTIFIED,
    docs="https://pubs.opengroup.org/onlinepubs/9699919799/functions/rename.html",
)
