"""The mailbox as listener and sink: settings, what is handed to the hub, what is delivered."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, BinaryIO, Self

import asyncssh
from pydantic import Field, field_validator, model_validator

from connectors.sftp_mailbox.door import Limits
from connectors.sftp_mailbox.host_keys import host_keys
from connectors.sftp_mailbox.partner import Partner, Take
from connectors.sftp_mailbox.server import Server
from connectors.sftp_mailbox.tree import Place, Tree
from hub.contracts.connector import Accept, Arrival, Parcel, Probe, Receipt, Settings, Site, nobody
from hub.errors import (
    BadDocument,
    CrossdockError,
    Duplicate,
    Held,
    KeyConflict,
    Misconfigured,
    Rejected,
    Unreachable,
)

__all__ = ["MailboxPartnerSettings", "MailboxSettings", "SftpMailbox"]

_log = logging.getLogger(__name__)
_THREADS = 16
_PROBE_SECONDS = 5.0
_DAY = 86_400.0
Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


class MailboxSettings(Settings):
    """Where the mailbox listens and its limits. Port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 2222
    file_bytes_max: Positive = 64_000_000
    inbox_bytes_max: Positive = 1_000_000_000
    connections_max: Positive = 200
    sessions_per_partner_max: Positive = 16
    open_handles_max: Positive = 32
    login_timeout_seconds: Seconds = 30.0
    idle_timeout_seconds: Seconds = 600.0
    sweep_seconds: Seconds = 60.0
    archive_days: Positive = 90
    delivered_days: Positive = 400


class MailboxPartnerSettings(Settings):
    """How one partner logs in: ``user`` (its id unless given), keys as in authorized_keys, a password by name."""

    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")] | None = None
    authorized_keys: tuple[str, ...] = ()
    password_secret: str | None = None

    @field_validator("authorized_keys")
    @classmethod
    def _keys_are_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for number, key in enumerate(keys, 1):
            try:
                asyncssh.import_public_key(key)
            except (asyncssh.KeyImportError, ValueError) as error:
                msg = f'key {number} is not a public key in OpenSSH form ("ssh-ed25519 AAAA…")'
                raise ValueError(msg) from error
        return keys

    @model_validator(mode="after")
    def _some_way_in(self) -> Self:
        if not self.authorized_keys and not self.password_secret:
            msg = "give authorized_keys, password_secret or both"
            raise ValueError(msg)
        return self


