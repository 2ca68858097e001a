"""Who may come in over SSH, how many at once, and how long they may be silent."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

import asyncssh

from connectors.sftp_mailbox.partner import Partner
from hub.errors import Misconfigured

__all__ = ["Door", "Limits", "Visitor"]

_log = logging.getLogger(__name__)
T = TypeVar("T")
SessionFactory = Callable[[asyncssh.SSHServerConnection], asyncssh.SSHServerSession[bytes]]
LOGIN_ATTEMPTS_MAX = 6
REASONS_MAX = 8
"""So many reasons why somebody was not let in are told, however many keys they offer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers for all partners together."""

    connections_max: int
    sessions_per_partner_max: int
    open_handles_max: int
    login_timeout_seconds: float
    idle_timeout_seconds: float


class Door:
    """What all connections share. ``partners``: login name -> Partner. Lives in one event loop."""

    def __init__(self, partners: Mapping[str, Partner], limits: Limits, threads: Executor) -> None:
        self.partners = partners
        self.limits = limits
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._threads = threads

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run ``work``, which touches disk or hub, beside the loop. It ends even if the caller goes away."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


class Visitor(asyncssh.SSHServer):
    """One connection. Unknown names are asked for credentials like known ones. No forwarding of any kind."""

    def __init__(self, door: Door, session: SessionFactory) -> None:
        self._door = door
        self._session = session
        self._user = ""
        self._refused: list[str] = []
        self._failures = 0
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self._address = (conn.get_extra_info("peername") or ("an address that is not known",))[0]
        conn.set_extra_info(visitor=self)
        if len(self._door.connections) >= self._door.limits.connections_max:
            conn.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, "Too many connections are open.")
        self._door.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        self._door.connections.discard(self._conn)
        if self._idle is not None:
            self._idle.cancel()
        elif self._refused and self._user in self._door.partners:
            _log.warning("%s from %s was not let in: %s", self._user, self._address, "; ".join(self._refused))

    def begin_auth(self, username: str) -> bool:
        self._user = username
        return True

    def auth_completed(self) -> None:
        self.active()

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        partner = self._door.partners.get(username)
        good = partner is not None and key.get_fingerprint() in partner.keys
        if not good:
            self._refuse(f"key {key.get_fingerprint()} is not one of its own")
        return good

    def password_auth_supported(self) -> bool:
        return any(partner.password for partner in self._door.partners.values())

    def validate_password(self, username: str, password: str) -> bool:
        expected, why = self._password(username)
        good = hmac.compare_digest((expected or "-").encode(), password.encode()) and expected is not None
        if not good:
            self._failures += 1
            self._refuse("the password is wrong" if expected is not None else why)
        if self._failures >= LOGIN_ATTEMPTS_MAX:
            self._conn.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many failed logins.")
        return good

    def _password(self, username: str) -> tuple[str | None, str]:
        """The password of that partner; without one, why."""
        partner = self._door.partners.get(username)
        if partner is None or partner.password is None:
            return None, "no password was agreed"
        try:
            return partner.password(), ""
        except Misconfigured as error:
            return None, error.message

    def _refuse(self, why: str) -> None:
        if why not in self._refused and len(self._refused) < REASONS_MAX:
            self._refused.append(why)

    def session_requested(self) -> tuple[asyncssh.SSHServerChannel[bytes], asyncssh.SSHServerSession[bytes]]:
        return self._conn.create_server_channel(encoding=None), self._session(self._conn)

    def active(self) -> None:
        """Something happened: the idle time begins anew."""
        if self._idle is not None:
            self._idle.cancel()
        seconds = self._door.limits.idle_timeout_seconds
        self._idle = asyncio.get_running_loop().call_later(seconds, self._leave)

    def _leave(self) -> None:
        self._conn.disconnect(asyncssh.DISC_BY_APPLICATION, "Nothing was asked for too long.")
