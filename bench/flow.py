"""Orders through the whole hub: 850 files in a folder → durable → 997, canonical, delivery, counted at the ERP.

``crossdock bench flow`` or ``python -m bench.flow [--documents N] [--in-a-file N] [--before N]``. Each setup runs the
real program and a real HTTP sink; partners do without 855 and warehouse order, so that a document is one delivery. CPU
is that of the hub and its workers, ``busy`` that of the whole machine: database, broker, ERP and kernel too.
``processors``: how many this machine had meanwhile, without what its host gave to others (steal).

In the same run and beside the figures: how often this disk can sync (`bench.ledger`), and two floors, both in processor
time: ``map`` reads, maps and writes the same documents as JSON and keeps nothing, before and after the hub's run
(`bench.bare_map`), ``rows`` writes the rows that the ledger then holds, and nothing else (`bench.bare_rows`). The
processors, divided by both, are what this machine could do if nothing else had to be done; ``of_floor`` is how much of
that was reached.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import bare_map, bare_rows
from bench.chaos import home as configuration
from bench.chaos.plan import PARTNERS, Plan, make
from bench.chaos.programs import Hub, Program, free_ports, module
from bench.chaos.sender import by_mailbox
from bench.chaos.sink import Tail
from bench.data import generate
from bench.ledger import syncs_per_second
from bench.machine import cpu_seconds, machine_seconds
from bench.servers import Postgres, Valkey

__all__ = ["figures"]

DOCUMENTS = 10_000
IN_A_FILE = 100
SINGLES = 60
WARM_UP = 400
PATIENCE_SECONDS = 300.0
_START_SECONDS = 30.0
_LOOK_SECONDS = 1.5
_RESTING_SHARE = 0.2
"""Of one processor: what hub and workers together take at the most when nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Setup:
    """``workers``: processes beside the hub's own. ``batch_max``: documents in one call to the ERP, ``in_a_file``: in
    one file of a partner.

    ``before``: messages that the ledger holds at the start, made by `bench.data`.
    """

    name: str
    ledger: str = "sqlite"
    broker: str = "memory"
    workers: int = 0
    batch_max: int = 50
    source: str = "folder"
    in_a_file: int = IN_A_FILE
    before: int = 0


SETUPS = (
    Setup("embedded, batches of 50 to the ERP"),
    Setup("embedded, one worker more, batches of 50", workers=1),
    Setup("embedded, one call a document", batch_max=1),
    Setup("embedded, one worker more, one call a document", workers=1, batch_max=1),
    Setup("PostgreSQL + Valkey, 1 worker", "postgresql", "valkey", 1),
    Setup("PostgreSQL + Valkey, 2 workers", "postgresql", "valkey", 2),
)
LATENCY = Setup("embedded, single 850s by SFTP", source="sftp", batch_max=1)


def figures(documents: int = DOCUMENTS) -> list[dict[str, Any]]:
    """Documents a second for each setup, with the machine's syncs a second and the CPU floor of the same run."""
    rows = [_through(setup, documents) for setup in SETUPS]
    return [*rows, _latency(LATENCY)]


