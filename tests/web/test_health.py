"""Who asks whether the hub can work gets an answer, whatever has become of the ledger."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.servers import Postgres
from hub.clock import SystemClock
from hub.contracts.partner import HubSettings
from hub.errors import Unreachable
from hub.ledger import Ledger
from hub.runtime import Hub
from hub.web.health import Health
from tests.orders.samples import entity
from tests.web.conftest import served


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture
def ledger(postgres_ledger_url: str, tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(postgres_ledger_url, home=tmp_path, clock=SystemClock())
    yield opened
    opened.close()


@pytest.fixture
def signalled(postgres_server: Postgres, postgres_ledger_url: str) -> Iterator[Callable[[int], None]]:
    """Sends a signal to what serves the ledger."""
    ask = f"SELECT pid FROM pg_stat_activity WHERE datname='{_name(postgres_ledger_url)}'"
    pids = list[int]()

    def send(number: int) -> None:
        pids[:] = pids or [int(str(row[0])) for row in postgres_server.execute(ask)]
        for pid in pids:
            os.kill(pid, number)

    yield send
    send(signal.SIGCONT)


def _asked(health: Health, times: int = 1) -> list[tuple[int, dict[str, Any]]]:
    async def ask() -> list[tuple[int, dict[str, Any]]]:
        return list(await asyncio.gather(*(health.answer() for _ in range(times))))

    return asyncio.run(ask())


def test_a_ledger_that_has_frozen_is_told_in_time_and_asked_once(
    ledger: Ledger, signalled: Callable[[int], None]
) -> None:
    assert _asked(Health(ledger))[0][0] == 200
    hurried, patient = Health(ledger, wait_seconds=0.2), Health(ledger, wait_seconds=60.0)
    signalled(signal.SIGSTOP)
    answers = _asked(hurried, 3) + _asked(hurried)
    assert {status for status, _ in answers} == {503}
    assert answers[0][1] == {"ok": False, "trouble": "the ledger has not answered for 0.2 seconds"}
    assert ledger._database.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    signalled(signal.SIGCONT)
    assert _asked(patient)[0][0] == 200


def test_a_ledger_that_can_only_be_read_is_told(
    postgres_server: Postgres, postgres_ledger_url: str, ledger: Ledger, tmp_path: Path
) -> None:
    settings = HubSettings(entity=entity())
    hub = Hub(home=tmp_path, settings=settings, partners={}, ledger=ledger, clock=SystemClock(), hint=lambda _: None)
    postgres_server.execute(f'ALTER DATABASE "{_name(postgres_ledger_url)}" SET default_transaction_read_only = on')
    ledger._database.engine.dispose()
    with served(hub) as page:
        answer = page.get("/healthz")
    assert (answer.status_code, answer.json()["ok"]) == (503, False)
    assert "can only be read" in answer.json()["trouble"]
    assert "can only be read: let it be written to" in ledger.doctor()["warnings"][-1]


def test_a_thread_that_could_not_be_started_is_told_and_the_next_one_looks(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    health = Health(ledger, wait_seconds=60.0)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none_left)
        status, facts = _asked(health)[0]
    assert (status, "can't start new thread" in facts["trouble"]) == (503, True)
    assert _asked(health)[0][0] == 200


def test_what_looking_raised_is_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise Unreachable("the ledger's PostgreSQL could not be reached")

    monkeypatch.setattr(ledger._database, "refusal", gone)
    with pytest.raises(Unreachable):
        _asked(Health(ledger))
