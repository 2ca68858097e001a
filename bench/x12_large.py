"""Large interchanges through the command, with the peak of memory: ``python -m bench.x12_large [MEGABYTES…]``.

Each is written to a temporary file from seeded 850s of 20 lines in groups of a thousand, given to `crossdock inspect
--json` and to `crossdock translate --json`, and removed. Peak memory is what the system reports of the process (as
`/usr/bin/time -v` does); time is its CPU time, so that other load on the machine counts little.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.x12_read import order

SIZES = (1, 10, 100, 1000)
PEAK_MAX = 80 << 20
_A_GROUP = 1000


def write(path: Path, size: int) -> int:
    """Writes one interchange of at least ``size`` bytes; how many documents it holds."""
    pick = random.Random(850)
    bodies = [order(pick) for _ in range(500)]
    count = groups = 0
    with path.open("w", encoding="ascii", newline="") as file:
        file.write("ISA*00*          *00*          *ZZ*BIGBOX         *ZZ*CROSSDOCK      *260105*1200*U*00401*")
        file.write("000000001*0*T*>~")
        while file.tell() < size:
            groups += 1
            file.write(f"GS*PO*BIGBOX*CROSSDOCK*20260105*1200*{groups}*X*004010~")
            for number in range(1, _A_GROUP + 1):
                body = bodies[count % len(bodies)]
                count += 1
                file.write("~".join([f"ST*850*{number:04d}", *body[1:], f"SE*{len(body) + 1}*{number:04d}~"]))
                if file.tell() >= size:
                    break
            file.write(f"GE*{number}*{groups}~")
        file.write(f"IEA*{groups}*000000001~")
    return count


def run(verb: str, path: Path) -> tuple[float, int]:
    """CPU seconds and peak bytes of one command; raises SystemExit where it fails."""
    command = [sys.executable, "-m", "hub.cli", verb, "--json", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{verb} left with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def rows(sizes: tuple[int, ...]) -> Iterator[str]:
    yield "| size | documents | verb | CPU s | MB a CPU s | peak MB |"
    yield "|---|---|---|---|---|---|"
    for megabytes in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "large.edi"
            documents = write(path, megabytes * 1_000_000)
            for verb in ("inspect", "translate"):
                seconds, peak = run(verb, path)
                if peak > PEAK_MAX:
                    raise SystemExit(f"{verb} of {megabytes} MB took {peak >> 20} MiB at its peak")
                yield (
                    f"| {megabytes} MB | {documents} | {verb} | {seconds:.1f} | {megabytes / seconds:.1f} |"
                    f" {peak / 1e6:.0f} |"
                )


def main() -> None:
    chosen = tuple(int(argument) for argument in sys.argv[1:]) or SIZES
    for line in rows(chosen):
        print(line, flush=True)


if __name__ == "__main__":
    main()