class Running:
    """One setup with everything started; used as a context."""

    def __init__(self, setup: Setup, folder: Path, stack: ExitStack) -> None:
        self.home, self.records = folder / "home", folder / "erp.jsonl"
        self.ports = dict(zip(configuration.PORTS, free_ports(len(configuration.PORTS)), strict=True))
        without = ("x12/855", "json/warehouse_order")
        configuration.write(
            self.home, self.ports, source=setup.source, batch_max=setup.batch_max, without=without, poll_seconds=0.1
        )
        environment = {"CROSSDOCK_DATABASE_URL": "", "CROSSDOCK_BROKER_URL": ""}
        if setup.ledger == "postgresql":
            postgres = Postgres(safe=True).start()
            stack.callback(postgres.stop)
            environment["CROSSDOCK_DATABASE_URL"] = postgres.url()
            self.url, self.another = postgres.url(), postgres.create("bare")
        else:
            self.url, self.another = (f"sqlite:///{place / 'ledger.db'}" for place in (self.home, folder))
        if setup.before:
            generate(self.url, self.home, setup.before, until=time.time())
        if setup.broker == "valkey":
            valkey = Valkey().start()
            stack.callback(valkey.stop)
            environment["CROSSDOCK_BROKER_URL"] = valkey.url
        sink = Program(module("bench.chaos.sink", port=self.ports["erp"], records=self.records), folder / "erp.log")
        self.hub = Hub(self.home, setup.workers, environment, folder / "hub.log")
        for program in (sink, self.hub):
            program.start()
            stack.callback(program.stop)
        self.hub.await_ready()
        self._await_workers()

    def _await_workers(self) -> None:
        """Until all processes have started, which shows in that they rest; not for ever where something else is on."""
        until = time.monotonic() + _START_SECONDS
        while self.hub.workers and time.monotonic() < until:
            before = self.cpu_seconds()
            time.sleep(_LOOK_SECONDS)
            if self.cpu_seconds() - before < _RESTING_SHARE * _LOOK_SECONDS:
                return

    def cpu_seconds(self) -> float:
        """Of the hub and its workers until now."""
        assert self.hub.process is not None
        return sum(map(cpu_seconds, [self.hub.process.pid, *self.hub.workers]))

    def drop(self, files: Path, plan: Plan) -> float:
        """All files of a plan, as quick as can be; when the first was there, in seconds since 1970."""
        begun = time.time()
        for drop in plan.drops:
            inbox = self.home / "folders" / drop.partner / "inbox"
            (files / drop.name).rename(inbox / drop.name)
        return begun

    def await_effects(self, count: int) -> list[dict[str, Any]]:
        """The ERP's records, once there are so many; raises TimeoutError."""
        until = time.monotonic() + PATIENCE_SECONDS
        tail, records = Tail(self.records), list[dict[str, Any]]()
        while time.monotonic() < until:
            time.sleep(0.1)
            records += tail.new()
            if len(records) >= count:
                return records
        raise TimeoutError(f"not {count} effects in {PATIENCE_SECONDS} s")

    def acknowledged(self) -> int:
        """997s in the partners' outboxes."""
        return sum(len(list((self.home / "folders" / one / "outbox").glob("997*.edi"))) for one in PARTNERS)

    def rows_seconds(self, documents: int) -> float:
        """Processor time of the rows that the ledger now holds, by themselves; the hub ends before."""
        self.hub.stop()
        return bare_rows.busy_seconds(self.url, self.another, self.home.parent, documents)


