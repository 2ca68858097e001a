"""What a piece of work takes of this machine when all of its processors are at it: each is slower then than alone."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any

from bench.machine import machine_seconds

__all__ = ["Ready", "busy_seconds"]

_PATIENCE_SECONDS = 60.0

Ready = Callable[[], Any]


def busy_seconds(work: Callable[..., None], shares: Sequence[tuple[Any, ...]]) -> float:
    """Processor time of the whole machine while ``work(ready, *share)`` runs in a process for each share, from the
    moment on when all have called ``ready``. Raises RuntimeError where one of them did not come to its end."""
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(len(shares) + 1, timeout=_PATIENCE_SECONDS)
    processes = [spawn.Process(target=_run, args=(work, ready, share)) for share in shares]
    for process in processes:
        process.start()
    ready.wait()
    before = machine_seconds()
    for process in processes:
        process.join()
    busy = machine_seconds().since(before).busy
    if any(process.exitcode for process in processes):
        raise RuntimeError(f"{work.__name__} did not come to its end")
    return busy


def _run(work: Callable[..., None], ready: Any, share: tuple[Any, ...]) -> None:
    work(ready.wait, *share)
