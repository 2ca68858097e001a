"""One endpoint down for an hour of simulated time, with 10,000 deliveries for it: what it costs the others.

``python -m bench.outage [--deliveries N] [--seconds N] [--postgres]``. The ledger and the stages are the real ones;
the clock is moved by hand, and the far ends are sinks of this file that fail for as long as they are told to. Those for
the one that is down arrive all through the outage, each batch with its hint, as the queue would give it. The same is
run without the outage, in turns: then they are on record and not due. Compared is work, not time: the CPU of all that
claims, delivers and sweeps, wherever it is spent, for each delivery of the others.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.servers import Postgres
from hub.clock import TimeIds
from hub.contracts.connector import Parcel, Probe, Receipt
from hub.contracts.endpoint import EndpointSettings
from hub.contracts.partner import Connection, Entity, HubSettings
from hub.errors import CrossdockError, Unreachable
from hub.flow import work
from hub.flow.desk import Desk
from hub.ledger import Kind, Ledger, NewMessage

__all__ = ["FarEnd", "HandClock", "Outage", "World", "compare", "simulate"]

DOWN = "down"
OTHERS = ("erp", "warehouse", "tax", "mailbox")
KEY_SHARED_BY = 4
"""Deliveries of one order for the one that is down, which must arrive in order."""
ROUND_SECONDS = 5.0
_ANOTHER_DAY = 2_000_000_000.0
PER_ROUND = 5
"""Deliveries that each of the others gets every so often."""


class HandClock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def now(self) -> float:
        return self.seconds


@dataclass(slots=True)
class FarEnd:
    """A sink that fails before a moment, with ``error``. ``calls``: the times at which it was tried."""

    clock: HandClock
    down_until: float = 0.0
    error: CrossdockError = field(default_factory=lambda: Unreachable("the far end is down"))
    calls: list[float] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def deliver(self, parcel: Parcel) -> Receipt:
        self.calls.append(self.clock.now())
        if self.clock.now() < self.down_until:
            raise self.error
        self.taken.append(parcel.key)
        return Receipt()

    def find(self, parcel: Parcel) -> Receipt | None:
        return Receipt(repeated=True) if parcel.key in self.taken else None

    def probe(self) -> Probe:
        return Probe(True, "in this process")

    def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class Outage:
    """What came of one run. ``claimed``: how many deliveries each pass over the one that was down took."""

    others: int = 0
    cpu_seconds: float = 0.0
    passes: Counter[str] = field(default_factory=Counter)
    claimed: list[int] = field(default_factory=list)
    probes: int = 0
    taken: list[str] = field(default_factory=list)
    drained_seconds: float = 0.0

    def cpu_each(self) -> float:
        """CPU seconds for each delivery of the others, until the end of the outage."""
        return self.cpu_seconds / self.others

    def out_of_order(self) -> int:
        """Deliveries that arrived after a later one of their order."""
        last: dict[str, int] = defaultdict(int)
        found = 0
        for key in self.taken:
            order, _, number = key.partition("/")
            found += int(number) < last[order]
            last[order] = max(last[order], int(number))
        return found


class World:
    """The hub's stages over a real ledger, worked by hand. ``endpoints``: as in hub.toml."""

    def __init__(self, url: str, home: Path, **endpoints: EndpointSettings) -> None:
        self.clock = HandClock()
        self.ends = {name: FarEnd(self.clock) for name in (DOWN, *OTHERS)}
        self.ledger = Ledger.open(url, home=home, clock=self.clock)
        self.ids = TimeIds(self.clock)
        connections = {name: Connection(connector="of this bench") for name in self.ends}
        self.desk = Desk(
            ledger=self.ledger,
            clock=self.clock,
            ids=self.ids,
            settings=HubSettings(entity=Entity(id="bench", name="Bench"), connections=connections, endpoints=endpoints),
            partners={},
            routes={},
            find_mapping=lambda _id, _partner, _version: None,
            find_guide=lambda _partner: None,
            connection=self.ends.__getitem__,
            hint=lambda _stage: None,
        )
        self.body = self.ledger.store(b'{"order": 1}')

    def put(self, endpoint: str, numbers: range, *, due_at: float = 0.0) -> None:
        """Deliveries on record, each order's one after the other."""
        orders = max(1, len(numbers) // KEY_SHARED_BY) if endpoint == DOWN else len(numbers)
        new = []
        for number in numbers:
            order = f"{endpoint}-{number % orders}-{numbers.start}"
            new.append(
                NewMessage(
                    id=self.ids.new(),
                    kind=Kind.DELIVERY,
                    type="erp_order",
                    partner="bigbox",
                    endpoint=endpoint,
                    payload=self.body,
                    order_key=order,
                    unique_key=f"{order}/{number}",
                    due_at=due_at,
                )
            )
        self.ledger.write(lambda change: change.insert_many(new))

    def pass_time(self, seconds: float, outage: Outage, *hinted: str) -> None:
        """Follow hints, then work on what becomes due, going from one due time to the next."""
        until = self.clock.now() + seconds
        pause = self.run(outage, *hinted)
        while pause is not None and self.clock.now() + pause < until:
            self.clock.seconds += max(pause, 0.001)
            pause = self.run(outage)
        self.clock.seconds = until

    def run(self, outage: Outage, *hinted: str) -> float | None:
        """Follow hints, then whatever the sweeper finds, until nothing is due; seconds until something is."""
        stages: tuple[str, ...] = hinted
        while True:
            for stage in stages:
                while count := work.run(self.desk, stage):
                    outage.passes[stage] += 1
                    if stage == f"delivery:{DOWN}":
                        outage.claimed.append(count)
                outage.passes[stage] += 1
            swept = self.ledger.sweep()
            outage.passes["sweep"] += 1
            stages = swept.stages
            if not stages:
                return swept.next_seconds


class Run:
    """One hub in the course of an outage. ``later``: there is none; its deliveries are on record, due another day."""

    def __init__(self, url: str, home: Path, *, deliveries: int, seconds: float, later: bool = False) -> None:
        self.world, self.outage = World(url, home), Outage()
        self.rounds = int(seconds / ROUND_SECONDS)
        self._deliveries, self._seconds, self._round, self._later = deliveries, seconds, 0, later
        self.world.ends[DOWN].down_until = self.world.clock.now() + seconds

    def step(self) -> None:
        """What comes in within one round is put on record, and what is due is worked on; only that is measured."""
        hinted = self._arrive()
        before = time.process_time()
        self.world.pass_time(ROUND_SECONDS, self.outage, *hinted)
        self.outage.cpu_seconds += time.process_time() - before
        self.outage.others += len(OTHERS) * PER_ROUND
        self._round += 1

    def end(self) -> Outage:
        """The far end is back: until all has arrived."""
        world, outage, down = self.world, self.outage, self.world.ends[DOWN]
        outage.probes = len(down.calls)
        while (
            not self._later
            and len(down.taken) < self._deliveries
            and world.clock.now() < down.down_until + self._seconds + 3600
        ):
            world.pass_time(1.0, outage)
        outage.taken = down.taken
        outage.drained_seconds = world.clock.now() - down.down_until
        lost = {name: self.rounds * PER_ROUND - len(world.ends[name].taken) for name in OTHERS}
        assert not any(lost.values()), f"the others miss {lost}"
        assert world.ledger.audit()["balanced"]
        return outage

    def _arrive(self) -> list[str]:
        """The stages that are hinted."""
        first, last = (self._deliveries * step // self.rounds for step in (self._round, self._round + 1))
        if last > first:
            self.world.put(DOWN, range(first, last), due_at=_ANOTHER_DAY if self._later else 0.0)
        for name in OTHERS:
            self.world.put(name, range(self._round * PER_ROUND, (self._round + 1) * PER_ROUND))
        return [f"delivery:{name}" for name in (OTHERS if self._later or last == first else (DOWN, *OTHERS))]


def simulate(url: str, home: Path, *, deliveries: int, seconds: float) -> Outage:
    """``deliveries`` for an endpoint that is down for so long, beside work for four others."""
    run = Run(url, home, deliveries=deliveries, seconds=seconds)
    try:
        for _ in range(run.rounds):
            run.step()
        return run.end()
    finally:
        run.world.ledger.close()


def compare(places: Sequence[tuple[str, Path]], *, deliveries: int, seconds: float) -> tuple[Outage, Outage]:
    """Two hubs in turns, so that what else the machine does falls on both: without and with the outage."""
    normal, outage = (
        Run(url, home, deliveries=deliveries, seconds=seconds, later=later)
        for (url, home), later in zip(places, (True, False), strict=True)
    )
    try:
        for number in range(normal.rounds):
            for run in (normal, outage) if number % 2 else (outage, normal):
                run.step()
        return normal.end(), outage.end()
    finally:
        normal.world.ledger.close()
        outage.world.ledger.close()


@contextmanager
def _ledgers(postgres: bool) -> Iterator[list[tuple[str, Path]]]:
    with ExitStack() as stack:
        names = ("normal", "outage")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossdock-outage-")))
        if not postgres:
            yield [(f"sqlite:///{folder / name}.db", folder / name) for name in names]
            return
        server = Postgres(safe=True).start()
        stack.callback(server.stop)
        yield [(server.create(name), folder / name) for name in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with _ledgers(chosen.postgres) as places:
        normal, outage = compare(places, deliveries=chosen.deliveries, seconds=chosen.seconds)
    sys.stdout.write(
        f"{normal.others} deliveries of the others: {normal.cpu_each() * 1000:.2f} ms CPU each without the one that\n"
        f"is down, {outage.cpu_each() * 1000:.2f} ms with it: {100 * normal.cpu_each() / outage.cpu_each():.1f} %\n"
        f"{chosen.deliveries} for the one that is down: tried {outage.probes} times in {chosen.seconds:.0f} s,\n"
        f"passes over it {outage.passes[f'delivery:{DOWN}']}\n"
        f"back: {len(outage.taken)} arrived, {len(set(outage.taken))} different, {outage.out_of_order()} out of\n"
        f"order, {outage.drained_seconds:.0f} s after; taken at once {outage.claimed[outage.probes :][:10]}\n"
    )


if __name__ == "__main__":
    main()
