"""A worker process for tests: ``python -m tests.queue.worker LEDGER_URL HOME BROKER_URL``.

It processes documents and appends the id of each to ``HOME/effects``. A document of type ``poison`` ends the process at
once, each time; one of type ``stall`` never comes to an end the first time it is worked on.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from hub.clock import SystemClock
from hub.ledger import Kind, Ledger, Message, State
from hub.queue import Queue


def main() -> None:
    ledger_url, home, broker_url = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    ledger = Ledger.open(ledger_url, home=home, clock=SystemClock())
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def run(stage: str) -> int:
        owner = ledger.owner(str(threading.get_ident()))
        solo = stage == "solo"
        claimed = ledger.claim(Kind.DOCUMENT, 5, lease_seconds=60, owner=owner, solo=solo)
        for message in claimed:
            work(message, home)
        ledger.write(lambda change: change.finish_many(claimed, State.DELIVERED, event="processed"))
        return len(claimed)

    queue = Queue(broker_url, run, ledger.sweep, threads=8)
    queue.start()
    stop.wait()
    queue.stop(10)
    ledger.close()


def work(message: Message, home: Path) -> None:
    if message.type == "poison":
        os._exit(9)
    if message.type == "stall" and message.crashes == 0:
        (home / "stalled").touch()
        threading.Event().wait()
    with (home / "effects").open("a") as file:
        file.write(message.id + "\n")


if __name__ == "__main__":
    main()
