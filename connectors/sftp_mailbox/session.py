"""SFTP requests of one session on its partner's tree."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator
from functools import partial
from typing import cast

import asyncssh
from asyncssh.constants import FXF_APPEND, FXF_CREAT, FXF_EXCL, FXF_TRUNC, FXF_WRITE
from asyncssh.sftp import SFTPServerHandler
from asyncssh.stream import SSHServerStreamSession

from connectors.sftp_mailbox.door import Door, Visitor
from connectors.sftp_mailbox.partner import Partner, Take
from connectors.sftp_mailbox.tree import FOLDERS, Place, Upload, leaf
from hub.contracts.file_names import is_temporary

__all__ = ["Session"]

SFTP_VERSION = 3
READ_BYTES_MAX = 1 << 18
LISTINGS_MAX = 16
OUTCOMES_REMEMBERED_MAX = 64
_WRITING = FXF_WRITE | FXF_APPEND | FXF_CREAT | FXF_TRUNC


class Session(SSHServerStreamSession[bytes]):
    """One channel: SFTP and nothing else. A shell, a command (scp) and every other subsystem are refused."""

    def __init__(self, door: Door, take: Take, connection: asyncssh.SSHServerConnection) -> None:
        super().__init__(None)
        self._door = door
        self._take = take
        self._connection = connection
        self._partner = door.partners[connection.get_extra_info("username")]

    def shell_requested(self) -> bool:
        return False

    def exec_requested(self, command: str) -> bool:  # noqa: ARG002 - none at all
        return False

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp" and self._partner.sessions < self._door.limits.sessions_per_partner_max

    def session_started(self) -> None:
        self._partner.sessions += 1
        channel = cast("asyncssh.SSHServerChannel[bytes]", self._chan)  # or asyncssh's wrapper of one
        reader = asyncssh.SSHReader[bytes](self, channel)
        writer = asyncssh.SSHWriter[bytes](self, channel)
        files = _Files(self._door, self._take, self._partner, channel)
        self._connection.create_task(self._serve(_Protocol(files, reader, writer, SFTP_VERSION), files))

    async def _serve(self, protocol: SFTPServerHandler, files: _Files) -> None:
        try:
            await protocol.run()
        finally:
            self._partner.sessions -= 1
            files.drop()


class _Protocol(SFTPServerHandler):
    """asyncssh's protocol handler, but a client that is gone has not finished its files.

    asyncssh calls ``close`` for each open file in both cases; this class tells them apart in the one place that knows.
    The contract test of the lost connection holds this to every version of asyncssh.
    """

    _extensions = [(b"posix-rename@openssh.com", b"1"), (b"fsync@openssh.com", b"1")]  # noqa: RUF012 - as inherited

    async def _cleanup(self, exc: Exception | None) -> None:
        if isinstance(self._server, _Files):
            self._server.abandon()
        await super()._cleanup(exc)


class _Reading:
    """A file opened for reading."""

    def __init__(self, number: int) -> None:
        self.number = number


class _Files(asyncssh.SFTPServer):
    """The requests. Each path goes through `leaf`; links and further folders do not exist here."""

    def __init__(self, door: Door, take: Take, partner: Partner, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel)
        self._door = door
        self._take = take
        self._partner = partner
        self._tree = partner.tree
        self._visitor: Visitor = channel.get_extra_info("visitor")
        self._peer = str((channel.get_extra_info("peername") or ("",))[0])
        self._handles: set[Upload | _Reading] = set()
        self._listings = 0
        self._outcomes: dict[str, os.stat_result | str] = {}

    def abandon(self) -> None:
        """The client is gone: what it did not close, it did not finish."""
        for handle in self._handles:
            if isinstance(handle, Upload):
                handle.fault = "The connection was lost."

    def drop(self) -> None:
        """Let go of what is still open, also where asyncssh ended the session without closing it."""
        while self._handles:
            handle = self._handles.pop()
            if isinstance(handle, Upload):
                handle.release()
                handle.discard()
            else:
                os.close(handle.number)

    # Files ------------------------------------------------------------------------------------------------------

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:  # noqa: ARG002 - modes are ours
        place = self._file(path)
        if len(self._handles) >= self._door.limits.open_handles_max:
            raise asyncssh.SFTPFailure("Too many files are open; close some first.")
        handle: Upload | _Reading
        if pflags & _WRITING:
            handle = await self._door.in_thread(partial(self._begin, place, pflags))
        else:
            handle = _Reading(self._tree.open_for_reading(place))
        self._handles.add(handle)
        return handle

    def _begin(self, place: Place, pflags: int) -> Upload:
        """An upload; one that does not truncate starts with what lies there under the same temporary name."""
        _inbox_only(place)
        exists = self._tree.exists(place)
        if exists and (pflags & FXF_EXCL or not is_temporary(place.name)):
            raise asyncssh.SFTPFileAlreadyExists(f"{place.shown} is there already and has not been taken yet.")
        if not exists and not pflags & FXF_CREAT:
            raise asyncssh.SFTPNoSuchFile(f"{place.shown}: no such file.")
        self._outcomes.pop(place.name, None)
        upload = self._tree.begin_upload(place)
        upload.appends = bool(pflags & FXF_APPEND)
        if exists and not pflags & FXF_TRUNC:
            upload.begin_with(self._tree.path(place))
        return upload

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        self._visitor.active()
        size = min(size, READ_BYTES_MAX)
        if isinstance(file_obj, Upload):
            return file_obj.read(size, offset)
        assert isinstance(file_obj, _Reading), "handles are made by open"
        return os.pread(file_obj.number, size, offset)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        self._visitor.active()
        return _upload(file_obj).write(data, None if _upload(file_obj).appends else offset)

    async def close(self, file_obj: object) -> None:
        self._visitor.active()
        assert isinstance(file_obj, Upload | _Reading), "handles are made by open"
        self._handles.discard(file_obj)
        if isinstance(file_obj, _Reading):
            os.close(file_obj.number)
        else:
            await self._door.in_thread(partial(self._finish, file_obj))

    def _finish(self, upload: Upload) -> None:
        """Give an upload its name; under a final name it is taken before the client is answered, or never was there."""
        place = upload.place
        try:
            if upload.fault:
                raise asyncssh.SFTPFailure(upload.fault)
            with self._partner.claimed(place.name):
                if is_temporary(place.name):
                    self._tree.place_upload(upload)
                else:
                    self._finish_final(place, upload)
        except asyncssh.SFTPError as error:
            self._remember(place, error.reason)
            raise
        finally:
            upload.release()
            upload.discard()

    def _finish_final(self, place: Place, upload: Upload) -> None:
        if self._tree.exists(place):
            raise asyncssh.SFTPFileAlreadyExists(f"{place.shown} is there already and has not been taken yet.")
        self._tree.place_upload(upload)
        try:
            self._remember(place, self._take(self._partner, place, place.name, self._peer))
        except asyncssh.SFTPError:
            self._tree.remove(place)
            raise

    def _remember(self, place: Place, outcome: os.stat_result | str) -> None:
        """What became of an upload of this session: the status of a file that was taken, or why it was not.

        Clients look at a file after its close to verify it, and some (paramiko) do not hear what close answered.
        """
        self._outcomes[place.name] = outcome
        if len(self._outcomes) > OUTCOMES_REMEMBERED_MAX:
            del self._outcomes[next(iter(self._outcomes))]

    async def fsync(self, file_obj: object) -> None:
        await self._door.in_thread(_upload(file_obj).sync)

    # Names ------------------------------------------------------------------------------------------------------

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._door.in_thread(partial(self._rename, self._file(oldpath), self._file(newpath), replace=False))

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._door.in_thread(partial(self._rename, self._file(oldpath), self._file(newpath), replace=True))

    def _rename(self, old: Place, new: Place, *, replace: bool) -> None:
        """To a final name: taken first, from under the old name, where it stays if the hub does not take it."""
        _inbox_only(old)
        _inbox_only(new)
        with self._partner.claimed(*{old.name, new.name}):
            self._tree.status(old)
            if self._tree.exists(new) and not (replace and is_temporary(new.name)):
                raise asyncssh.SFTPFileAlreadyExists(f"{new.shown} is there already.")
            if is_temporary(new.name):
                self._tree.rename(old, new)
            else:
                self._outcomes.pop(new.name, None)
                self._remember(new, self._take(self._partner, old, new.name, self._peer))

    async def remove(self, path: bytes) -> None:
        await self._door.in_thread(partial(self._remove, self._file(path)))

    def _remove(self, place: Place) -> None:
        with self._partner.claimed(*((place.name,) if place.folder == "inbox" else ())):
            self._tree.remove(place)

    def realpath(self, path: bytes) -> bytes:
        """The path without dots, whether there is something or not; the root for what could not be here."""
        try:
            return leaf(path).shown.encode()
        except asyncssh.SFTPNoSuchFile:
            return os.path.normpath(b"/" + path.lstrip(b"/"))

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        self._visitor.active()
        place = leaf(path)
        if place.name:
            raise asyncssh.SFTPFailure(f"{place.shown} is not a folder.")
        if self._listings >= LISTINGS_MAX:
            raise asyncssh.SFTPFailure("Too many folders are being listed.")
        self._listings += 1
        try:
            names = await self._door.in_thread(partial(self._entries, place))
            for name, status in names:
                yield asyncssh.SFTPName(name.encode(), attrs=_attributes(status))
        finally:
            self._listings -= 1

    def _entries(self, folder: Place) -> list[tuple[str, os.stat_result]]:
        here = self._tree.status(folder)
        entries = [(".", here), ("..", here)]
        for name in FOLDERS if not folder.folder else self._tree.names(folder.folder):
            if folder.folder == "inbox" and self._partner.is_busy(name):
                continue
            place = Place(folder.folder, name) if folder.folder else Place(name, "")
            try:
                entries.append((name, self._tree.status(place)))
            except asyncssh.SFTPNoSuchFile:  # taken or fetched since it was listed
                continue
        return entries

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:  # noqa: ARG002 - asyncssh's signature
        self._fixed_folders(path)

    def rmdir(self, path: bytes) -> None:
        self._fixed_folders(path)

    def _fixed_folders(self, path: bytes) -> None:  # noqa: ARG002 - the same answer for every path
        raise asyncssh.SFTPPermissionDenied("Folders are fixed here: /inbox, /outbox and /archive.")

    # Attributes -------------------------------------------------------------------------------------------------

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        self._visitor.active()
        place = leaf(path)
        try:
            return _attributes(self._tree.status(place))
        except asyncssh.SFTPNoSuchFile:
            outcome = self._outcomes.get(place.name) if place.folder == "inbox" else None
            if outcome is None:
                raise
            if isinstance(outcome, str):
                raise asyncssh.SFTPNoSuchFile(outcome) from None
            return _attributes(outcome)

    def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return self.stat(path)

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        if isinstance(file_obj, Upload):
            return _attributes(file_obj.status())
        assert isinstance(file_obj, _Reading), "handles are made by open"
        return _attributes(os.fstat(file_obj.number))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Times and permissions are heard and not kept, so that clients which insist on setting them succeed."""
        if attrs.size is not None:
            raise asyncssh.SFTPOpUnsupported("Files cannot be cut here.")
        self.stat(path)

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        self.setstat(path, attrs)

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        if attrs.size is not None:
            _upload(file_obj).truncate(attrs.size)

    def format_user(self, uid: int | None) -> str:  # noqa: ARG002 - whose process we are is not shown
        return self._partner.id

    def format_group(self, gid: int | None) -> str:
        return self.format_user(gid)

    # What does not exist here -----------------------------------------------------------------------------------

    def map_path(self, path: bytes) -> bytes:  # noqa: ARG002 - reached only by requests that are not answered above
        raise asyncssh.SFTPOpUnsupported("This is not offered here.")

    def readlink(self, path: bytes) -> bytes:
        return self.map_path(path)

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002 - asyncssh's signature
        raise asyncssh.SFTPOpUnsupported("Links are not offered here.")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        self.symlink(oldpath, newpath)

    def statvfs(self, path: bytes) -> os.statvfs_result:
        self.map_path(path)
        raise AssertionError("map_path raises")

    def fstatvfs(self, file_obj: object) -> os.statvfs_result:  # noqa: ARG002 - asyncssh's signature
        raise asyncssh.SFTPOpUnsupported("This is not offered here.")

    def _file(self, path: bytes) -> Place:
        self._visitor.active()
        place = leaf(path)
        if not place.name:
            raise asyncssh.SFTPFailure(f"{place.shown} is a folder.")
        return place


def _upload(handle: object) -> Upload:
    if not isinstance(handle, Upload):
        raise asyncssh.SFTPPermissionDenied("This file was opened for reading.")
    return handle


def _inbox_only(place: Place) -> None:
    if place.folder != "inbox":
        raise asyncssh.SFTPPermissionDenied("Files can be written and renamed in /inbox only.")


def _attributes(status: os.stat_result) -> asyncssh.SFTPAttrs:
    folder = stat.S_ISDIR(status.st_mode)
    return asyncssh.SFTPAttrs(
        size=status.st_size,
        permissions=stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o640,
        atime=int(status.st_atime),
        mtime=int(status.st_mtime),
        uid=0,
        gid=0,
    )
