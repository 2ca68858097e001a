"""A hub with its queue running: what `crossdock up` and `crossdock worker` have in common."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hub.flow import endpoints, leases, work
from hub.queue import Queue
from hub.runtime import Hub, open_hub
from hub.server.open_files import allow_open_files
from hub.stopping import stopped_by_signals

__all__ = ["DRAIN_SECONDS", "THREADS", "broker_url", "queued", "serve_worker"]

THREADS = 6
"""Two for files and documents, four for deliveries: more only stand in each other's way in one interpreter."""
DRAIN_SECONDS = 20.0
_SWITCH_SECONDS = 0.1
"""How long a thread of a worker computes before another may take the interpreter from it; who waits for the database or
a far end lets go of it anyway. A process that also answers people and partners keeps Python's own 5 ms."""
_ALLOCATED = 200_000
"""Objects between two collections of the young: more than two threads hold of the files they take apart, which would be
looked through in vain. They go by themselves; what points at itself is rare."""
_TIDY_SECONDS = 30.0
"""How often the young are looked through where fewer were made, because few can hold much."""


def broker_url() -> str:
    """``$CROSSDOCK_BROKER_URL``; empty is the broker inside this process."""
    return os.environ.get("CROSSDOCK_BROKER_URL", "")


def serve_worker(home: Path) -> int:
    """Work for a hub that runs elsewhere, on the same ledger and home, until SIGTERM or SIGINT."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    with stopped_by_signals() as stop, queued(home, threads=THREADS):
        stop.wait()
    return 0


@contextmanager
def queued(home: Path, *, threads: int, lanes: Collection[str] | None = None) -> Iterator[tuple[Hub, ExitStack]]:
    """The hub with its queue running; what the stack holds is ended before the queue drains."""
    allow_open_files()
    queues: list[Queue] = []

    def hint(stage: str) -> None:
        for queue in queues:
            queue.hint(stage)

    with open_hub(home, hint=hint) as hub:
        desk = hub.flow
        queue = Queue(
            broker_url(),
            run=lambda stage: work.run(desk, stage),
            sweep=hub.ledger.sweep,
            threads=threads,
            lanes=lanes,
        )
        queues.append(queue)
        endpoints.put_on_record(desk)
        _leave_alone_what_stays()
        with leases.renewed(desk):
            queue.start()
            try:
                with _tidied(), ExitStack() as stack:
                    yield hub, stack
            finally:
                queue.stop(DRAIN_SECONDS)


@contextmanager
def _tidied() -> Iterator[None]:
    """Garbage is collected every `_TIDY_SECONDS`."""
    ended = threading.Event()

    def tidy() -> None:
        while not ended.wait(_TIDY_SECONDS):
            gc.collect(0)

    threading.Thread(target=tidy, name="tidy", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _leave_alone_what_stays() -> None:
    """What is loaded by now stays to the end: the garbage collector need not look through it again and again, nor as
    often as its defaults say, which are for programs a hundredth of the size."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATED, 20, 20)
