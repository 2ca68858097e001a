"""Fetching from and delivering to a partner's SFTP server."""

from __future__ import annotations

import hashlib
import posixpath
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from typing import Any

import paramiko

from connectors.sftp.link import Links, lost
from connectors.sftp.settings import SftpSettings
from hub.contracts.connector import Accepted, Arrival, Parcel, Probe, Receipt, Site
from hub.contracts.durable_files import KeyRecords, require_same
from hub.contracts.file_names import is_temporary, name_for_key, safe_name
from hub.errors import CrossdockError, Misconfigured, OutcomeUnknown, Rejected, Unreachable

__all__ = ["Sftp"]

PREFETCH_REQUESTS_MAX = 32
Look = tuple[int, int]
"""Size, modification time in whole seconds: all that SFTP version 3 tells."""


class Sftp:
    """One account on one server."""

    def __init__(self, settings: SftpSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._links = Links(settings, site.secret, site.now)
        self._records = KeyRecords(site.home / "delivered")
        self._looks: dict[str, tuple[Look, float]] = {}
        self._lock = threading.Lock()
        self._delivering = threading.Lock()

    # Source -----------------------------------------------------------------------------------------------------

    def fetch(self, limit: int) -> Iterator[Arrival]:
        """Files that are ready, oldest first. Raises Rejected at the end where some are too large to be taken."""
        too_large: list[str] = []
        given = 0
        with self._speaking() as files:
            ready = self._ready(files)
        for folder, name, look in ready:
            if given >= limit:
                return
            if look[0] > self._settings.file_bytes_max:
                too_large.append(name)
                continue
            with self._speaking() as files:
                arrival = self._arrival(files, folder, name, look)
            if arrival is not None:
                given += 1
                yield arrival
        if too_large:
            raise Rejected(
                f"{len(too_large)} files on {self._settings.host} are larger than "
                f"{self._settings.file_bytes_max} bytes.",
                fix="have the partner split them, or raise file_bytes_max",
                files=too_large[:20],
            )

    def settle(self, arrival: Arrival, accepted: Accepted) -> None:  # noqa: ARG002 - the contract's signature
        """Archive or delete the very file that was accepted; one that came under its name since stays."""
        path = arrival.facts["path"]
        with self._speaking() as files:
            now = _look_at(files, path)
            if now is None or f"{now[0]}/{now[1]}" != arrival.facts["look"]:
                return
            if self._settings.archive is None:
                files.remove(path)
                return
            target = posixpath.join(self._settings.archive, arrival.name)
            if _look_at(files, target) is not None:
                target += "." + arrival.facts["sha256"][:8]
            _rename(files, path, target)

    def _ready(self, files: paramiko.SFTPClient) -> list[tuple[str, str, Look]]:
        """``(folder, name, look)`` of files that are finished, oldest first; claimed first where files are claimed."""
        settings = self._settings
        inbox = self._folder(settings.inbox, "inbox")
        seen = self._listing(files, inbox)
        if settings.ready == "stable":
            seen = self._unchanged(seen)
        ready = [(inbox, name, look) for name, look in sorted(seen.items(), key=lambda item: (item[1][1], item[0]))]
        if settings.claim is None:
            return ready
        for _, name, _ in ready:
            _claim(files, posixpath.join(inbox, name), posixpath.join(settings.claim, name))
        claimed = self._listing(files, settings.claim)
        order = sorted(claimed.items(), key=lambda item: (item[1][1], item[0]))
        return [(settings.claim, name, look) for name, look in order]

    def _listing(self, files: paramiko.SFTPClient, folder: str) -> dict[str, Look]:
        found: dict[str, Look] = {}
        for number, entry in enumerate(files.listdir_iter(folder)):
            if number >= self._settings.listing_max:
                break
            plain = entry.st_mode is None or stat.S_ISREG(entry.st_mode)
            if plain and "/" not in entry.filename and self._wanted(entry.filename):
                found[entry.filename] = (entry.st_size or 0, entry.st_mtime or 0)
        return found

    def _wanted(self, name: str) -> bool:
        return not is_temporary(name) and fnmatch(name, self._settings.pattern)

    def _unchanged(self, seen: dict[str, Look]) -> dict[str, Look]:
        """Files first seen as they are now ``stable_seconds`` ago; the server's own times are compared, not trusted."""
        now = self._site.now()
        with self._lock:
            known = self._looks
            self._looks = {
                name: known[name] if name in known and known[name][0] == look else (look, now)
                for name, look in seen.items()
            }
            latest = now - self._settings.stable_seconds
            return {name: look for name, (look, since) in self._looks.items() if since <= latest}

    def _arrival(self, files: paramiko.SFTPClient, folder: str, name: str, look: Look) -> Arrival | None:
        """The file, or None if it went or changed while it was read."""
        path = posixpath.join(folder, name)
        try:
            with files.open(path, "rb") as file:
                file.prefetch(look[0], PREFETCH_REQUESTS_MAX)
                data = file.read(look[0] + 1)
        except FileNotFoundError:
            return None
        if len(data) != look[0] or _look_at(files, path) != look:
            return None
        digest = hashlib.sha256(data).hexdigest()
        return Arrival(
            connection=self._site.connection,
            partner=self._settings.partner,
            name=name,
            data=data,
            source_key=f"{name}/{look[0]}/{look[1]}/{digest}",
            facts={"path": path, "look": f"{look[0]}/{look[1]}", "sha256": digest},
        )

    # Sink -------------------------------------------------------------------------------------------------------

    def deliver(self, parcel: Parcel) -> Receipt:
        """Upload and rename. Unreachable until the rename is sent, OutcomeUnknown if its answer is lost."""
        with self._delivering:
            known = self._known(parcel)
            if known is not None:
                require_same(known, parcel.data)
                if known["delivered"]:
                    return Receipt(reference=str(known["path"]), repeated=True)
            name = self._name(parcel)
            final = posixpath.join(self._folder(self._settings.outbox, "outbox"), name)
            with self._speaking() as files:
                there = _look_at(files, final)
                if there is None:
                    self._put(files, parcel, name, final)
                elif not self._settings.unique_names or there[0] != len(parcel.data):
                    raise Unreachable(f"{final} still holds another file; nothing was delivered.")
            try:
                self._note(parcel, name, final, delivered=True)
            except Unreachable as error:
                raise OutcomeUnknown(f"{final} is there. {error.message}") from error
            return Receipt(reference=final, repeated=there is not None)

    @property
    def keeps_memory(self) -> bool:
        """A file that the far end took away is known to us alone."""
        return True

    def find(self, parcel: Parcel) -> Receipt | None:
        """Whether it lies there, or lay there and was taken. Raises Rejected where nobody can tell."""
        known = self._known(parcel)
        name = self._name(parcel)
        final = posixpath.join(self._folder(self._settings.outbox, "outbox"), name)
        if known is not None:
            require_same(known, parcel.data)
            if known["delivered"]:
                return Receipt(reference=str(known["path"]), repeated=True)
        with self._speaking() as files:
            there = _look_at(files, final)
            uploaded = _look_at(files, self._temporary(final))
        if there is not None and there[0] == len(parcel.data) and (known is not None or self._settings.unique_names):
            self._note(parcel, name, final, delivered=True)
            return Receipt(reference=final, repeated=True)
        if known is None or uploaded is not None:
            return None
        raise Rejected(
            f"{final} was sent; it is neither there nor under its temporary name, so the partner may have taken it.",
            fix="ask the partner whether it has the file",
        )

    def _put(self, files: paramiko.SFTPClient, parcel: Parcel, name: str, final: str) -> None:
        """Upload under the temporary name, check, note that the last step begins, rename."""
        temporary = self._temporary(final) if self._settings.rename else final
        if not self._settings.rename:
            self._note(parcel, name, final, delivered=False)
        try:
            _upload(files, temporary, parcel.data)
            if self._settings.verify_size:
                arrived = _look_at(files, temporary)
                if arrived is None or arrived[0] != len(parcel.data):
                    raise Unreachable(f"{temporary} did not arrive completely.")
            if self._settings.rename:
                self._note(parcel, name, final, delivered=False)
        except (OSError, EOFError, paramiko.SSHException) as error:
            if lost(error) and not self._settings.rename:
                raise OutcomeUnknown(f"{final} was sent; no answer came.") from error
            raise
        if self._settings.rename:
            try:
                _rename(files, temporary, final)
            except (OSError, EOFError, paramiko.SSHException) as error:
                if lost(error):
                    raise OutcomeUnknown(f"{final} was sent; no answer came.") from error
                raise

    def _note(self, parcel: Parcel, name: str, path: str, *, delivered: bool) -> None:
        digest = hashlib.sha256(parcel.data).hexdigest()
        try:
            self._records.put(parcel.key, name=name, path=path, sha256=digest, delivered=delivered)
        except OSError as error:
            raise Unreachable(f"{self._records.directory} cannot be written: {error.strerror}.") from error

    def _known(self, parcel: Parcel) -> dict[str, Any] | None:
        """What is noted here of a parcel."""
        try:
            return self._records.get(parcel.key)
        except OSError as error:
            raise Unreachable(f"{self._records.directory} cannot be read: {error.strerror}.") from error

    def _name(self, parcel: Parcel) -> str:
        return name_for_key(parcel.name, parcel.key) if self._settings.unique_names else safe_name(parcel.name)

    def _temporary(self, final: str) -> str:
        folder, name = posixpath.split(final)
        return posixpath.join(folder, self._settings.temporary_name.replace("{name}", name))

    # Both -------------------------------------------------------------------------------------------------------

    def probe(self) -> Probe:
        """Log in and look at every folder of the settings."""
        settings = self._settings
        try:
            with self._speaking() as files:
                for folder in (settings.inbox, settings.outbox, settings.archive, settings.claim):
                    if folder is not None and _look_at(files, folder) is None:
                        return Probe(False, f"{settings.host} has no folder {folder}")
        except CrossdockError as error:
            return Probe(False, error.message, error.fix)
        return Probe(True, f"{settings.user} is let in and the folders are there")

    def close(self) -> None:
        self._links.close()

    def _folder(self, folder: str | None, setting: str) -> str:
        if folder is None:
            raise Misconfigured(f"{self._site.connection} has no {setting}.", fix=f"set {setting}")
        return folder

    @contextmanager
    def _speaking(self) -> Iterator[paramiko.SFTPClient]:
        """A session; what paramiko raises becomes an error of ours. Only where nothing has taken effect yet."""
        host = self._settings.host
        try:
            with self._links.one() as files:
                yield files
        except (OSError, EOFError, paramiko.SSHException) as error:
            if lost(error):
                raise Unreachable(f"{host}: the connection was lost.", cause=type(error).__name__) from error
            if isinstance(error, FileNotFoundError):
                raise Misconfigured(f"{host} has no such folder.", fix="check the folders in the settings") from error
            if isinstance(error, PermissionError):
                raise Misconfigured(f"{host} forbids it.", fix="have the partner grant the permission") from error
            raise Unreachable(f"{host} refused: {str(error)[:200]}.") from error


def _look_at(files: paramiko.SFTPClient, path: str) -> Look | None:
    try:
        found = files.stat(path)
    except FileNotFoundError:
        return None
    return (found.st_size or 0, found.st_mtime or 0)


def _upload(files: paramiko.SFTPClient, path: str, data: bytes) -> None:
    with files.open(path, "wb") as file:
        file.set_pipelined(True)
        file.write(data)


def _claim(files: paramiko.SFTPClient, source: str, target: str) -> None:
    """Move a file to where only we look. One that another poller took, or whose name is still claimed, waits."""
    try:
        files.rename(source, target)
    except OSError as error:
        if lost(error):
            raise


def _rename(files: paramiko.SFTPClient, source: str, target: str) -> None:
    """With POSIX meaning where the server knows it, plainly where it does not."""
    try:
        files.posix_rename(source, target)
    except OSError as error:
        if lost(error) or isinstance(error, FileNotFoundError):
            raise
        files.rename(source, target)
