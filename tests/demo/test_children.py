"""Processes of a run: revived, given up, ended, and never left behind."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.children import Children, Failing
from demo.ending import Ended, Ending
from tests.demo.support import ROOT, wait_for

SLEEP = "import time; open('started', 'a').write('x'); time.sleep(100)"


@pytest.fixture
def children(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    children = Children(tmp_path, tmp_path / "lock")
    yield children
    children.stop()


def pid(home: Path, name: str) -> int:
    return int((home / f"{name}.pid").read_text())


def is_free(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def test_a_child_that_was_killed_is_started_again(children, tmp_path):
    children.start("sleeper", "-c", SLEEP)
    wait_for((tmp_path / "started").exists, "the child")
    first = pid(tmp_path, "sleeper")
    os.kill(first, signal.SIGKILL)
    wait_for(children.revive, "the revival")
    assert pid(tmp_path, "sleeper") != first
    assert children.restarts() == {"sleeper": 1}


def test_a_child_that_cannot_live_is_given_up_with_its_last_words(children):
    children.start("broken", "-c", "raise SystemExit('my settings are wrong')")
    with pytest.raises(Failing, match="my settings are wrong"):
        wait_for(lambda: children.revive() and False, "nothing")


def test_stopping_ends_also_what_a_child_started(children, tmp_path):
    nested = f"subprocess.Popen([sys.executable, '-c', {SLEEP!r}]).wait()"
    children.start("parent", "-c", "import subprocess, sys; " + nested)
    wait_for((tmp_path / "started").exists, "the grandchild")
    assert not is_free(tmp_path / "lock")
    children.stop()
    wait_for(lambda: is_free(tmp_path / "lock"), "the end of the grandchild")
    assert not (tmp_path / "parent.pid").exists()


def test_children_end_with_a_parent_that_is_killed(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from demo.children import Children\n"
        f"home = Path({str(tmp_path)!r})\n"
        "erp = ('-m', 'demo.erp', '--home', str(home), '--secret-file', '/dev/null')\n"
        "Children(home, home / 'lock').start('child', *erp)\n"
        "time.sleep(100)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    wait_for((tmp_path / "address").exists, "the child", parent)
    assert not is_free(tmp_path / "lock")
    parent.kill()
    parent.wait()
    wait_for(lambda: is_free(tmp_path / "lock"), "the end of the child")


def test_a_stubborn_child_is_killed(children, tmp_path, monkeypatch):
    monkeypatch.setattr("demo.children.TERMINATE_SECONDS", 0.2)
    children.start("stubborn", "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP)
    wait_for((tmp_path / "started").exists, "the child")
    children.stop()
    assert is_free(tmp_path / "lock")


def test_a_request_to_end_is_noted_and_answered_where_it_is_safe():
    ending = Ending()
    with ending.watched():
        ending.check()
        os.kill(os.getpid(), signal.SIGTERM)
        wait_for(lambda: ending.asked, "the signal")
        with pytest.raises(Ended):
            ending.sleep(100.0)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
