"""How many documents a second the ledger bears: ``python -m bench.ledger [--documents N] [--threads N]``.

A document here is what one 850 costs: accepted with 2 KB of payload, claimed, finished with a reading, a search key and
a delivery, the delivery claimed and finished; two messages, four events, batches of 20, everything synced. Beside each
figure: how often the same disk can sync 4 KB in the same seconds, because that is what the machine gives.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.servers import Postgres
from hub.clock import SystemClock, TimeIds
from hub.ledger import Change, Kind, Ledger, Message, NewMessage, State

BATCH = 20
BODY = b"ISA*00*          *00*          *ZZ*BIGBOX         *ZZ*CROSSDOCK      ~" * 30


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=5000)
    options.add_argument("--threads", type=int, default=4)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure("sqlite", f"sqlite:///{folder}/ledger.db", Path(folder), chosen.documents, chosen.threads)
    server = Postgres(safe=True).start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure("postgresql", server.create("bench"), Path(folder), chosen.documents, chosen.threads)
    finally:
        server.stop()


def measure(engine: str, url: str, home: Path, documents: int, threads: int) -> None:
    """Prints one line of JSON: documents per second, one by one per second, syncs per second."""
    ledger = Ledger.open(url, home=home, clock=SystemClock())
    syncs_before = syncs_per_second(home)
    accepted = timed(lambda: accept(ledger, documents))
    worked = timed(lambda: in_threads(threads, lambda: work(ledger)))
    single = timed(lambda: [accept(ledger, 1) for _ in range(200)])
    both = timed(lambda: in_threads(threads, lambda: [accept(ledger, 1) for _ in range(200)]))
    audited = timed(lambda: check(ledger))
    figures = {
        "engine": engine,
        "documents": documents,
        "threads": threads,
        "accepted_per_second": round(documents / accepted),
        "worked_per_second": round(documents / worked),
        "through_per_second": round(documents / (accepted + worked)),
        "accepted_singly_per_second": round(200 / single),
        "accepted_singly_by_threads_per_second": round(200 * threads / both),
        "audited_events_per_second": round((documents * 4 + 200 * (threads + 1)) / audited),
        "syncs_per_second": [syncs_before, syncs_per_second(home)],
    }
    print(json.dumps(figures))
    ledger.close()


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def in_threads(count: int, work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def accept(ledger: Ledger, documents: int) -> None:
    """Commits documents in batches, as one interchange each."""
    ids = TimeIds(SystemClock())
    for _ in range(max(1, documents // BATCH)):
        news = []
        for _ in range(min(BATCH, documents)):
            name = ids.new()
            stored = ledger.store(BODY + name.encode())
            news.append(
                NewMessage(
                    id=name,
                    kind=Kind.DOCUMENT,
                    type="850",
                    partner="bigbox",
                    payload=stored,
                    order_key=name,
                    unique_key=f"arrival:{name}",
                )
            )
        ledger.write(lambda change, news=news: change.insert_many(news))


def work(ledger: Ledger) -> None:
    """Processes and delivers until nothing is left."""
    owner = ledger.owner(str(threading.get_ident()))
    ids = TimeIds(SystemClock())
    while True:
        documents = ledger.claim(Kind.DOCUMENT, BATCH, lease_seconds=60, owner=owner)
        if documents:
            process(ledger, documents, ids)
        deliveries = ledger.claim(Kind.DELIVERY, BATCH, lease_seconds=60, owner=owner, endpoint="erp")
        if deliveries:
            ledger.payloads(message.payload for message in deliveries if message.payload)
            ledger.write(lambda change, done=deliveries: change.finish_many(done, State.DELIVERED, event="delivered"))
        if not documents and not deliveries:
            return


def process(ledger: Ledger, documents: list[Message], ids: TimeIds) -> None:
    ledger.payloads(message.payload for message in documents if message.payload)
    readings = {message.id: ledger.store(b'{"id": "%s"}' % message.id.encode() * 30) for message in documents}
    deliveries = [
        NewMessage(
            id=ids.new(),
            kind=Kind.DELIVERY,
            type="erp_order",
            partner="bigbox",
            endpoint="erp",
            parent=message.id,
            payload=readings[message.id],
            order_key=message.order_key,
            unique_key=f"erp:{message.id}",
        )
        for message in documents
    ]

    def finish(change: Change) -> None:
        for message in documents:
            change.finish(message, State.DELIVERED, event="processed", reading=readings[message.id])
            change.add_search_keys(message.id, message.order_key, [("po", message.id)])
        change.insert_many(deliveries)

    ledger.write(finish)


def check(ledger: Ledger) -> None:
    report = ledger.audit()
    assert report["balanced"], report["problems"][:3]
    assert report["chain_ok"], report["problems"][:3]


def syncs_per_second(folder: Path) -> int:
    """How often 4 KB can be appended to a file and synced, one after the other."""
    path, count, until = folder / "syncs", 0, time.perf_counter() + 1.0
    with path.open("wb") as file:
        while time.perf_counter() < until:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return count


if __name__ == "__main__":
    main()
