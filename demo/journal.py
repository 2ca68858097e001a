"""What a counterparty knows: append-only JSON lines, each on disk before anybody is told."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["Journal", "Record", "read"]

Record = dict[str, Any]


class Journal:
    """One file, one writing process. ``lock`` guards whatever must be decided and recorded as one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.records: list[Record] = read(path)
        self._file = path.open("ab")
        self._mend(path)

    def append(self, event: str, **facts: Any) -> Record:
        """Adds ``{"event", "at", **facts}`` and returns once it is synced. Facts are JSON values."""
        record = {"event": event, "at": datetime.now(UTC).isoformat(), **facts}
        line = json.dumps(record, ensure_ascii=True).encode() + b"\n"
        with self.lock:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
            self.records.append(record)
        return record

    def all(self, event: str, **facts: Any) -> list[Record]:
        """The records of an event with these facts, oldest first."""
        with self.lock:
            return [
                record
                for record in self.records
                if record["event"] == event and all(record.get(key) == value for key, value in facts.items())
            ]

    def first(self, event: str, **facts: Any) -> Record | None:
        """The oldest record of an event with these facts."""
        return next(iter(self.all(event, **facts)), None)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _mend(self, path: Path) -> None:
        # A line that was torn by a kill was told to nobody: it is cut off.
        whole = path.read_bytes().rpartition(b"\n")
        if whole[2]:
            os.ftruncate(self._file.fileno(), len(whole[0]) + len(whole[1]))


def read(path: Path) -> list[Record]:
    """The whole lines of a journal, also while its owner writes on; none if there is no file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]
