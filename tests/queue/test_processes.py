"""P1, P3, P4 across processes: kill -9, poison, and a broker that forgets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.servers import Valkey
from hub.ledger import Ledger, State
from hub.queue import Supervisor

from .conftest import ROOT, eventually

Add = Callable[..., list[str]]
Start = Callable[[], subprocess.Popen[bytes]]


def _all_in(ledger: Ledger, ids: list[str], state: State) -> Callable[[], bool]:
    return lambda: all(ledger.message(each).state is state for each in ids)


def _delivered(ledger: Ledger) -> int:
    return ledger.counts().get("document", {}).get("delivered", 0)


def _effects(home: Path) -> Counter[str]:
    return Counter((home / "effects").read_text().split())


def test_what_a_killed_worker_held_is_done_by_the_next(
    ledger: Ledger, home: Path, add: Add, start_worker: Start
) -> None:
    ids = add(1, "stall") + add(60)
    first = start_worker()
    eventually((home / "stalled").exists, "a worker hangs in the middle of its batch")
    eventually(lambda: _delivered(ledger) >= len(ids) - 5, "the rest is done by the other threads")
    first.kill()
    first.wait()
    start_worker()
    eventually(_all_in(ledger, ids, State.DELIVERED), "all is done")
    assert set(_effects(home)) == set(ids)
    for each in ids:
        assert [event.what for event in ledger.events(each)].count("processed") == 1
    assert [event.what for event in ledger.events(ids[0])] == ["received", "worker_died", "processed"]
    report = ledger.audit()
    assert (report["balanced"], report["problems"]) == (True, [])


@pytest.fixture
def supervisor(worker_command: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.chdir(ROOT)
    opened = Supervisor(worker_command, 1)
    yield opened
    opened.stop(10)


def test_poison_dies_alone(ledger: Ledger, home: Path, add: Add, supervisor: Supervisor) -> None:
    innocents = add(12)
    poison = add(1, "poison")
    innocents += add(12)
    supervisor.start()
    eventually(_all_in(ledger, poison, State.DEAD), "the poison is given up")
    eventually(_all_in(ledger, innocents, State.DELIVERED), "the others are done")
    assert ledger.message(poison[0]).cause == "worker_died"
    assert max(_effects(home).values()) <= 2
    assert poison[0] not in _effects(home)


def test_children_end_in_order_when_told(ledger: Ledger, home: Path, add: Add, supervisor: Supervisor) -> None:
    supervisor.start()
    ids = add(1)
    eventually(_all_in(ledger, ids, State.DELIVERED), "the children work")
    pids = supervisor.pids
    assert len(pids) == 2
    supervisor.stop(10)
    assert not any(_runs(pid) for pid in pids)


def test_a_child_that_dies_is_replaced(supervisor: Supervisor) -> None:
    supervisor.start()
    eventually(lambda: len(supervisor.pids) == 2, "both run")
    before = set(supervisor.pids)
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(set(supervisor.pids) - {victim}) == 2, "another took its place")
    assert len(before & set(supervisor.pids)) == 1


def test_a_child_that_cannot_be_started_is_tried_again(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/nowhere/python")
        supervisor.start()
        eventually(lambda: caplog.text.count("cannot be started: No such file") >= 2, "each was tried")
    eventually(lambda: len(supervisor.pids) == 2, "both run")


def test_a_broker_that_is_killed_and_comes_back_empty_loses_nothing(
    ledger: Ledger, ledger_url: str, home: Path, add: Add
) -> None:
    broker = Valkey().start()
    command = [sys.executable, "-m", "tests.queue.worker", ledger_url, str(home), broker.url]
    worker = subprocess.Popen(command, cwd=ROOT)
    try:
        eventually(_all_in(ledger, add(5), State.DELIVERED), "the worker works")
        broker.kill()
        ids = add(50)
        broker.start()
        eventually(_all_in(ledger, ids, State.DELIVERED), "all is done after the broker came back")
        assert max(_effects(home).values()) == 1
    finally:
        worker.kill()
        worker.wait()
        broker.stop()


def test_children_end_when_their_supervisor_is_killed() -> None:
    program = (
        "import sys, time; from hub.queue import Supervisor\n"
        "s = Supervisor([sys.executable, '-c', 'import time; time.sleep(600)'], 1); s.start()\n"
        "while len(s.pids) < 2: time.sleep(0.01)\n"
        "print(*s.pids, flush=True); time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.kill()
    eventually(lambda: not any(_runs(pid) for pid in pids), "the children are gone")


def _runs(pid: int) -> bool:
    """Whether a process is there and is no zombie that nobody has asked about yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