def _through(setup: Setup, documents: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as place, ExitStack() as stack:
        folder = Path(place).resolve()
        warm, files = folder / "warm", folder / "files"
        sizes = (setup.in_a_file, setup.in_a_file)
        first = make(warm, WARM_UP, 1, sizes=sizes, again=0, ship=0)
        plan = make(files, documents, 2, sizes=sizes, again=0, ship=0)
        copies = Path(shutil.copytree(files, folder / "copies"))
        to_map = [(drop.partner, copies / drop.name) for drop in plan.drops]
        mapped = bare_map.busy_seconds(to_map)
        syncs = syncs_per_second(folder)
        running = Running(setup, folder, stack)
        running.drop(warm, _numbered(warm, first, 100_000))
        running.await_effects(WARM_UP)
        cpu_before, before = running.cpu_seconds(), machine_seconds()
        begun = running.drop(files, plan)
        records = running.await_effects(WARM_UP + documents)
        until = time.monotonic() + PATIENCE_SECONDS
        while running.acknowledged() < len(plan.drops) + len(first.drops) and time.monotonic() < until:
            time.sleep(0.05)
        ended = max(time.time(), records[-1]["at"])
        cpu, spent = running.cpu_seconds() - cpu_before, machine_seconds().since(before)
        processors = (os.cpu_count() or 1) - spent.stolen / (time.time() - begun)
        assert len({record["po"] for record in records}) == WARM_UP + documents
        reached = documents / (records[-1]["at"] - begun)
        mapped = (mapped + bare_map.busy_seconds(to_map)) / 2
        rows = 0.0 if setup.before else running.rows_seconds(WARM_UP + documents) * documents / (WARM_UP + documents)
        return {
            "setup": setup.name,
            "messages_before": setup.before,
            "documents": documents,
            "in_a_file": setup.in_a_file,
            "documents_per_second": round(reached),
            "with_997_per_second": round(documents / (ended - begun)),
            "cpu_ms_a_document": round(cpu / documents * 1e3, 2),
            "busy_ms_a_document": round(spent.busy / documents * 1e3, 2),
            "map_ms_a_document": round(mapped / documents * 1e3, 2),
            "rows_ms_a_document": round(rows / documents * 1e3, 2) if rows else "",
            "of_floor": round(reached * (mapped + rows) / documents / processors, 2) if rows else "",
            "processors": round(processors, 2),
            "syncs_per_second": f"{syncs}..{syncs_per_second(folder)}",
            "p50_ms": "",
            "p99_ms": "",
        }


def _latency(setup: Setup) -> dict[str, Any]:
    """From the moment a rename was asked for to the moment the ERP has the order, one at a time."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as place, ExitStack() as stack:
        folder = Path(place).resolve()
        files = folder / "files"
        plan = make(files, SINGLES, 3, sizes=(1, 1), again=0, ship=0)
        syncs = syncs_per_second(folder)
        running = Running(setup, folder, stack)
        waits = []
        puts = {one: by_mailbox(running.home, running.ports["mailbox"], one) for one in PARTNERS}
        for number, drop in enumerate(plan.drops):
            begun = time.time()
            assert puts[drop.partner](drop, (files / drop.name).read_bytes())
            record = running.await_effects(number + 1)[-1]
            waits.append((record["at"] - begun) * 1e3)
            threading.Event().wait(0.05)
        ordered = sorted(waits[3:])
        return {
            "setup": setup.name,
            "messages_before": setup.before,
            "documents": len(ordered),
            "in_a_file": 1,
            "documents_per_second": "",
            "with_997_per_second": "",
            "cpu_ms_a_document": "",
            "busy_ms_a_document": "",
            "map_ms_a_document": "",
            "rows_ms_a_document": "",
            "of_floor": "",
            "processors": "",
            "syncs_per_second": f"{syncs}..{syncs_per_second(folder)}",
            "p50_ms": round(statistics.median(ordered)),
            "p99_ms": round(ordered[int(len(ordered) * 0.99)]),
        }


def _numbered(files: Path, plan: Plan, offset: int) -> Plan:
    """The same with control numbers and PO numbers of their own, so that the measured files are no repeats."""
    drops = []
    for drop in plan.drops:
        text = (files / drop.name).read_text().replace("001-", "901-")
        text = text.replace(f"{drop.control:09d}", f"{drop.control + offset:09d}")
        name = f"warm_{drop.name}"
        (files / name).write_text(text)
        drops.append(replace(drop, name=name))
    return Plan(tuple(drops), {})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.flow", description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--in-a-file", type=int, default=IN_A_FILE)
    parser.add_argument("--setup", type=int, action="append", help="number of a setup, from 0; all unless given")
    parser.add_argument(
        "--before", type=int, action="append", help="messages that the ledger holds before; 0 unless given"
    )
    chosen = parser.parse_args()
    for number in chosen.setup if chosen.setup is not None else range(len(SETUPS)):
        for before in chosen.before or [0]:
            setup = replace(SETUPS[number], in_a_file=chosen.in_a_file, before=before)
            print(json.dumps(_through(setup, chosen.documents)), flush=True)
    if chosen.setup is None:
        print(json.dumps(_latency(LATENCY)), flush=True)


if __name__ == "__main__":
    main()
