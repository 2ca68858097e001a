"""10,000 dead letters after one fix: rehearsed, a few first, aborted in the middle, killed, resumed, all done once.

``python -m bench.replay [--messages N] [--rehearse N] [--postgres]``. The job is driven by a process of its own that is
killed -9 while it is in the midst of it; what it left is aborted, resumed, and driven to its end by another. Printed
are CPU and wall seconds and the peak of memory of each part, and how often each message was replayed, as its events
say.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.servers import Postgres
from hub.clock import SystemClock, TimeIds
from hub.contracts.connector import Connector
from hub.contracts.partner import Connection, Entity, HubSettings
from hub.flow import replay_job
from hub.flow.desk import Desk
from hub.flow.rehearsal import rehearse
from hub.flow.replay_selection import Selection
from hub.flow.replay_way import How
from hub.ledger import JobState, Kind, Ledger, NewMessage, State

CANARY = 10
PATIENCE_SECONDS = 120.0


@contextmanager
def desk_of(url: str, home: Path) -> Iterator[Desk]:
    """The flow over a ledger, without far ends: replays are put back to work, and nobody works here."""
    clock = SystemClock()
    ledger = Ledger.open(url, home=home, clock=clock)
    settings = HubSettings(
        entity=Entity(id="bench", name="Bench"), connections={"erp": Connection(connector="of this bench")}
    )
    try:
        yield Desk(
            ledger=ledger,
            clock=clock,
            ids=TimeIds(clock),
            settings=settings,
            partners={},
            routes={},
            find_mapping=lambda _id, _partner, _version: None,
            find_guide=lambda _partner: None,
            connection=_absent,
            hint=lambda _stage: None,
        )
    finally:
        ledger.close()


def _absent(name: str) -> Connector:
    raise LookupError(name)


def bury(desk: Desk, count: int) -> None:
    """Dead deliveries of one cause, in batches."""
    body = desk.ledger.store(b'{"purchase_order_number": "PO-1"}' * 20)
    for start in range(0, count, 1000):
        dead = [
            NewMessage(
                id=desk.ids.new(), kind=Kind.DELIVERY, type="erp_order", partner="bigbox", endpoint="erp", payload=body,
                state=State.DEAD, cause="rejected", detail=f"order PO-{number} is blocked", unique_key=f"PO-{number}",
                facts={"document": "json/erp_order"},
            )
            for number in range(start, min(start + 1000, count))
        ]  # fmt: skip
        desk.ledger.write(lambda change, dead=dead: change.insert_many(dead))


def drive(url: str, home: str, job: str, canary_is_well: bool) -> None:
    """Works on a job until it is over or waits for its canary."""
    with desk_of(url, Path(home)) as desk:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            state = desk.ledger.replay_job(job).state
            if state is JobState.CANARY and canary_is_well:
                _arrive(desk)
            elif state is not JobState.RUNNING:
                return
            replay_job.step(desk, job)


def _arrive(desk: Desk) -> None:
    """What the canary put back to work arrives."""
    owner = desk.ledger.owner("bench")
    while claimed := desk.ledger.claim(Kind.DELIVERY, 40, lease_seconds=60, owner=owner, endpoint="erp"):
        desk.ledger.write(lambda change, done=claimed: change.finish_many(done, State.DELIVERED, event="delivered"))


def measured(name: str, work: Callable[[], object]) -> None:
    """Runs a part and prints what it took of this process and of the children that ended in it."""
    before, begun = _cpu(), time.monotonic()
    work()
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    sys.stdout.write(f"{name}: {_cpu() - before:.1f} s CPU, {time.monotonic() - begun:.1f} s, peak {peak} MB\n")
    sys.stdout.flush()


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _in_a_process(url: str, home: Path, job: str, *, kill_at: Callable[[], bool] | None = None) -> None:
    """Drives the job in a child; where ``kill_at`` comes true it is killed -9."""
    child = multiprocessing.get_context("spawn").Process(target=drive, args=(url, str(home), job, True))
    child.start()
    while kill_at is not None and child.is_alive():
        if kill_at():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            break
        time.sleep(0.01)
    child.join()


def run(url: str, home: Path, messages: int, rehearsed: int) -> None:
    """All parts, one after the other; raises AssertionError where a message was not replayed exactly once."""
    with desk_of(url, home) as desk:
        measured(f"{messages} buried", lambda: bury(desk, messages))
        (group,) = desk.ledger.stopped_groups()
        ids = sorted(Selection(group=group.id).ids(desk.ledger))
        verdicts = Counter[bool]()
        measured(
            f"{rehearsed} rehearsed",
            lambda: verdicts.update(bool(rehearse(desk, one)["possible"]) for one in ids[:rehearsed]),
        )
        assert verdicts == {True: rehearsed}, verdicts
        assert desk.ledger.stopped_groups()[0].count == messages, "a rehearsal changes nothing"
        job = replay_job.create(desk, ids, how=How(), actor="bench", reason="mended", canary=CANARY).id

        def halfway() -> bool:
            return desk.ledger.replay_job(job).position >= messages // 3

        measured("canary, then killed -9", lambda: _in_a_process(url, home, job, kill_at=halfway))
        killed_at = desk.ledger.replay_job(job).position
        replay_job.abort(desk, job, actor="bench")
        assert replay_job.step(desk, job) == 0, "an aborted job stands still"
        replay_job.resume(desk, job, actor="bench")
        measured(f"resumed at {killed_at}, to the end", lambda: _in_a_process(url, home, job))
        assert desk.ledger.replay_job(job).state is JobState.DONE
        _check(desk, job, ids)


def _check(desk: Desk, job: str, ids: list[str]) -> None:
    times = Counter(sum(event.what == "replayed" for event in desk.ledger.events(one)) for one in ids)
    progress, audit = desk.ledger.replay_progress(job), desk.ledger.audit()
    sys.stdout.write(f"times replayed: {dict(times)}; job: {progress}; audit balanced: {audit['balanced']}\n")
    assert times == {1: len(ids)}
    assert (audit["balanced"], audit["chain_ok"]) == (True, True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rehearse", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossdock-replay-")))
        url = f"sqlite:///{home / 'ledger.db'}"
        if chosen.postgres:
            server = Postgres(safe=True).start()
            stack.callback(server.stop)
            url = server.url()
        run(url, home, chosen.messages, min(chosen.rehearse, chosen.messages))


if __name__ == "__main__":
    main()
