"""One run: start everything, kill at random by seed, wait until all has come to rest, judge."""

from __future__ import annotations

import collections
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.chaos import home as configuration
from bench.chaos.check import Far, judge
from bench.chaos.plan import PARTNERS, Plan, make
from bench.chaos.power import Cut, cut, missing
from bench.chaos.programs import Hub, Program, crash_postgres, free_ports, module, restart_valkey
from bench.chaos.sender import answered
from bench.chaos.shipper import posted
from bench.chaos.sink import read_records
from bench.servers import Postgres, Valkey

__all__ = ["Settings", "fire"]

WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``pace``: seconds between kills, at least and at most. ``patience_seconds``: without progress, until it is over.

    ``cuts``: power cuts that are simulated before so many of the kills, see `bench.chaos.power`.
    ``only_erp``: partners do without 855 and warehouse, and nothing is shipped. ``safe``: PostgreSQL with fsync.
    """

    ledger: str = "sqlite"
    broker: str = "memory"
    source: str = "sftp"
    messages: int = 500
    kills: int = 10
    cuts: int = 0
    seed: int = 1
    pace: tuple[float, float] = (0.5, 3.0)
    drop: float = 0.02
    batch_max: int = 1
    only_erp: bool = False
    safe: bool = True
    patience_seconds: float = 60.0


@dataclass(slots=True)
class Scene:
    """Everything that runs."""

    settings: Settings
    folder: Path
    plan: Plan
    dice: random.Random
    hub: Hub
    sender: Program
    others: dict[str, Program]
    postgres: Postgres | None
    valkey: Valkey | None
    kills: collections.Counter[str] = field(default_factory=collections.Counter)
    cuts: list[Cut] = field(default_factory=list)

    @property
    def far(self) -> Far:
        """Where the counterparties keep what they got."""
        home = self.folder / "home"
        if self.settings.source == "sftp":
            outboxes = {partner: home / "connections" / "mailbox" / partner / "outbox" for partner in PARTNERS}
        else:
            outboxes = {partner: home / "folders" / partner / "outbox" for partner in PARTNERS}
        return Far(self.folder / "erp.jsonl", self.folder / "warehouse.jsonl", outboxes)


def fire(settings: Settings, folder: Path | None = None) -> dict[str, Any]:
    """Run once; settings, kills, verdict, audit, seconds. The folder is kept where it is given or all is not well."""
    place = folder or Path(tempfile.mkdtemp(prefix="crossdock-chaos-"))
    begun = time.monotonic()
    with ExitStack() as stack:
        scene = _start(settings, place, stack)
        second_refused = _kill_all(scene)
        seconds_to_rest = _until_rest(scene, begun)
        verdict = _verdict(scene)
        stopped = scene.hub.stop()
        audit = scene.hub.audit()
    clean = verdict.is_clean and bool(audit.get("balanced")) and bool(audit.get("chain_ok")) and second_refused
    clean = clean and not audit.get("dead") and not audit.get("in_flight")
    after_cuts = [fault for made in scene.cuts for fault in missing(made)]
    clean = clean and not after_cuts
    result = {
        "ledger": settings.ledger,
        "broker": settings.broker,
        "source": settings.source,
        "seed": settings.seed,
        "documents": len(scene.plan.orders),
        "files": len(scene.plan.drops),
        "shipments": sum(scene.plan.shipped.values()),
        "kills": dict(scene.kills),
        "seconds": round(seconds_to_rest, 1),
        "clean": clean,
        **verdict.as_json(),
        "power_cuts": len(scene.cuts),
        "missing_after_power_cuts": after_cuts[:5],
        "second_hub_refused": second_refused,
        "hub_ended_with": stopped,
        "audit": {name: audit.get(name) for name in _AUDITED} | ({} if clean else {"failed": audit.get("failed")}),
    }
    if clean and folder is None:
        shutil.rmtree(place, ignore_errors=True)
    else:
        result["folder"] = str(place)
    return result


_AUDITED = ("balanced", "chain_ok", "received", "delivered", "answered", "held", "rejected", "dead", "in_flight")


def _start(settings: Settings, folder: Path, stack: ExitStack) -> Scene:
    home, files = folder / "home", folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    ports = dict(zip(configuration.PORTS, free_ports(len(configuration.PORTS)), strict=True))
    plan = make(files, settings.messages, settings.seed, ship=0.0 if settings.only_erp else 0.1)
    without = ("x12/855", "json/warehouse_order") if settings.only_erp else ()
    configuration.write(home, ports, source=settings.source, batch_max=settings.batch_max, without=without)
    postgres = Postgres(safe=settings.safe).start() if settings.ledger == "postgresql" else None
    valkey = Valkey().start() if settings.broker == "valkey" else None
    for server in (postgres, valkey):
        if server is not None:
            stack.callback(server.stop)
    environment = {
        "CROSSDOCK_DATABASE_URL": postgres.url() if postgres else "",
        "CROSSDOCK_BROKER_URL": valkey.url if valkey else "",
    }
    hub = Hub(home, WORKERS if valkey else 0, environment, folder / "hub.log")
    others = {name: Program(command, folder / f"{name}.log") for name, command in _others(settings, folder, ports)}
    sender = Program(_sender(settings, folder, ports), folder / "sender.log")
    scene = Scene(settings, folder, plan, random.Random(settings.seed), hub, sender, others, postgres, valkey)
    for program in (*others.values(), hub, sender):
        stack.callback(program.stop)
    for program in others.values():
        program.start()
    hub.start()
    hub.await_ready()
    sender.start()
    return scene


def _others(settings: Settings, folder: Path, ports: dict[str, int]) -> list[tuple[str, list[str]]]:
    home, files = folder / "home", folder / "files"
    found = []
    for number, name in enumerate(("erp", "warehouse")):
        seed = settings.seed * 10 + number
        records = folder / f"{name}.jsonl"
        command = module("bench.chaos.sink", port=ports[name], records=records, drop=settings.drop, seed=seed)
        found.append((name, command))
    tax = module("demo.tax_engine", port=ports["tax"], home=folder / "tax")
    found.append(("tax", [*tax, "--credentials-file", str(home / "secrets" / "tax_credentials")]))
    shipper = module(
        "bench.chaos.shipper", home=home, files=files, orders=folder / "warehouse.jsonl",
        journal=folder / "shipped.jsonl", hub=f"http://127.0.0.1:{ports['hub']}",
    )  # fmt: skip
    found.append(("shipper", shipper))
    return found


def _sender(settings: Settings, folder: Path, ports: dict[str, int]) -> list[str]:
    mean_kill_seconds = sum(settings.pace) / 2 + 2.0
    files_each = settings.messages / 10 / len(PARTNERS)
    pause = settings.kills * mean_kill_seconds * 0.7 / max(1.0, files_each)
    mailbox = {"mailbox": ports["mailbox"]} if settings.source == "sftp" else {}
    return module(
        "bench.chaos.sender", home=folder / "home", files=folder / "files", journal=folder / "sent",
        pause=round(pause, 3), **mailbox,
    )  # fmt: skip


def _kill_all(scene: Scene) -> bool:
    """The planned number of kills; whether a second hub was refused on the way."""
    refused, dice = True, scene.dice
    for number in range(scene.settings.kills):
        _tend(scene, dice.uniform(*scene.settings.pace))
        if number == scene.settings.kills // 2:
            scene.hub.await_ready()
            refused = scene.hub.second_is_refused()
        if number < scene.settings.cuts:
            _cut_power(scene)
        name, kill = dice.choice(_targets(scene))
        kill()
        scene.kills[name] += 1
    return refused


def _cut_power(scene: Scene) -> None:
    scene.hub.await_ready()
    assert scene.hub.process is not None
    target = scene.folder / f"cut-{len(scene.cuts)}"
    scene.cuts.append(cut(scene.hub.process.pid, scene.folder / "home", answered(scene.folder / "sent"), target))


def _targets(scene: Scene) -> list[tuple[str, Callable[[], None]]]:
    """What can be killed, the hub most often."""
    found: list[tuple[str, Callable[[], None]]] = [("hub", lambda: _kill_hub(scene))] * 3
    found += [("sender", scene.sender.kill)] if scene.sender.runs else []
    if scene.valkey is not None:
        valkey = scene.valkey
        found += [("worker", lambda: _kill_worker(scene))] * 3
        found.append(("valkey", lambda: restart_valkey(valkey)))
    if scene.postgres is not None:
        postgres = scene.postgres
        found.append(("postgresql_backend", lambda: crash_postgres(postgres, scene.dice, whole=False)))
        found.append(("postgresql_server", lambda: crash_postgres(postgres, scene.dice, whole=True)))
    return found


def _kill_hub(scene: Scene) -> None:
    scene.hub.await_ready()
    time.sleep(scene.dice.uniform(0.0, 1.5))
    scene.hub.kill()
    scene.hub.start()


def _kill_worker(scene: Scene) -> None:
    workers = scene.hub.workers
    if workers:
        os.kill(scene.dice.choice(workers), 9)


def _tend(scene: Scene, seconds: float) -> None:
    """Wait; what ended but should run is started again."""
    until = time.monotonic() + seconds
    while True:
        for program in (scene.hub, scene.sender, *scene.others.values()):
            if not program.runs and not program.succeeded:
                program.start()
        if time.monotonic() >= until:
            return
        time.sleep(0.05)


def _until_rest(scene: Scene, begun: float) -> float:
    """Until all that was promised has happened, or nothing happens any more; seconds from the begin to the last."""
    latest, seen = time.monotonic(), (-1, -1, -1, -1)
    while time.monotonic() - latest < scene.settings.patience_seconds:
        _tend(scene, 1.0)
        now = _progress(scene)
        if now != seen:
            latest, seen = time.monotonic(), now
        elif _all_sent(scene) and not _verdict(scene).lost and not scene.hub.audit().get("in_flight"):
            break
    return latest - begun


def _all_sent(scene: Scene) -> bool:
    return scene.sender.succeeded and scene.others["shipper"].succeeded


def _progress(scene: Scene) -> tuple[int, int, int, int]:
    far = scene.far
    files = sum(len(list(folder.glob("*.edi"))) for folder in far.outboxes.values())
    return (
        len(answered(scene.folder / "sent")),
        len(read_records(far.erp)),
        len(read_records(far.warehouse)),
        files,
    )


def _verdict(scene: Scene) -> Any:
    shipments = posted(scene.folder / "shipped.jsonl")
    return judge(scene.plan, answered(scene.folder / "sent"), shipments, scene.far, only_erp=scene.settings.only_erp)
