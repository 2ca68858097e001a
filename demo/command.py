"""``crossdock`` run as a person would run it, without waiting for it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Commands", "Outcome"]

LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended; ``data`` is what ``--json`` printed, None if that was no JSON."""

    code: int
    data: Any
    words: str


@dataclass(slots=True)
class Commands:
    """Commands under way in one home, by their words."""

    home: Path
    _running: dict[tuple[str, ...], subprocess.Popen[str]] = field(default_factory=dict)

    def run(self, *words: str) -> Outcome | None:
        """Starts ``crossdock WORDS --json --home HOME``, or looks how far it is; None until it has ended."""
        process = self._running.get(words)
        if process is None:
            program = [sys.executable, "-m", "hub.cli", *words, "--json", "--home", str(self.home)]
            self._running[words] = subprocess.Popen(  # noqa: S603  the program is our own
                program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            return None
        if process.poll() is None:
            return None
        del self._running[words]
        output, errors = process.communicate(timeout=LONGEST_SECONDS)
        try:
            data = json.loads(output)
        except ValueError:
            data = None
        return Outcome(process.returncode, data, errors.strip()[-500:])

    def stop(self) -> None:
        """End whatever is under way."""
        for process in self._running.values():
            process.kill()
            process.communicate()
        self._running.clear()
