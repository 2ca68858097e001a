"""What runs under fire: the hub with its servers on a disk of their own, and the counterparties elsewhere."""

from __future__ import annotations

import collections
import random
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.chaos import home as configuration
from bench.chaos.check import Far, Verdict, judge
from bench.chaos.disk import Disk, why_not
from bench.chaos.plan import PARTNERS, Plan, make
from bench.chaos.programs import Hub, Program, free_ports, module
from bench.chaos.sender import answered
from bench.chaos.shipper import posted
from bench.servers import Postgres, Valkey

__all__ = ["CLOCKS", "DOCUMENTS_EACH", "Scene", "Settings", "set_scene"]

CLOCKS = Path(__file__).with_name("clock")
PATIENCE_SECONDS = 240.0
DOCUMENTS_EACH = 1.22
"""Documents received for each order at the least: its 850, and two or three confirmations of every tenth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``workers``: processes beside the hub. ``messages``: documents that the hub receives, 850s and shipment
    confirmations; it makes four more of each.

    ``kills``: by kill -9. ``cuts``: of the power. ``fulls``: times the disk is full for some seconds. ``jumps``: times
    a clock is set an hour on or back for some seconds. ``pace``: seconds between strikes, at least and at most.
    ``drop``: share of calls whose answer is cut. ``warehouse``: see `bench.chaos.home.write`. ``safe``: PostgreSQL with
    fsync. ``patience_seconds``: without progress, until it is over. ``send_seconds``: over which the
    partners' files are spread; 0: over most of the strikes.
    """

    ledger: str = "sqlite"
    broker: str = "memory"
    workers: int = 0
    source: str = "sftp"
    messages: int = 500
    kills: int = 10
    cuts: int = 0
    fulls: int = 0
    jumps: int = 0
    seed: int = 1
    pace: tuple[float, float] = (0.5, 3.0)
    drop: float = 0.02
    batch_max: int = 1
    warehouse: str = "asked"
    safe: bool = True
    patience_seconds: float = 120.0
    send_seconds: float = 0.0


@dataclass(slots=True)
class Scene:
    """Everything that runs, and what was done to it. ``disk``: None where none can be mounted, for ``no_disk``."""

    settings: Settings
    folder: Path
    disk: Disk | None
    no_disk: str
    plan: Plan
    dice: random.Random
    hub: Hub
    database_url: str
    sender: Program
    others: dict[str, Program]
    postgres: Postgres | None
    valkey: Valkey | None
    strikes: collections.Counter[str] = field(default_factory=collections.Counter)
    missing: list[str] = field(default_factory=list)
    full_until: float = 0.0
    health_told: bool = False
    wrong_until: float = 0.0

    @property
    def home(self) -> Path:
        return home_of(self.folder, self.disk)

    @property
    def far(self) -> Far:
        """Where the counterparties keep what they got."""
        return Far(self.folder / "erp.jsonl", self.folder / "warehouse.jsonl", self.outboxes)

    @property
    def outboxes(self) -> dict[str, Path]:
        """Partner -> the folder with the files for it."""
        if self.settings.source == "sftp":
            return {partner: self.home / "connections" / "mailbox" / partner / "outbox" for partner in PARTNERS}
        return {partner: self.home / "folders" / partner / "outbox" for partner in PARTNERS}

    @property
    def answered(self) -> list[str]:
        """Files whose senders were told that they are taken."""
        return answered(self.folder / "sent")

    def verdict(self) -> Verdict:
        """What the counterparties have by now."""
        return judge(self.plan, self.answered, posted(self.folder / "shipped.jsonl"), self.far)

    def set_clock(self, role: str, seconds: float) -> None:
        """By how much the clock of the ``hub`` or of its ``worker``s is wrong."""
        (self.folder / "clock" / role).write_text(str(seconds))

    def tend(self) -> None:
        """What ended but should run is started again; a full disk is freed and a wrong clock is put right in time."""
        now = time.monotonic()
        if self.disk is not None and self.disk.is_full:
            self.health_told |= self.hub.tells_of_full_disk()
            if now >= self.full_until:
                self.disk.free()
        if self.wrong_until and now >= self.wrong_until:
            self.wrong_until = 0.0
            for role in ("hub", "worker"):
                self.set_clock(role, 0.0)
        if self.postgres is not None and not _runs(self.postgres):
            self.postgres.begin()  # again and again, as long as the disk is full
        for program in (self.hub, self.sender, *self.others.values()):
            if not program.runs and not program.succeeded:
                program.start()

    def wait(self, seconds: float) -> None:
        """As time passes for those who look after everything."""
        until = time.monotonic() + seconds
        while True:
            self.tend()
            if time.monotonic() >= until:
                return
            time.sleep(0.05)

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Raises TimeoutError where it never becomes so."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not true():
            if time.monotonic() > until:
                tail = (self.folder / "hub.log").read_text(errors="replace")[-2000:]
                raise TimeoutError(f"never: {what}\n{tail}")
            self.wait(0.05)

    def await_hub(self) -> None:
        """Until everything listens."""
        self.until(lambda: self.hub.is_ready, "the hub is ready")


