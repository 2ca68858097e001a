"""A backup of a hub at work, restored after the hub was lost: nothing happens twice (P2), all balances (P3)."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.chaos import home as configuration
from bench.chaos.plan import Drop, Plan, make
from bench.chaos.programs import Hub, Program, free_ports, module
from bench.chaos.sender import by_folder
from bench.chaos.sink import read_records
from bench.servers import Postgres
from hub.clock import SystemClock
from hub.ledger import Ledger

PATIENCE_SECONDS = 120.0
WITHOUT = ("x12/855", "json/warehouse_order")


def _until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def _orders(records: Path) -> Counter[str]:
    """Effects at the ERP: how often each order became something new there."""
    return Counter(record["po"] for record in read_records(records) if record["new"])


def _drop_all(folders: Path, files: Path, drops: list[Drop], name: str = "{}") -> None:
    for drop in drops:
        put = by_folder(folders / drop.partner / "inbox")
        renamed = Drop(drop.partner, name.format(drop.name), drop.control, drop.orders, drop.again)
        assert put(renamed, (files / drop.name).read_bytes())


def _rests(ledger: Ledger, interchanges: int) -> Callable[[], bool]:
    def look() -> bool:
        counts = ledger.counts()
        taken = counts.get("interchange", {}).get("received", 0)
        return taken >= interchanges and not any(kind.get("in_flight") for kind in counts.values())

    return look


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Of the hub that is lost and of the one that is made from its backup; empty is SQLite in the home."""
    if request.param == "sqlite":
        return "", ""
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.create("lost"), server.create("restored")


def test_a_hub_restored_from_a_backup_under_load_repeats_nothing(databases: tuple[str, str], tmp_path: Path) -> None:
    home, again, files, records = (tmp_path / name for name in ("home", "again", "files", "erp.jsonl"))
    plan: Plan = make(files, 24, 9, sizes=(1, 3), ship=0.0)
    ports = dict(zip(configuration.PORTS, free_ports(len(configuration.PORTS)), strict=True))
    configuration.write(home, ports, source="folder", without=WITHOUT)
    erp = Program(module("bench.chaos.sink", port=ports["erp"], records=records), tmp_path / "erp.log")
    lost, made = (
        Hub(place, 0, {"CROSSDOCK_DATABASE_URL": url}, tmp_path / f"{place.name}.log")
        for place, url in zip((home, again), databases, strict=True)
    )
    sender = threading.Thread(target=_drop_all, args=(home / "folders", files, list(plan.drops)))
    try:
        erp.start()
        lost.start()
        lost.await_ready()
        sender.start()
        _until(lambda: len(_orders(records)) >= 3, "the ERP gets orders")
        backup = lost.command("backup", str(tmp_path / "backup.zip"), "--json")
        assert backup.returncode == 0, backup.stderr
        sender.join()
        _until(lambda: set(_orders(records)) == set(plan.orders), "the ERP has all orders")
        lost.kill()

        restored = made.command("restore", str(tmp_path / "backup.zip"), "--json")
        assert restored.returncode == 0, restored.stderr
        assert json.loads(restored.stdout)["sound"]
        shutil.copytree(home / "secrets", again / "secrets")
        made.start()
        made.await_ready()
        _drop_all(home / "folders", files, list(plan.drops), "again-{}")
        ledger = Ledger.open(databases[1] or f"sqlite:///{again / 'ledger.db'}", home=again, clock=SystemClock())
        _until(_rests(ledger, len(plan.drops)), "all that was sent again is worked on")
        report = ledger.audit()
        ledger.close()
    finally:
        for program in (lost, made, erp):
            program.stop()
    assert _orders(records) == Counter(plan.orders), "each order once"
    assert [record for record in read_records(records) if record.get("conflict")] == []
    assert (report["balanced"], report["chain_ok"], report["problems"]) == (True, True, [])
    assert (report["dead"], report["in_flight"]) == (0, 0)
