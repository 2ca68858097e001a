"""One partner's files: what its paths mean, and what may be done with them. No network.

The partner sees ``/inbox`` (partner to us), ``/outbox`` (us to partner) and ``/archive`` (what we took), files only and
no deeper. A path is not mapped but recognised: one of three folder names and one file name, so there is nothing to
climb out of. On disk they are folders of ``<home>/<partner>``, beside two hidden ones: ``.uploads``, where bytes lie
until their sender has finished, and ``.deliveries``, the records of the outbox.

Methods raise asyncssh's SFTP errors, whose text the partner reads; their code is right for SFTP version 3.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from asyncssh import SFTPFailure, SFTPNoSuchFile, SFTPPermissionDenied

from hub.contracts.durable_files import KeyedDirectory, carry_durably, move_durably, sync_directory
from hub.contracts.file_names import is_temporary

__all__ = ["FOLDERS", "NAME_BYTES_MAX", "Place", "Tree", "Upload", "leaf"]

FOLDERS = ("inbox", "outbox", "archive")
NAME_BYTES_MAX = 160
_MODE = 0o640


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path of the partner leads: the root ("" and ""), a folder (name "") or a file."""

    folder: str
    name: str

    @property
    def shown(self) -> str:
        """The path as the partner writes it."""
        return posixpath.join("/", self.folder, self.name)


def leaf(path: bytes) -> Place:
    """What ``path`` means. Raises SFTPNoSuchFile or SFTPFailure for all that is no root, folder or file of ours."""
    try:
        text = path.decode("utf-8")
    except UnicodeDecodeError:
        raise SFTPFailure("File names must be UTF-8.") from None
    parts = [part for part in posixpath.normpath("/" + text).split("/") if part]
    if not parts:
        return Place("", "")
    if parts[0] not in FOLDERS:
        raise SFTPNoSuchFile("There are only /inbox, /outbox and /archive here.")
    if len(parts) > 2:
        raise SFTPNoSuchFile(f"/{parts[0]} has no folders in it.")
    return Place(parts[0], _checked(parts[1]) if len(parts) == 2 else "")


def _checked(name: str) -> str:
    if len(name.encode()) > NAME_BYTES_MAX:
        raise SFTPFailure(f"The file name is longer than {NAME_BYTES_MAX} bytes.")
    if not name.isprintable() or "\\" in name:
        raise SFTPFailure("The file name has characters that cannot be accepted.")
    return name


class Upload:
    """A file being written. Its bytes have no name of the partner's until it is finished."""

    def __init__(self, place: Place, path: Path, size_max: int) -> None:
        self.place = place
        self.path = path
        self.fault = ""
        self.appends = False
        self._size_max = size_max
        self._number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _MODE)

    def begin_with(self, earlier: Path) -> None:
        """Start from the bytes of ``earlier``: an upload that is resumed or appended to."""
        with earlier.open("rb") as file:
            offset = 0
            while piece := file.read(1 << 20):
                self.write(piece, offset)
                offset += len(piece)

    def read(self, size: int, offset: int) -> bytes:
        return os.pread(self._number, size, offset)

    def write(self, data: bytes, offset: int | None) -> int:
        """Write at ``offset``, or at the end for None. Raises SFTPFailure beyond the size limit, and at every close."""
        start = self.size() if offset is None else offset
        if start + len(data) > self._size_max:
            self.fault = f"A file may have at most {self._size_max} bytes; it was not taken."
            raise SFTPFailure(self.fault)
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(self._number, data[written:], start + written)
        except OSError as error:
            self.fault = "There is no room here for this file; it was not taken."
            raise SFTPFailure(self.fault) from error
        return len(data)

    def truncate(self, size: int) -> None:
        if size > self._size_max:
            raise SFTPFailure(f"A file may have at most {self._size_max} bytes.")
        os.ftruncate(self._number, size)

    def size(self) -> int:
        return os.fstat(self._number).st_size

    def status(self) -> os.stat_result:
        return os.fstat(self._number)

    def sync(self) -> None:
        os.fsync(self._number)

    def release(self) -> None:
        """Close the file on disk; the bytes stay."""
        os.close(self._number)

    def discard(self) -> None:
        """Remove the bytes; nothing of this upload was ever visible."""
        self.path.unlink(missing_ok=True)


