"""Programs of the demo run as processes, and an SFTP server on a folder."""

import asyncio
import json
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncssh
import httpx

from demo import journal, signing

ROOT = Path(__file__).parents[2]


class Program:
    """``python -m demo.<name>`` in a home of its own."""

    def __init__(self, name: str, home: Path, options: Sequence[str]) -> None:
        self.home = home
        self.url = ""
        self._command = [sys.executable, "-m", f"demo.{name}", "--home", str(home), *options]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.home.mkdir(exist_ok=True)
        address = self.home / "address"
        address.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, cwd=ROOT)
        wait_for(address.exists, "the address file", self._process)
        self.url = address.read_text().strip()

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(10)

    def records(self, event: str = "", **facts: Any) -> list[journal.Record]:
        return [
            record
            for record in journal.read(self.home / "journal.jsonl")
            if event in {"", record["event"]} and all(record.get(key) == value for key, value in facts.items())
        ]

    def wait(self, count: int, event: str, **facts: Any) -> list[journal.Record]:
        wait_for(lambda: len(self.records(event, **facts)) >= count, f"{count} {event} {facts}", self._process)
        return self.records(event, **facts)


def wait_for(condition: Callable[[], Any], what: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Until the condition holds; looks every 20 ms for at most 20 seconds."""
    for _ in range(1000):
        if condition():
            return
        assert process is None or process.poll() is None, f"the program ended before {what}"
        select.select([], [], [], 0.02)
    raise AssertionError(f"{what} did not come")


def signed_post(url: str, body: Any, key: str, secret: str, now: int) -> httpx.Response:
    """A POST as the hub makes it."""
    data = json.dumps(body).encode()
    headers = {"Idempotency-Key": key, **signing.headers(secret, key, now, data)}
    return httpx.post(url, content=data, headers=headers)


class SftpServer:
    """A folder with /inbox, /outbox and /archive, served for user bigbox with a key."""

    def __init__(self, root: Path, key_file: Path) -> None:
        self.root = root
        for name in ("inbox", "outbox", "archive"):
            (root / name).mkdir(parents=True, exist_ok=True)
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(key_file))
        self.key_file = key_file
        self._lines: list[asyncssh.SSHServerConnection] = []
        authorized = key_file.with_suffix(".pub")
        key.write_public_key(str(authorized))
        self._options: dict[str, Any] = {
            "server_host_keys": [asyncssh.generate_private_key("ssh-ed25519")],
            "authorized_client_keys": str(authorized),
            "server_factory": self._server_of_one,
            "sftp_factory": lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.open()

    def open(self) -> None:
        async def up() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen("127.0.0.1", self.port, **self._options)

        self._server = self._call(up())
        self.port = self._server.get_port()

    def hang_up(self) -> None:
        async def down() -> None:
            self._server.close()
            for line in self._lines:
                line.abort()
                await line.wait_closed()
            self._lines.clear()
            await self._server.wait_closed()  # from Python 3.12 on it waits for the lines too
            await asyncio.sleep(0)

        self._call(down())

    def _server_of_one(self) -> asyncssh.SSHServer:
        lines = self._lines

        class Server(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                lines.append(conn)

        return Server()

    def close(self) -> None:
        self.hang_up()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)
