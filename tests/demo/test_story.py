"""The teller of the story, and a run that is interrupted and gone on with."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo.checks import Wrong
from demo.progress import Told
from demo.steps import STEPS, Step
from demo.story import Teller
from tests.demo.support import ROOT, wait_for


def raises(_scene):
    raise Wrong("two orders")


def test_a_step_begins_when_those_before_it_were_seen(tmp_path):
    acts, words = [], {"first": "", "second": "there"}
    first = Step("first", "1", lambda _: words["first"], lambda _: acts.append("first") or True)
    second = Step("second", "2", lambda _: words["second"], lambda _: acts.append("second") or True, after=("first",))
    told = [Told(first), Told(second)]
    teller = Teller(None, told, time.monotonic())
    teller.tick()
    assert [entry.state for entry in told] == ["running", "waiting"]
    words["first"] = "seen it"
    teller.tick()
    assert [entry.state for entry in told] == ["seen", "seen"]
    assert acts == ["first", "second"]
    assert told[0].detail == "seen it"
    assert teller.over()


def test_an_act_is_tried_until_it_is_done_and_only_then_looked_for():
    tries = []
    step = Step("one", "1", lambda _: "there", lambda _: tries.append(1) or len(tries) == 3)
    teller = Teller(None, [Told(step)], time.monotonic())
    for _ in range(2):
        teller.tick()
    assert not teller.over()
    teller.tick()
    assert teller.over()


def test_what_must_not_be_ends_the_story():
    told = [Told(Step("one", "1", raises)), Told(Step("two", "2", lambda _: ""))]
    teller = Teller(None, told, time.monotonic())
    teller.tick()
    assert (told[0].state, told[0].detail) == ("failed", "two orders")
    assert teller.over()


def test_what_is_not_seen_in_time_ends_the_story(monkeypatch):
    monkeypatch.setattr("demo.story.STEP_SECONDS", -1.0)
    told = [Told(Step("one", "1", lambda _: ""))]
    Teller(None, told, time.monotonic()).tick()
    assert told[0].state == "failed"


def test_every_step_waits_for_steps_that_exist_and_come_before_it():
    known: set[str] = set()
    for step in STEPS:
        assert known.issuperset(step.after), step.id
        known.add(step.id)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_leaves_nothing_running_and_is_gone_on_with(tmp_path, number):
    first = start(tmp_path)
    wait_for((home := tmp_path / ".demo" / "run-1").joinpath("retailer", "address").exists, "the retailer", first)
    ports = json.loads((home / "ports.json").read_text())
    secrets = {path.name: path.read_text() for path in (home / "secrets").iterdir()}
    first.send_signal(number)
    assert first.wait(30) == (-9 if number == signal.SIGKILL else 1)
    wait_for(lambda: nobody_holds(home / "children.lock"), "the end of all children")
    (home / "retailer" / "address").unlink()
    second = start(tmp_path)
    wait_for((home / "retailer" / "address").exists, "the retailer", second)
    second.send_signal(signal.SIGTERM)
    second.wait(30)
    assert json.loads((home / "ports.json").read_text()) == ports
    assert {name: (home / "secrets" / name).read_text() for name in secrets} == secrets
    assert [path.name for path in (tmp_path / ".demo").iterdir()] == ["run-1"]


def start(here: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "demo", "--exit"],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def nobody_holds(lock: Path) -> bool:
    with lock.open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