class SftpMailbox:
    """The mailbox of one connection. `deliver` and `find` also work in processes that do not listen."""

    def __init__(self, settings: MailboxSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._partners: dict[str, Partner] = {}
        for partner, values in site.partners.items():
            self._add(partner, MailboxPartnerSettings.model_validate(dict(values)))
        self._server: Server | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._lock: BinaryIO | None = None

    def start(self, accept: Accept, died: Callable[[], None] = nobody) -> None:
        """Open the port; files left in inboxes by a crash are accepted from now on. Raises Misconfigured."""
        settings = self._settings
        self._site.home.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._lock = _only_one(self._site.home)
        for partner in self._partners.values():
            partner.tree.prepare()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"{self._site.connection}-files")
        limits = Limits(
            connections_max=settings.connections_max,
            sessions_per_partner_max=settings.sessions_per_partner_max,
            open_handles_max=settings.open_handles_max,
            login_timeout_seconds=settings.login_timeout_seconds,
            idle_timeout_seconds=settings.idle_timeout_seconds,
        )
        take, sweep = self._taker(accept), self._sweep_with(accept)
        self._server = Server(self._partners, limits, take, sweep, self._threads, died)
        try:
            self._server.start(settings.host, settings.port, host_keys(self._site.home), settings.sweep_seconds)
        except OSError as error:
            self.close()
            where = f"{settings.host}:{settings.port}"
            raise Misconfigured(
                f"The mailbox cannot listen on {where}: {error.strerror}.", fix="choose another host or port"
            ) from error

    def address(self) -> str:
        """``sftp://host:port``. Raises Misconfigured before `start`."""
        if self._server is None:
            raise Misconfigured("The mailbox does not listen in this process.")
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        return f"sftp://{host}:{self._server.port}"

    def fingerprints(self) -> tuple[str, ...]:
        """SHA-256 fingerprints of our host keys, as OpenSSH prints them, for partners to pin."""
        return tuple(key.get_fingerprint() for key in host_keys(self._site.home))

    def deliver(self, parcel: Parcel) -> Receipt:
        """Put bytes into the partner's outbox. Raises Misconfigured (unknown partner), KeyConflict, Unreachable."""
        outbox = self._tree(parcel).outbox
        try:
            name, repeated = outbox.deliver(parcel.key, parcel.name, parcel.data)
        except OSError as error:
            raise Unreachable(f"The mailbox cannot be written: {error.strerror}.") from error
        return Receipt(reference=f"/outbox/{name}", repeated=repeated)

    @property
    def keeps_memory(self) -> bool:
        """What partners fetched is known to us alone."""
        return True

    def find(self, parcel: Parcel) -> Receipt | None:
        """Whether it was put there, also if the partner has fetched and removed it since. Raises Unreachable where
        that cannot be read now."""
        try:
            name = self._tree(parcel).outbox.find(parcel.key, parcel.data)
        except OSError as error:
            raise Unreachable(f"The mailbox cannot be read: {error.strerror}.") from error
        return None if name is None else Receipt(reference=f"/outbox/{name}", repeated=True)

    def probe(self) -> Probe:
        for partner in self._partners.values():
            try:
                _ = partner.password and partner.password()
            except Misconfigured as error:
                return Probe(False, f"{partner.id} cannot log in by password: {error.message}", error.fix)
        if self._server is None:
            writable = os.access(self._site.home if self._site.home.exists() else self._site.home.parent, os.W_OK)
            return Probe(writable, "files can be delivered" if writable else f"{self._site.home} cannot be written")
        try:
            with socket.create_connection((self._settings.host, self._server.port), _PROBE_SECONDS) as connection:
                banner = connection.recv(4)
        except OSError as error:
            return Probe(False, f"{self.address()} does not answer: {error.strerror or type(error).__name__}")
        return Probe(banner == b"SSH-", f"{self.address()} answers; {len(self._partners)} partners may log in")

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._threads is not None:
            self._threads.shutdown(wait=True)
            self._threads = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _add(self, partner: str, settings: MailboxPartnerSettings) -> None:
        user = settings.user or partner
        if user in self._partners:
            raise Misconfigured(f"Two partners of {self._site.connection} log in as {user}.", fix="give each its own")
        keys = frozenset(asyncssh.import_public_key(key).get_fingerprint() for key in settings.authorized_keys)
        tree = Tree(
            self._site.home / partner,
            file_bytes_max=self._settings.file_bytes_max,
            inbox_bytes_max=self._settings.inbox_bytes_max,
        )
        self._partners[user] = Partner(partner, tree, keys, self._password(settings.password_secret))

    def _password(self, secret: str | None) -> Callable[[], str] | None:
        return None if secret is None else lambda: self._site.secret(secret)

    def _tree(self, parcel: Parcel) -> Tree:
        for partner in self._partners.values():
            if partner.id == parcel.partner:
                return partner.tree
        raise Misconfigured(
            f"Partner {parcel.partner!r} has no mailbox in connection {self._site.connection}.",
            fix="name this connection as the partner's channel",
        )

    def _taker(self, accept: Accept) -> Take:
        def take(partner: Partner, place: Place, name: str, peer: str) -> os.stat_result:
            data, status = partner.tree.read(place)
            if not data:
                raise asyncssh.SFTPFailure("An empty file is not taken.")
            digest = hashlib.sha256(data).hexdigest()
            arrival = Arrival(
                connection=self._site.connection,
                partner=partner.id,
                name=name,
                data=data,
                source_key=f"{partner.id}/{name}/{status.st_ino}/{status.st_mtime_ns}/{digest}",
                facts={"peer": peer, "sha256": digest},
            )
            _offer(accept, arrival)
            partner.tree.archive(place, name, data, self._site.now())
            return status

        return take

    def _sweep_with(self, accept: Accept) -> Callable[[], None]:
        """What runs at the start and from time to time: files that were left are taken, old ones are removed.

        A file that appears in an inbox by other means than SFTP is taken once it looked the same in two sweeps.
        """
        take = self._taker(accept)
        seen: dict[Path, tuple[int, int, int]] = {}
        trust = [True]

        def sweep_file(partner: Partner, place: Place) -> None:
            with partner.claimed(place.name):
                status = partner.tree.status(place)
                look = (status.st_ino, status.st_size, status.st_mtime_ns)
                if trust[0] or seen.get(partner.tree.path(place)) == look:
                    take(partner, place, place.name, "")
                seen[partner.tree.path(place)] = look

        def sweep() -> None:
            now = self._site.now()
            for partner in self._partners.values():
                for name in partner.tree.waiting():
                    try:
                        sweep_file(partner, Place("inbox", name))
                    except asyncssh.SFTPError:
                        continue
                    except OSError as error:  # this file stays; those behind it and of others are taken all the same
                        _log.warning(
                            "%s: %s of %s stays where it is: %s", self._site.connection, name, partner.id, error
                        )
                partner.tree.prune(
                    archived_before=now - self._settings.archive_days * _DAY,
                    delivered_before=now - self._settings.delivered_days * _DAY,
                )
            trust[0] = False

        return sweep


def _only_one(home: Path) -> BinaryIO:
    """A lock held as long as this process listens, so that two mailboxes never serve the same files."""
    lock = (home / ".listening").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise Misconfigured(
            "Another process serves this mailbox already.", fix="stop it, or give this connection its own home"
        ) from error
    return lock


def _offer(accept: Accept, arrival: Arrival) -> None:
    """Hand it to the hub; what the hub says against it becomes one short sentence for the partner."""
    try:
        accept(arrival)
    except (KeyConflict, BadDocument, Rejected, Held) as error:
        raise asyncssh.SFTPFailure(f"{arrival.name} was not taken: {error.message[:200]}") from error
    except Duplicate:
        return
    except CrossdockError as error:
        _log.warning("%s: a file of %s was not taken: %s", arrival.connection, arrival.partner, error.slug)
        raise asyncssh.SFTPFailure(f"{arrival.name} cannot be taken now; send it again later.") from error
    except Exception as error:  # whatever goes wrong in the hub, the client must not be told that it was taken
        _log.exception("%s: a file of %s was not taken", arrival.connection, arrival.partner)
        raise asyncssh.SFTPFailure(f"{arrival.name} cannot be taken now; send it again later.") from error
