"""The whole demo as its own processes: undisturbed on each ledger and broker, and with the hub killed again and again.

The demo judges by what its counterparties have on record, so exit 0 means no effect lost and none doubled (P1, P2, P3).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

KILLS = 10
SEED = 20_261_122
LONGEST_SECONDS = 240.0


def _demo(home: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hub.cli", "demo", "--exit", "--json", "--home", str(home)]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def _ended(demo: subprocess.Popen[str], home: Path) -> dict[str, Any]:
    try:
        output, errors = demo.communicate(timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        demo.send_signal(signal.SIGTERM)
        output, errors = demo.communicate(timeout=30)
    log = home / "logs" / "hub.log"
    tail = log.read_text(errors="replace")[-3000:] if log.exists() else ""
    assert demo.returncode == 0, f"{errors[-3000:]}\n{output[-2000:]}\n{tail}"
    summary: dict[str, Any] = json.loads(output.splitlines()[-1])
    return summary


@pytest.mark.parametrize("ledger", ["sqlite", "postgresql"])
@pytest.mark.parametrize("broker", ["memory", "valkey"])
def test_the_story(ledger: str, broker: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    environment = {"CROSSDOCK_DATABASE_URL": "", "CROSSDOCK_BROKER_URL": ""}
    if ledger == "postgresql":
        environment["CROSSDOCK_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    if broker == "valkey":
        environment["CROSSDOCK_BROKER_URL"] = request.getfixturevalue("valkey_url")
    home = tmp_path / "run"
    summary = _ended(_demo(home, environment), home)
    assert all(step["state"] == "seen" for step in summary["steps"])


def test_the_story_with_the_hub_killed_ten_times(tmp_path: Path) -> None:
    """As many stories as ten kills take: one on a machine where a story lasts, two where it is soon over."""
    moments = random.Random(SEED)
    kills = restarts = 0
    while kills < KILLS:
        home = tmp_path / f"run-{kills}"
        disturbed, summary = _disturbed(home, moments, KILLS - kills)
        assert disturbed, "the story was over before it could be disturbed"
        assert all(step["state"] == "seen" for step in summary["steps"])
        kills += disturbed
        restarts += summary["restarts"]["hub"]
    assert restarts >= 1


def _disturbed(home: Path, moments: random.Random, most: int) -> tuple[int, dict[str, Any]]:
    """One story, its hub killed up to so many times: the kills, and the summary."""
    demo = _demo(home, {"CROSSDOCK_DATABASE_URL": "", "CROSSDOCK_BROKER_URL": ""})
    kills = 0
    over = threading.Event()
    while kills < most and demo.poll() is None:
        over.wait(moments.uniform(0.3, 1.8))
        kills += _kill(home / "hub.pid")
    return kills, _ended(demo, home)


def _kill(pid_file: Path) -> int:
    """kill -9 of the hub, if it runs; how many were killed."""
    try:
        os.kill(int(pid_file.read_text()), signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return 0
    return 1
