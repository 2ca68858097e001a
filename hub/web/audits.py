"""The audit for those who ask by HTTP: it may take minutes, so it runs beside the requests, one at a time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any

from hub.ledger import Ledger

__all__ = ["Audits"]

WAIT_SECONDS = 5.0
GOOD_SECONDS = 60.0


@dataclass(slots=True)
class _Running:
    begun_at: float
    result: Future[dict[str, Any]] = field(default_factory=Future)
    step: str = ""
    rows: int = 0
    good_until: float = 0.0

    def told(self, step: str, rows: int) -> None:
        self.step, self.rows = step, rows


class Audits:
    """``wait_seconds``: how long a request waits for the result. A result is good for ``good_seconds``, then who asks
    has the next audit begun."""

    def __init__(
        self, ledger: Ledger, *, wait_seconds: float = WAIT_SECONDS, good_seconds: float = GOOD_SECONDS
    ) -> None:
        self._ledger = ledger
        self._wait_seconds, self._good_seconds = wait_seconds, good_seconds
        self._last: _Running | None = None
        self._lock = threading.Lock()

    def answer(self) -> tuple[int, dict[str, Any]]:
        """200 and the result of `Ledger.audit`, or 202 and ``{running, begun_at, step, rows}``: ask again later.

        ``begun_at``: seconds since 1970 UTC, of which the result tells. Raises what the audit raised.
        """
        audit = self._current()
        wait([audit.result], self._wait_seconds)
        if audit.result.done():
            return 200, {**audit.result.result(), "begun_at": audit.begun_at}
        return 202, {"running": True, "begun_at": audit.begun_at, "step": audit.step, "rows": audit.rows}

    def _current(self) -> _Running:
        with self._lock:
            last = self._last
            if last is None or (last.result.done() and time.monotonic() > last.good_until):
                last = self._last = _Running(self._ledger.now())
                threading.Thread(target=self._run, args=(last,), name="audit", daemon=True).start()
            return last

    def _run(self, audit: _Running) -> None:
        try:
            found = self._ledger.audit(audit.told)
            audit.good_until = time.monotonic() + self._good_seconds
            audit.result.set_result(found)
        except Exception as error:  # noqa: BLE001 - whoever asks is told
            audit.result.set_exception(error)