def home_of(folder: Path, disk: Disk | None) -> Path:
    """The hub's home."""
    return (disk.root if disk else folder) / "home"


def set_scene(settings: Settings, folder: Path, stack: ExitStack) -> Scene:
    """Start everything; it ends with the stack."""
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "clock").mkdir()
    disk, no_disk = _disk(folder, stack)
    home = home_of(folder, disk)
    ports = dict(zip(configuration.PORTS, free_ports(len(configuration.PORTS)), strict=True))
    plan = make(files, round(settings.messages / DOCUMENTS_EACH), settings.seed)
    configuration.write(home, ports, source=settings.source, batch_max=settings.batch_max, warehouse=settings.warehouse)
    data = disk.root / "postgres" if disk else None
    postgres = Postgres(safe=settings.safe, data=data).start() if settings.ledger == "postgresql" else None
    valkey = Valkey().start() if settings.broker == "valkey" else None
    for server in (postgres, valkey):
        if server is not None:
            stack.callback(server.stop)
    environment = {
        "CROSSDOCK_DATABASE_URL": postgres.url() if postgres else "",
        "CROSSDOCK_BROKER_URL": valkey.url if valkey else "",
        "CHAOS_CLOCK": str(folder / "clock"),
        "PYTHONPATH": str(CLOCKS),
    }
    hub = Hub(home, settings.workers, environment, folder / "hub.log")
    others = {
        name: Program(command, folder / f"{name}.log") for name, command in _others(settings, folder, home, ports)
    }
    sender = Program(_sender(settings, plan, folder, home, ports), folder / "sender.log")
    url = postgres.url() if postgres else f"sqlite:///{home / 'ledger.db'}"
    if disk is not None:
        disk.sync()
    scene = Scene(
        settings, folder, disk, no_disk, plan, random.Random(settings.seed), hub, url, sender, others, postgres, valkey
    )
    for program in (*others.values(), hub, sender):
        stack.callback(program.stop)
    for program in others.values():
        program.start()
    hub.start()
    hub.await_ready()
    sender.start()
    return scene


def _disk(folder: Path, stack: ExitStack) -> tuple[Disk | None, str]:
    reason = why_not()
    if reason:
        return None, reason
    try:
        disk = Disk(folder).make()
    except subprocess.CalledProcessError as error:
        return None, f"mounting an image failed: {error.stderr.decode(errors='replace').strip()}"
    stack.callback(disk.close)
    return disk, ""


def _others(settings: Settings, folder: Path, home: Path, ports: dict[str, int]) -> list[tuple[str, list[str]]]:
    found = []
    for number, name in enumerate(("erp", "warehouse")):
        seed = settings.seed * 10 + number
        records = folder / f"{name}.jsonl"
        command = module("bench.chaos.sink", port=ports[name], records=records, drop=settings.drop, seed=seed)
        if name == "warehouse" and settings.warehouse != "asked":
            command.append("--forgetful")
        found.append((name, command))
    tax = module("demo.tax_engine", port=ports["tax"], home=folder / "tax")
    found.append(("tax", [*tax, "--credentials-file", str(home / "secrets" / "tax_credentials")]))
    shipper = module(
        "bench.chaos.shipper", home=home, files=folder / "files", orders=folder / "warehouse.jsonl",
        journal=folder / "shipped.jsonl", hub=f"http://127.0.0.1:{ports['hub']}",
    )  # fmt: skip
    found.append(("shipper", shipper))
    return found


def _sender(settings: Settings, plan: Plan, folder: Path, home: Path, ports: dict[str, int]) -> list[str]:
    most = max(collections.Counter(drop.partner for drop in plan.drops).values())
    pause = _send_seconds(settings) / most
    mailbox: dict[str, Any] = {"mailbox": ports["mailbox"]} if settings.source == "sftp" else {}
    return module(
        "bench.chaos.sender", home=home, files=folder / "files", journal=folder / "sent", pause=round(pause, 3),
        **mailbox,
    )  # fmt: skip


def _send_seconds(settings: Settings) -> float:
    strikes = settings.kills + settings.cuts + settings.fulls + settings.jumps
    return settings.send_seconds or strikes * sum(settings.pace) / 2 * 0.7


def _runs(server: Postgres) -> bool:
    return server.process is not None and server.process.poll() is None
