"""What this machine has spent so far, as Linux tells it (proc(5))."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["Spent", "cpu_seconds", "machine_seconds"]

_TICKS = os.sysconf("SC_CLK_TCK")


class Spent(NamedTuple):
    """Seconds of processors: ``busy`` with this machine's processes and kernel, ``stolen`` by its host for others."""

    busy: float
    stolen: float

    def since(self, before: Spent) -> Spent:
        return Spent(self.busy - before.busy, self.stolen - before.stolen)


def machine_seconds() -> Spent:
    """Since the machine was started."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split(maxsplit=9)[1:9])
    return Spent((user + nice + system + irq + softirq) / _TICKS, steal / _TICKS)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
