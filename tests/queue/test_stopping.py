"""Being told to end, again and again, in the midst of being told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from .conftest import ROOT, eventually

PROGRAM = """
import signal, sys
signal.signal(signal.SIGHUP, signal.Handlers[sys.argv[1]])
from hub.stopping import stopped_by_signals
with stopped_by_signals() as stopping:
    print("ready", flush=True)
    stopping.wait()
print("ended", flush=True)
input()
"""


def test_many_signals_at_once_end_a_process_in_order() -> None:
    command = [sys.executable, "-c", PROGRAM, "SIG_DFL"]
    for _ in range(5):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            try:
                assert process.stdout.readline() == b"ready\n"
                for _ in range(20):
                    os.kill(process.pid, signal.SIGTERM)
                os.set_blocking(process.stdout.fileno(), False)
                eventually(lambda: process.poll() is not None or process.stdout.read(6) == b"ended\n", "it ends")
            finally:
                process.kill()


@pytest.mark.parametrize(
    ("handler", "signals"), [("SIG_DFL", [signal.SIGHUP]), ("SIG_IGN", [signal.SIGHUP, signal.SIGTERM])]
)
def test_the_end_of_its_terminal_ends_a_process_in_order(handler: str, signals: list[signal.Signals]) -> None:
    """But for one that was started to outlive it."""
    command = [sys.executable, "-c", PROGRAM, handler]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            for number in signals:
                os.kill(process.pid, number)
            out, _ = process.communicate(b"\n", timeout=30)
        finally:
            process.kill()
    assert (process.returncode, out) == (0, b"ended\n")
