"""Processes of one machine agree on the time, whatever is done to its clock."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.ledger import Ledger
from hub.ledger.machine_time import MachineTime

HOUR = 3600.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "time"


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_who_joins_later_under_another_clock_has_the_same_time(path: Path, jump: float) -> None:
    first = MachineTime(path, wall=1000.0, latest=0.0)
    joined = MachineTime(path, wall=1000.0 + jump, latest=0.0)
    assert joined.now() == pytest.approx(first.now(), abs=1.0)
    first.close()
    again = MachineTime(path, wall=1000.0 + jump, latest=0.0)
    assert again.now() == pytest.approx(joined.now(), abs=1.0), "somebody who knows the time is still there"
    joined.close()
    again.close()


def test_the_clock_is_read_again_when_nobody_is_left_but_time_does_not_go_back(path: Path) -> None:
    MachineTime(path, wall=1000.0, latest=0.0).close()
    later = MachineTime(path, wall=1000.0 + HOUR, latest=1001.0)
    assert later.now() == pytest.approx(1000.0 + HOUR, abs=1.0)
    later.close()
    back = MachineTime(path, wall=500.0, latest=1000.0 + HOUR)
    assert back.now() == pytest.approx(1000.0 + HOUR, abs=1.0)
    back.close()
    back.close()


def test_a_ledger_keeps_its_time_when_the_clock_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", home=tmp_path, clock=SystemClock())
    before, clock = ledger.now(), time.time
    assert ledger.doctor()["warnings"] == []
    monkeypatch.setattr(time, "time", lambda: clock() + HOUR)
    assert ledger.now() - before < HOUR / 2
    (warning,) = ledger.doctor()["warnings"]
    assert "apart" in warning
    ledger.close()
