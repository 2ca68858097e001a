"""A ledger, a broker, and patience."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.clock import SystemClock, TimeIds
from hub.ledger import Kind, Ledger, NewMessage

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30.0


def eventually(condition: Callable[[], object], what: str) -> None:
    """Waits until the condition holds; fails when it never does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, f"never happened: {what}"
        time.sleep(0.01)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def ledger(ledger_url: str, home: Path) -> Iterator[Ledger]:
    opened = Ledger.open(ledger_url, home=home, clock=SystemClock())
    yield opened
    opened.close()


@pytest.fixture(params=["memory", "valkey"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """The broker in the process, and a real Valkey."""
    return "" if request.param == "memory" else str(request.getfixturevalue("valkey_url"))


@pytest.fixture
def add(ledger: Ledger) -> Callable[..., list[str]]:
    """Puts documents of a type into the ledger; their ids."""
    ids = TimeIds(SystemClock())

    def documents(count: int, document_type: str = "850", *, due_at: float = 0.0) -> list[str]:
        rows = [
            NewMessage(id=ids.new(), kind=Kind.DOCUMENT, type=document_type, partner="bigbox", due_at=due_at)
            for _ in range(count)
        ]
        ledger.write(lambda change: change.insert_many(rows))
        return [row.id for row in rows]

    return documents


@pytest.fixture
def worker_command(ledger_url: str, home: Path, broker_url: str) -> list[str]:
    return [sys.executable, "-m", "tests.queue.worker", ledger_url, str(home), broker_url]


@pytest.fixture
def start_worker(worker_command: list[str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts worker processes; those still there at the end are killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(worker_command, cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
