"""The mailbox's event loop: one thread, one port."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial

import asyncssh

from connectors.sftp_mailbox.door import Door, Limits, Visitor
from connectors.sftp_mailbox.partner import Partner, Take
from connectors.sftp_mailbox.session import Session

__all__ = ["Server"]

_log = logging.getLogger(__name__)
KEEPALIVE_SECONDS = 60.0
KEEPALIVE_MISSED_MAX = 3
BACKLOG = 128
STOP_SECONDS = 10.0


class Server:
    """Runs between `start` and `stop`; ``sweep`` is called in a thread at once and then at intervals, ``died`` when it
    ends by itself."""

    def __init__(
        self,
        partners: Mapping[str, Partner],
        limits: Limits,
        take: Take,
        sweep: Callable[[], None],
        threads: Executor,
        died: Callable[[], None],
    ) -> None:
        self._door = Door(partners, limits, threads)
        self._take = take
        self._sweep = sweep
        self._died = died
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="sftp-mailbox", daemon=True)
        self._stopping = asyncio.Event()
        self._opened: Future[int] = Future()
        self.port = 0

    def start(self, host: str, port: int, host_keys: list[asyncssh.SSHKey], sweep_seconds: float) -> None:
        """Returns when the port is open. Raises OSError where it cannot be."""
        self._main = partial(self._serve, host, port, host_keys, sweep_seconds)
        self._thread.start()
        self.port = self._opened.result()

    def stop(self) -> None:
        """Close the port and all connections; unfinished uploads are dropped. May be called twice."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # its loop has just ended, because the port could not be opened
                self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        except BaseException as error:  # noqa: BLE001 - whatever it was, no partner is answered any more
            if not self._opened.done():
                self._opened.set_exception(error)
                return
            _log.exception("the mailbox has ended")
            self._died()
        finally:
            self._loop.close()

    async def _serve(self, host: str, port: int, host_keys: list[asyncssh.SSHKey], sweep_seconds: float) -> None:
        limits = self._door.limits
        asyncssh.set_log_level(logging.WARNING)
        acceptor = await asyncssh.create_server(
            partial(Visitor, self._door, partial(Session, self._door, self._take)),
            host,
            port,
            backlog=BACKLOG,
            server_host_keys=host_keys,
            allow_pty=False,
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
            compression_algs=None,
            kbdint_auth=False,
            login_timeout=limits.login_timeout_seconds,
            keepalive_interval=KEEPALIVE_SECONDS,
            keepalive_count_max=KEEPALIVE_MISSED_MAX,
        )
        self._opened.set_result(acceptor.get_port())
        sweeping = asyncio.create_task(self._sweep_at_intervals(sweep_seconds))
        await self._stopping.wait()
        sweeping.cancel()
        await self._end(acceptor)

    async def _sweep_at_intervals(self, seconds: float) -> None:
        while True:
            try:
                await self._door.in_thread(self._sweep)
            except Exception as error:  # noqa: BLE001 - whatever it is, they are swept again
                _log.warning("the inboxes could not be swept: %s: %s", type(error).__name__, error)
            await asyncio.sleep(seconds)

    async def _end(self, acceptor: asyncssh.SSHAcceptor) -> None:
        acceptor.close()
        connections = list(self._door.connections)
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in connections), return_exceptions=True)
        await acceptor.wait_closed()
        remaining = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in remaining:
            task.cancel()
        await asyncio.gather(*remaining, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
