"""What runs under fire: the hub with its workers, the counterparties, Valkey and PostgreSQL; each can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx
import psycopg

from bench.servers import Postgres, Valkey, free_ports

__all__ = [
    "Hub",
    "Program",
    "children",
    "crash_backend",
    "free_ports",
    "kill_postgres",
    "module",
    "restart_valkey",
    "send",
    "tree",
]

PATIENCE_SECONDS = 180.0


class Program:
    """A program that can be started again; its output goes to a file."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self._command = list(command)
        self._log = log
        self._environment = {**os.environ, **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment
            )

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def succeeded(self) -> bool:
        """It came to its end by itself, and well."""
        return self.process is not None and self.process.poll() == 0

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9


class Hub(Program):
    """``crossdock up`` on a home."""

    def __init__(self, home: Path, workers: int, environment: Mapping[str, str], log: Path) -> None:
        self._home = home
        command = [sys.executable, "-m", "hub.cli", "up", "--home", str(home), "--workers", str(workers)]
        super().__init__(command, log, environment)

    def start(self) -> None:
        (self._home / "hub.json").unlink(missing_ok=True)
        super().start()

    @property
    def is_ready(self) -> bool:
        """Everything listens."""
        return self.runs and (self._home / "hub.json").exists()

    def await_ready(self) -> None:
        """Raises TimeoutError, or RuntimeError when it ended instead."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.is_ready:
            if not self.runs:
                raise RuntimeError(f"the hub did not start: {self._log.read_text()[-2000:]}")
            if time.monotonic() > until:
                raise TimeoutError("the hub did not start in three minutes")
            time.sleep(0.02)

    def tells_of_full_disk(self) -> bool:
        """Whether ``/healthz`` says so now."""
        try:
            where = json.loads((self._home / "hub.json").read_text())["page"]
            told = httpx.get(f"{where}healthz", timeout=1.0)
        except (OSError, ValueError, httpx.HTTPError):
            return False
        return told.status_code == 503 and "full" in told.text

    @property
    def workers(self) -> list[int]:
        """Process ids of its workers."""
        return children(self.process.pid) if self.process is not None and self.runs else []

    @property
    def processes(self) -> list[int]:
        """It, its workers, and workers of earlier lives that have not come to their end yet."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = path.read_bytes().split(b"\0")
                if b"hub.cli" in words and str(self._home).encode() in words:
                    found.append(int(path.parent.name))
        return found

    def second(self) -> subprocess.Popen[bytes]:
        """Another hub on the same home, which should end and say why."""
        command = [sys.executable, "-m", "hub.cli", "up", "--home", str(self._home)]
        return subprocess.Popen(command, stderr=subprocess.PIPE, env=self._environment)

    def audit(self) -> dict[str, object]:
        """``crossdock audit --json``."""
        told = self.command("audit", "--json")
        try:
            found: dict[str, object] = json.loads(told.stdout)
        except ValueError:
            return {"failed": told.stderr.decode(errors="replace")[-500:]}
        return found

    def command(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Any ``crossdock`` command on its home."""
        line = [sys.executable, "-m", "hub.cli", *words, "--home", str(self._home)]
        return subprocess.run(line, capture_output=True, env=self._environment, check=False)


def children(pid: int) -> list[int]:
    """Process ids of a process's children, by its threads."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, path.read_text().split())
    return found


def tree(pid: int) -> list[int]:
    """A process and all that came of it, parents first."""
    return [pid, *(each for child in children(pid) for each in tree(child))]


def send(pids: Sequence[int], which: signal.Signals) -> None:
    """To all that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, which)


def kill_postgres(server: Postgres) -> None:
    """kill -9 of the server and of all its backends."""
    assert server.process is not None
    send(tree(server.pid), signal.SIGKILL)
    server.process.wait(PATIENCE_SECONDS)


def crash_backend(server: Postgres, dice: random.Random) -> None:
    """kill -9 of a backend, upon which PostgreSQL ends all others and recovers."""
    with contextlib.suppress(psycopg.Error):
        found = server.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type='client backend' AND pid<>pg_backend_pid()"
        )
        if found:
            os.kill(int(str(dice.choice(found)[0])), signal.SIGKILL)


def restart_valkey(server: Valkey) -> None:
    """kill -9; everything in it is gone."""
    server.kill()
    server.start()


def module(name: str, **options: object) -> list[str]:
    """The command line of one of our own programs."""
    return [sys.executable, "-m", name, *(part for key, value in options.items() for part in (f"--{key}", str(value)))]
