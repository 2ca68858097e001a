"""Many threads and several processes on one ledger."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from hub.clock import SystemClock, TimeIds
from hub.ledger import Kind, Ledger, NewMessage, State

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
from hub.clock import SystemClock, TimeIds
from hub.ledger import Kind, Ledger, NewMessage
ledger = Ledger.open(sys.argv[1], home=Path(sys.argv[2]), clock=SystemClock())
ids = TimeIds(SystemClock())
for _ in range(50):
    stored = ledger.store(b"x")
    new = NewMessage(id=ids.new(), kind=Kind.DOCUMENT, type="850", partner="p", order_key="one", payload=stored)
    ledger.write(lambda change: change.insert(new))
ledger.close()
"""


def test_threads_that_accept_work_and_look_do_not_disturb_each_other(ledger_url: str, tmp_path: Path) -> None:
    ledger = Ledger.open(ledger_url, home=tmp_path, clock=SystemClock())
    ids = TimeIds(SystemClock())
    failures: list[BaseException] = []
    accepted = threading.Barrier(3)

    def guarded(work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except BaseException as failure:
            failures.append(failure)
            raise

    def accept() -> None:
        for number in range(20):
            stored = ledger.store(f"document {number} {threading.get_ident()}".encode() * 20)
            news = [
                NewMessage(id=ids.new(), kind=Kind.DOCUMENT, type="850", partner="p", payload=stored, order_key=f"{n}")
                for n in range(5)
            ]
            ledger.write(lambda change, news=news: change.insert_many(news))
        accepted.wait()

    def work() -> None:
        owner = ledger.owner(str(threading.get_ident()))
        while ledger.counts().get("document", {}).get("delivered", 0) < 300:
            claimed = ledger.claim(Kind.DOCUMENT, 10, lease_seconds=60, owner=owner)
            ledger.payloads(message.payload for message in claimed if message.payload)
            reading = ledger.store(b"{}")
            ledger.write(
                lambda change, claimed=claimed, reading=reading: [
                    change.finish(message, State.DELIVERED, event="processed", reading=reading) for message in claimed
                ]
            )

    def look() -> None:
        while ledger.counts().get("document", {}).get("delivered", 0) < 300:
            ledger.sweep()
            ledger.messages(limit=5)

    threads = [threading.Thread(target=guarded, args=(each,)) for each in (accept, accept, accept, work, work, look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    report = ledger.audit()
    ledger.close()
    assert (report["delivered"], report["problems"]) == (300, [])


def test_several_processes_write_to_one_ledger(ledger_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, ledger_url, str(tmp_path)]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [process.wait(120) for process in processes] == [0, 0, 0]
    ledger = Ledger.open(ledger_url, home=tmp_path, clock=SystemClock())
    messages = ledger.messages(limit=1000).items
    report = ledger.audit()
    ledger.close()
    assert sorted(message.seq for message in messages) == list(range(1, 151))
    assert report["problems"] == []
