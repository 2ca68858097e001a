"""``crossdock demo``: a hub, its counterparties, and one order from 850 to payment with all the usual trouble.

Every step counts as done only when its effect was seen at a counterparty. The story may be interrupted at any moment,
and any of its programs killed: whoever starts it again goes on where it was.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from demo import catalogue, checks, documents, settings, x12
from demo import home as homes
from demo.children import Children, Failing
from demo.command import Commands
from demo.ending import Ended, Ending
from demo.evidence import Evidence
from demo.journal import Journal
from demo.ports import Ports
from demo.progress import Progress, Told
from demo.scene import Scene
from demo.steps import STEPS

__all__ = ["Teller", "play"]

STEP_SECONDS = 90.0
TICK_SECONDS = 0.2
TAX_FAILURES = 2
BY_HAND = "4500012009"


def play(
    home: Path | None = None, *, exit_when_done: bool = False, as_json: bool = False, console: Console | None = None
) -> int:
    """Play the story in a home; 0 only if every step was seen at the counterparties.

    ``home``: None takes the newest unfinished run below ``.demo`` here, or a new one. ``exit_when_done``: end with the
    story; otherwise everything stays up until Ctrl-C. ``as_json``: the summary goes to standard output, all else to
    standard error. Call it from the main thread.
    """
    console = console or Console(stderr=as_json, highlight=False)
    try:
        held = homes.take(home)
    except homes.Busy as error:
        console.print(str(error), style="red")
        return 1
    try:
        return _Run(held, console, exit_when_done, as_json).play()
    except (homes.Busy, Failing) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    finally:
        held.release()


@dataclass(slots=True)
class _Run:
    home: homes.Home
    console: Console
    exit_when_done: bool
    as_json: bool
    ending: Ending = field(default_factory=Ending)

    def play(self) -> int:
        """Start everything, tell the story, stop everything."""
        with self.ending.watched():
            try:
                self.home.wait_for_leftovers(self.ending.sleep)
            except Ended:
                return 1
            return 0 if self._play_on(Ports.reserve(self.home.remembered_base())) else 1

    def _play_on(self, ports: Ports) -> bool:
        children = Children(self.home.path, self.home.children_lock)
        scene = self._scene(ports)
        told = [Told(step) for step in STEPS]
        begun = time.monotonic()
        done = False
        try:
            self._prepare(ports)
            _start(self.home, ports, children)
            self._say_where(ports)
            done = self._tell(scene, children, told, begun)
            self._sum_up(told, scene, children, done=done, seconds=time.monotonic() - begun)
            if not self.exit_when_done:
                self._stay(ports, children, done=done)
        except Ended:
            self.console.print("Stopping." if done else "Stopping. Start it again to go on.")
        finally:
            scene.commands.stop()
            children.stop()
            scene.told.close()
            ports.release()
        return done

    def _scene(self, ports: Ports) -> Scene:
        path = self.home.path
        return Scene(path, ports, Commands(path), Journal(path / "story" / "journal.jsonl"), Evidence(path))

    def _prepare(self, ports: Ports) -> None:
        self.home.remember_base(ports.base)
        settings.write(self.home.path / "config", ports, self.home.make_secrets())

    def _tell(self, scene: Scene, children: Children, told: list[Told], begun: float) -> bool:
        """Play all steps, those that need not wait for each other at once; whether all were seen."""
        progress = Progress(self.console, told)
        teller = Teller(scene, told, begun)
        with progress.showing():
            while not teller.over():
                for name in children.revive():
                    progress.show(f"{name} was gone and is started again")
                scene.look()
                teller.tick()
                progress.show()
                self.ending.sleep(TICK_SECONDS)
        done = all(entry.state == "seen" for entry in told)
        self.home.close_story(done=done)
        return done

    def _stay(self, ports: Ports, children: Children, *, done: bool) -> None:
        if done:
            children.end("retailer")
            self._say_by_hand(ports)
        self.console.print("Everything stays up until Ctrl-C.")
        while True:
            children.revive()
            self.ending.sleep(1.0)

    def _say_where(self, ports: Ports) -> None:
        url = f"http://127.0.0.1:{ports['hub']}"
        lines = {
            "page": url + "/",
            "API": url + "/v1/openapi.json",
            "mailbox": self._sftp(ports),
            "files": str(self.home.path),
        }
        for name, value in lines.items():
            self.console.print(f"{name:<8} {value}", soft_wrap=True, markup=False)

    def _sftp(self, ports: Ports) -> str:
        known = self.home.path / "secrets" / "known_hosts"
        options = f"-o UserKnownHostsFile={known} -o StrictHostKeyChecking=accept-new"
        return f"sftp -P {ports['mailbox']} -i {self.home.key} {options} bigbox@127.0.0.1"

    def _say_by_hand(self, ports: Ports) -> None:
        path = _order_to_try(self.home.path, datetime.now(UTC))
        lines = (
            "The retailer has left, so its mailbox is yours. Send one more order by hand:",
            f"  {self._sftp(ports)}",
            f"  sftp> put {path} /inbox/.order.tmp",
            "  sftp> rename /inbox/.order.tmp /inbox/order.edi",
            "  sftp> ls -l /outbox",
        )
        for line in lines:
            self.console.print(line, soft_wrap=True, markup=False)

    def _sum_up(self, told: list[Told], scene: Scene, children: Children, *, done: bool, seconds: float) -> None:
        summary = _summary(told, scene.seen)
        summary |= {
            "done": done,
            "seconds": round(seconds, 1),
            "home": str(self.home.path),
            "restarts": children.restarts(),
        }
        (self.home.path / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
        if self.as_json:
            sys.stdout.write(json.dumps(summary) + "\n")
            sys.stdout.flush()
        for name, value in summary["invoice"].items():
            self.console.print(f"{name:<8} {value:>10}", markup=False)
        words = "All steps were seen at the counterparties" if done else "NOT all steps were seen at the counterparties"
        self.console.print(f"{words}, {seconds:.1f} s.", style="bold green" if done else "bold red")
        if not done:
            look = f"Look with `crossdock messages --home {self.home.path}`, and into {self.home.path / 'logs'}."
            self.console.print(look, soft_wrap=True, markup=False)


@dataclass(slots=True)
class Teller:
    """Moves each step on: waiting, running, then seen or failed."""

    scene: Scene
    told: list[Told]
    begun: float
    _deadlines: dict[str, float]
    _acted: set[str]

    def __init__(self, scene: Scene, told: list[Told], begun: float) -> None:
        self.scene, self.told, self.begun = scene, told, begun
        self._deadlines, self._acted = {}, set()

    def over(self) -> bool:
        """Whether all were seen, or one failed."""
        return any(entry.state == "failed" for entry in self.told) or all(entry.state == "seen" for entry in self.told)

    def tick(self) -> None:
        """One look at every step that is not over."""
        for entry in self.told:
            if entry.state in {"waiting", "running"} and self._may_begin(entry):
                self._look_at(entry)

    def _may_begin(self, entry: Told) -> bool:
        seen = {other.step.id for other in self.told if other.state == "seen"}
        return seen.issuperset(entry.step.after)

    def _look_at(self, entry: Told) -> None:
        step, now = entry.step, time.monotonic()
        deadline = self._deadlines.setdefault(step.id, now + STEP_SECONDS)
        entry.state = "running"
        try:
            if step.id not in self._acted and step.act(self.scene):
                self._acted.add(step.id)
            words = step.seen(self.scene) if step.id in self._acted else ""
        except checks.Wrong as error:
            self._settle(entry, "failed", str(error))
            return
        if words:
            self._settle(entry, "seen", words)
        elif now > deadline:
            self._settle(entry, "failed", f"not seen within {STEP_SECONDS:.0f} s")

    def _settle(self, entry: Told, state: str, detail: str) -> None:
        entry.state, entry.detail, entry.seconds = state, detail, time.monotonic() - self.begun


def _start(home: homes.Home, ports: Ports, children: Children) -> None:
    """The hub and everybody it deals with."""
    hub = f"http://127.0.0.1:{ports['hub']}"
    stock = [word for sku, pieces in catalogue.STOCK.items() for word in ("--stock", f"{sku}={pieces}")]
    programs: dict[str, tuple[str, ...]] = {
        "erp": ("demo.erp", "--secret-file", str(home.secret("erp_webhook")), "--refuse", catalogue.BLOCKED),
        "tax": (
            *("demo.tax_engine", "--credentials-file", str(home.secret("tax_credentials"))),
            *("--fail-first", str(TAX_FAILURES)),
        ),
        "carrier": ("demo.carrier", "--credentials-file", str(home.secret("carrier_credentials"))),
        "warehouse": (
            *("demo.warehouse", "--hub", f"{hub}/v1/wms/wms", "--order-secret-file", str(home.secret("rno1_webhook"))),
            *("--secret-file", str(home.secret("wms_webhook")), *stock),
        ),
        "retailer": ("demo.retailer", "--mailbox", f"127.0.0.1:{ports['mailbox']}", "--key", str(home.key)),
    }
    children.start("hub", "-m", "hub.cli", "up", "--home", str(home.path))
    for name, (module, *options) in programs.items():
        children.start(name, "-m", module, "--port", str(ports[name]), "--home", str(home.path / name), *options)


def _summary(told: list[Told], seen: Evidence) -> dict[str, Any]:
    shipment = seen.shipment(catalogue.FIRST)
    names = ("goods", "freight", "tax", "total")
    amounts = checks.expected_invoice(shipment) if shipment else ()
    try:
        effects = checks.effects(seen)
    except checks.Wrong as error:
        effects = {str(error): -1}
    return {
        "steps": [
            {
                "id": entry.step.id,
                "title": entry.step.title,
                "state": entry.state,
                "detail": entry.detail,
                "seconds": round(entry.seconds, 1),
            }
            for entry in told
        ],
        "invoice": dict(zip(names, map(str, amounts), strict=False)),
        "effects": effects,
    }


def _order_to_try(home: Path, now: datetime) -> Path:
    """An 850 under a number that the retailer has not used, for people to send by hand."""
    path = home / "try" / f"{BY_HAND}.edi"
    path.parent.mkdir(exist_ok=True)
    body = documents.purchase_order(BY_HAND, catalogue.ORDERS[catalogue.BLOCKED], now.date())
    path.write_text(x12.write("BIGBOX", "CROSSDOCK", 900_000_001, "PO", [("850", body)], now))
    return path
