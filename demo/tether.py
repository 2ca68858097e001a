"""Starts a program that ends with whoever started it: ``python -m demo.tether PARENT LOCK -- program …``.

Linux sends the program SIGTERM when the parent dies (prctl(2), PR_SET_PDEATHSIG, kept across exec). ``LOCK`` is held
shared for as long as the program, or a child of its own, lives: who gets it exclusively knows that nothing is left.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
from pathlib import Path

__all__ = ["argv", "hold"]

_PR_SET_PDEATHSIG = 1


def argv(lock: Path, *program: str) -> list[str]:
    """The command line that starts a program tethered to this process."""
    return [sys.executable, "-m", "demo.tether", str(os.getpid()), str(lock), "--", *program]


def hold(parent: int) -> None:
    """Ask for SIGTERM when the parent dies; raises SystemExit if it is dead already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(f"the parent {parent} is gone")


def main(arguments: list[str]) -> None:
    """Hold on to the parent and to the lock, then become the program."""
    parent, lock, _, *program = arguments
    hold(int(parent))
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    os.set_inheritable(descriptor, True)
    os.execv(program[0], program)  # noqa: S606  the program is one of our own


if __name__ == "__main__":
    main(sys.argv[1:])
