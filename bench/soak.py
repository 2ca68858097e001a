"""Steady load for a long time: ``python -m bench.soak --minutes 60 [--orders-per-second N] [--ledger …] [--broker …]``.

The real program with partners by SFTP, ERP, warehouse and tax engine, without any strike. The memory of the hub and of
each worker is read as the kernel accounts it (proc(5), smaps_rollup): all that is resident (RSS), and what no other
process shares (USS). A process has grown when the median of the last quarter of the time lies above that of the quarter
that follows the warm-up by more than `GROWTH_SHARE` and `GROWTH_BYTES` together; then the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.chaos.programs import children
from bench.chaos.scene import DOCUMENTS_EACH, Scene, Settings, set_scene

__all__ = ["Samples", "soak"]

GROWTH_SHARE = 0.05
GROWTH_BYTES = 8 << 20
WARM_UP_SHARE = 0.25
HEAD = (
    "| process | RSS after warm-up | RSS at the end | USS after warm-up | USS at the end | peak RSS | grew |\n"
    + "|---" * 7
    + "|"
)
_MB = 1 << 20


@dataclass(slots=True)
class Samples:
    """Of one process, by time: ``rss`` and ``uss`` in bytes."""

    rss: list[int] = field(default_factory=list)
    uss: list[int] = field(default_factory=list)

    def add(self, pid: int) -> None:
        """As it is now. FileNotFoundError or ProcessLookupError where it has ended."""
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        found = {name: int(rest.split()[0]) << 10 for name, _, rest in (line.partition(":") for line in lines)}
        self.rss.append(found["Rss"])
        self.uss.append(found["Private_Clean"] + found["Private_Dirty"])

    def grown(self) -> int:
        """By how many bytes of its own more than is allowed; 0 or less where it is flat."""
        before, after = _ends(self.uss)
        return round(after - before * (1 + GROWTH_SHARE) - GROWTH_BYTES)

    def row(self, name: str) -> str:
        """Under `HEAD`."""
        cells = [f"{value / _MB:.1f} MB" for value in (*_ends(self.rss), *_ends(self.uss), max(self.rss))]
        return f"| {name} | " + " | ".join(cells) + f" | {'YES' if self.grown() > 0 else 'no'} |"


def soak(settings: Settings, folder: Path, every_seconds: float) -> tuple[dict[str, Samples], dict[str, Any]]:
    """Samples by process, and what was done meanwhile. Ends when all was sent and has come to rest; ``late`` says where
    that took too long."""
    samples: dict[str, Samples] = {}
    with ExitStack() as stack:
        scene = set_scene(settings, folder, stack)
        begun = time.monotonic()
        while time.monotonic() - begun < settings.send_seconds:
            scene.wait(every_seconds)
            for name, pid in _processes(scene).items():
                samples.setdefault(name, Samples()).add(pid)
        done: dict[str, Any] = {
            "seconds": round(time.monotonic() - begun),
            "orders": len(scene.plan.orders),
            "late": "",
        }
        try:
            scene.until(lambda: scene.sender.succeeded and scene.others["shipper"].succeeded, "all is sent")
        except TimeoutError as error:
            done["late"] = str(error)
        scene.hub.stop()
        audit = scene.hub.audit()
    return samples, {**done, **{name: audit.get(name) for name in ("received", "delivered", "dead", "balanced")}}


def _processes(scene: Scene) -> dict[str, int]:
    """The hub and its workers, oldest first; a restart would show as a fall."""
    assert scene.hub.process is not None
    workers = sorted(children(scene.hub.process.pid))
    return {"hub": scene.hub.process.pid, **{f"worker {number}": pid for number, pid in enumerate(workers, 1)}}


def _ends(values: list[int]) -> tuple[float, float]:
    """Medians of the quarter after the warm-up and of the last one."""
    begin, quarter = int(len(values) * WARM_UP_SHARE), max(1, len(values) // 4)
    return statistics.median(values[begin : begin + quarter]), statistics.median(values[-quarter:])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--orders-per-second", type=float, default=5.0)
    parser.add_argument("--ledger", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--broker", choices=["memory", "valkey"], default="memory")
    chosen = parser.parse_args()
    seconds = chosen.minutes * 60
    settings = Settings(
        ledger=chosen.ledger,
        broker=chosen.broker,
        workers=2 if chosen.broker == "valkey" else 0,
        messages=round(seconds * chosen.orders_per_second * DOCUMENTS_EACH),
        kills=0,
        drop=0.0,
        send_seconds=seconds,
    )
    with tempfile.TemporaryDirectory(prefix="crossdock-soak-", ignore_cleanup_errors=True) as folder:
        samples, done = soak(settings, Path(folder), max(0.5, seconds / 200))
    print(HEAD)
    for name, found in samples.items():
        print(found.row(name))
    print(json.dumps(done))
    bad = done["late"] or done["dead"] or not done["balanced"]
    return int(bool(bad) or any(found.grown() > 0 for found in samples.values()))


if __name__ == "__main__":
    sys.exit(main())