class Tree:
    """The folders of one partner below ``root``. ``file_bytes_max``, ``inbox_bytes_max``: what it may leave there."""

    def __init__(self, root: Path, *, file_bytes_max: int, inbox_bytes_max: int) -> None:
        self.root = root
        self.outbox = KeyedDirectory(root / "outbox", root / ".deliveries")
        self._uploads = root / ".uploads"
        self._file_bytes_max = file_bytes_max
        self._inbox_bytes_max = inbox_bytes_max

    def prepare(self) -> None:
        """Make the folders and drop uploads that a crash left unfinished. Only where no session is open."""
        for folder in (*FOLDERS, ".uploads"):
            (self.root / folder).mkdir(mode=0o750, parents=True, exist_ok=True)
        for unfinished in self._uploads.iterdir():
            unfinished.unlink()

    def path(self, place: Place) -> Path:
        """The file on disk. Raises SFTPNoSuchFile where a link or anything but a plain file or folder is in the way."""
        inside = Path(place.folder, place.name)
        path = self.root / inside
        if Path(os.path.realpath(path)) != Path(os.path.realpath(self.root)) / inside:
            raise SFTPNoSuchFile(f"{place.shown}: no such file.")
        return path

    def status(self, place: Place) -> os.stat_result:
        """Size and times. Raises SFTPNoSuchFile."""
        try:
            status = self.path(place).lstat()
        except OSError:
            raise SFTPNoSuchFile(f"{place.shown}: no such file.") from None
        if not (stat.S_ISREG(status.st_mode) if place.name else stat.S_ISDIR(status.st_mode)):
            raise SFTPNoSuchFile(f"{place.shown}: no such file.")
        return status

    def exists(self, place: Place) -> bool:
        return self.path(place).exists()

    def names(self, folder: str) -> list[str]:
        """Files in a folder, sorted; hidden ones only in the inbox, where a partner may choose such names."""
        with os.scandir(self.path(Place(folder, ""))) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_file(follow_symlinks=False) and (folder == "inbox" or not entry.name.startswith("."))
            )

    def open_for_reading(self, place: Place) -> int:
        """A file descriptor. Raises SFTPNoSuchFile."""
        self.status(place)
        try:
            return os.open(self.path(place), os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            raise SFTPNoSuchFile(f"{place.shown}: no such file.") from None

    def begin_upload(self, place: Place) -> Upload:
        """A new, empty upload. Raises SFTPFailure where the partner's share is used up."""
        used = sum(status.st_size for folder in ("inbox", ".uploads") for status, _ in self._files(folder))
        if used >= self._inbox_bytes_max:
            raise SFTPFailure("The inbox is full; remove unfinished files or wait.")
        path = self._uploads / secrets.token_hex(12)
        return Upload(place, path, min(self._file_bytes_max, self._inbox_bytes_max - used))

    def place_upload(self, upload: Upload) -> None:
        """Give a finished upload its name in the inbox, durably."""
        upload.sync()
        move_durably(upload.path, self.path(upload.place))

    def remove(self, place: Place) -> None:
        """Take a file away. Raises SFTPNoSuchFile, and SFTPPermissionDenied in the archive."""
        if place.folder == "archive":
            raise SFTPPermissionDenied("Files in /archive stay there; they are removed by age.")
        self.status(place)
        path = self.path(place)
        path.unlink()
        sync_directory(path.parent)

    def rename(self, old: Place, new: Place) -> None:
        """Rename within the inbox, replacing nothing that is not temporary."""
        move_durably(self.path(old), self.path(new))

    def read(self, place: Place) -> tuple[bytes, os.stat_result]:
        """A whole file of the inbox, at most ``file_bytes_max``, and its status from the same open file."""
        number = self.open_for_reading(place)
        with os.fdopen(number, "rb") as file:
            data = file.read(self._file_bytes_max + 1)
            if len(data) > self._file_bytes_max:
                raise SFTPFailure(f"A file may have at most {self._file_bytes_max} bytes; it was not taken.")
            return data, os.fstat(number)

    def archive(self, place: Place, name: str, data: bytes, now: float) -> str:
        """Move a file that was taken to the archive, as ``<name>.<time>.<8 digits of its hash>``; returns that name.

        Archiving the same bytes twice in one second gives one file.
        """
        at = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        kept = f"{name}.{at}.{hashlib.sha256(data).hexdigest()[:8]}"
        carry_durably(self.path(place), self.root / "archive" / kept)
        return kept

    def waiting(self) -> Iterator[str]:
        """Names in the inbox that are final and were not taken, oldest first: what a crash left behind."""
        final = [(status.st_mtime_ns, name) for status, name in self._files("inbox") if not is_temporary(name)]
        for _, name in sorted(final):
            yield name

    def prune(self, *, archived_before: float, delivered_before: float) -> None:
        """Remove archived files and records of deliveries older than the given times (seconds since 1970)."""
        for status, name in self._files("archive"):
            if status.st_mtime < archived_before:
                (self.root / "archive" / name).unlink(missing_ok=True)
        self.outbox.forget(delivered_before)

    def _files(self, folder: str) -> Iterator[tuple[os.stat_result, str]]:
        """Plain files with their status; sessions and sweeps run at once, so a file may go while this looks."""
        with os.scandir(self.root / folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        yield status, entry.name
