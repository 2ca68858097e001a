"""A partner's SFTP server for tests: asyncssh over a directory, with trouble on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import asyncssh

__all__ = ["PASSWORD", "PartnerServer"]

PASSWORD = "correct horse battery staple"


class PartnerServer:
    """Serves ``root`` to the user ``crossdock``. ``trouble``: operation -> what happens in it.

    ``stall``: carried out, never answered. ``cut``: carried out, then the connection is cut. ``cut_before``: the
    connection is cut instead. ``refuse``: answered with a failure. ``logins`` counts successful ones.
    """

    def __init__(self, root: Path, *, keys: list[asyncssh.SSHKey] | None = None, **options: Any) -> None:
        self.root = root
        self.trouble: dict[str, str] = {}
        self.logins = 0
        self.authorized: list[str] = []
        self.opened: list[Any] = []
        self.keys = keys or [asyncssh.generate_private_key("ssh-ed25519")]
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    @property
    def fingerprints(self) -> list[str]:
        return [key.get_fingerprint() for key in self.keys]

    def start(self) -> PartnerServer:
        self._thread.start()
        self._run(self._open())
        return self

    def stop(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        done.result(30)

    async def _open(self) -> None:
        self._acceptor = await asyncssh.create_server(
            lambda: _Visitor(self),
            "127.0.0.1",
            0,
            server_host_keys=self.keys,
            sftp_factory=lambda channel: _Files(self, channel),
            **self._options,
        )
        self.port = self._acceptor.get_port()
        self.released = asyncio.Event()
        self.connections: set[asyncssh.SSHServerConnection] = set()

    async def _end(self) -> None:
        self._acceptor.close()
        self.released.set()
        connections = list(self.connections)
        for connection in connections:
            connection.abort()
        for connection in connections:
            await connection.wait_closed()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for file in self.opened:  # a session that is cancelled does not close its files
            file.close()


class _Visitor(asyncssh.SSHServer):
    def __init__(self, server: PartnerServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self._server.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self._conn)

    def auth_completed(self) -> None:
        self._server.logins += 1

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("crossdock", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return bool(self._server.authorized)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.get_fingerprint() in self._server.authorized


class _Files(asyncssh.SFTPServer):
    def __init__(self, server: PartnerServer, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel, chroot=str(server.root).encode())
        self._server = server

    async def _with_trouble(self, operation: str, work: Callable[[], Any]) -> Any:
        kind = self._server.trouble.get(operation)
        if kind == "refuse":
            raise asyncssh.SFTPFailure("not today")
        if kind == "cut_before":
            self.connection.abort()
            raise asyncssh.SFTPFailure("gone")
        result = work()
        if kind not in ("cut", "stall"):
            return result
        try:
            if kind == "cut":
                self.connection.abort()
            else:
                await self._server.released.wait()
            raise asyncssh.SFTPFailure("nobody hears this any more")
        finally:
            if hasattr(result, "close"):
                result.close()

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        file = await self._with_trouble("open", lambda: super(_Files, self).open(path, pflags, attrs))
        self._server.opened.append(file)
        return file

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        return bytes(await self._with_trouble("read", lambda: super(_Files, self).read(file_obj, offset, size)))

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        return int(await self._with_trouble("write", lambda: super(_Files, self).write(file_obj, offset, data)))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._with_trouble("rename", lambda: super(_Files, self).rename(oldpath, newpath))

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._with_trouble("posix_rename", lambda: super(_Files, self).posix_rename(oldpath, newpath))
