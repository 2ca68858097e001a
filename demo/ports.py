"""Loopback ports for one run: a block of neighbours, guarded so that two runs side by side never share one.

Blocks lie below the range from which systems take ports for outgoing connections (RFC 6335 section 6; Linux begins at
32768): a port there could be taken by a connection while its program is being started again.
"""

from __future__ import annotations

import random
import socket
from dataclasses import dataclass
from typing import Self

__all__ = ["NAMES", "Ports"]

NAMES = ("hub", "mailbox", "retailer", "erp", "warehouse", "tax", "carrier")
FIRST, LAST, WIDTH = 20_000, 32_000, 10
TRIES = 200


@dataclass(frozen=True, slots=True)
class Ports:
    """A block. Its last port is the guard, held by the run for as long as it lasts."""

    base: int
    guard: socket.socket

    def __getitem__(self, name: str) -> int:
        return self.base + NAMES.index(name)

    @classmethod
    def reserve(cls, remembered: int = 0) -> Self:
        """The block of an earlier start if it is free, else another one. Raises OSError if none is."""
        blocks = range(FIRST, LAST, WIDTH)
        for base in [remembered, *random.SystemRandom().sample(blocks, TRIES)]:
            guard = _listen(base + WIDTH - 1) if base in blocks else None
            if guard is None:
                continue
            if all(_is_free(base + index) for index in range(len(NAMES))):
                return cls(base, guard)
            guard.close()
        raise OSError("no free ports were found on loopback")

    def release(self) -> None:
        """Let others have the block."""
        self.guard.close()


def _listen(port: int) -> socket.socket | None:
    guard = socket.socket()
    try:
        guard.bind(("127.0.0.1", port))
        guard.listen()
    except OSError:
        guard.close()
        return None
    return guard


def _is_free(port: int) -> bool:
    # As servers bind: connections of an earlier start that linger in TIME_WAIT do not count.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
