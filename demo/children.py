"""The processes of one run: started, started again when they die, and ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo import tether

__all__ = ["Children", "Failing"]

TERMINATE_SECONDS = 6.0
QUICK_SECONDS = 5.0
QUICK_DEATHS_MAX = 5


class Failing(Exception):
    """A program ends again and again by itself soon after its start."""


@dataclass(slots=True)
class _Child:
    name: str
    program: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float
    quick_deaths: int = 0
    restarts: int = 0


@dataclass(slots=True)
class Children:
    """``home``: where pid files and logs go; ``lock``: see `demo.tether`. Each child leads a session of its own.

    All is done by one thread, the main one: a child ends when the thread that started it does.
    """

    home: Path
    lock: Path
    _children: dict[str, _Child] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        """Start ``python ARGUMENTS``; its id goes to ``<home>/<name>.pid``, what it prints to ``logs/<name>.log``."""
        program = tether.argv(self.lock, sys.executable, *arguments)
        self._children[name] = _Child(name, program, self._spawn(name, program), time.monotonic())

    def revive(self) -> list[str]:
        """Start again whatever has died; the names. Raises Failing for a program that cannot live."""
        dead = [child for child in self._children.values() if child.process.poll() is not None]
        for child in dead:
            self._count(child)
            child.process = self._spawn(child.name, child.program)
            child.started = time.monotonic()
            child.restarts += 1
        return [child.name for child in dead]

    def restarts(self) -> dict[str, int]:
        """How often each child was started again, where it was."""
        return {child.name: child.restarts for child in self._children.values() if child.restarts}

    def end(self, name: str) -> None:
        """End one child for good."""
        self._stop([self._children.pop(name)])

    def stop(self) -> None:
        """End all: politely first, and for good after a while; what their own children left, too."""
        self._stop(list(self._children.values()))
        self._children.clear()

    def _stop(self, children: list[_Child]) -> None:
        for child in children:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + TERMINATE_SECONDS
        for child in children:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.process.wait()
            # Its session may hold workers of its own.
            _signal_group(child, signal.SIGKILL)
            (self.home / f"{child.name}.pid").unlink(missing_ok=True)

    def _count(self, child: _Child) -> None:
        """A program that was killed is no failing program; one that ends by itself at once, several times, is."""
        quick = time.monotonic() - child.started < QUICK_SECONDS and child.process.returncode >= 0
        child.quick_deaths = child.quick_deaths + 1 if quick else 0
        if child.quick_deaths >= QUICK_DEATHS_MAX:
            raise Failing(f"{child.name} ends again and again; {self._log(child.name)} ends with:\n{self._tail(child)}")
        _signal_group(child, signal.SIGKILL)

    def _spawn(self, name: str, program: Sequence[str]) -> subprocess.Popen[bytes]:
        log = self._log(name)
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  the programs are our own
                program,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUNBUFFERED": "1"},
            )
        fresh = self.home / f"{name}.pid.new"
        fresh.write_text(f"{process.pid}\n")
        fresh.replace(self.home / f"{name}.pid")
        return process

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _tail(self, child: _Child) -> str:
        return "\n".join(self._log(child.name).read_text(errors="replace").splitlines()[-10:])


def _signal(child: _Child, number: signal.Signals) -> None:
    if child.process.poll() is None:
        child.process.send_signal(number)


def _signal_group(child: _Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.process.pid, number)
    except (ProcessLookupError, PermissionError):
        # Nothing is left of it.
        return
