"""Whether the hub can work, for those who ask every few seconds and must not wait: load balancers, supervisors."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

from hub.ledger import Ledger
from hub.web.query import totals

__all__ = ["Health"]

WAIT_SECONDS = 4.0
"""Less than those who ask usually wait, so that they get the reason."""

_Look = Future[tuple[int, dict[str, Any]] | Exception]


class Health:
    """Looks at the ledger in a thread of its own, one look at a time: a database that has frozen costs one connection,
    however often somebody asks. Used from one event loop."""

    def __init__(self, ledger: Ledger, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._ledger = ledger
        self._wait_seconds = wait_seconds
        self._last: _Look | None = None

    async def answer(self) -> tuple[int, dict[str, Any]]:
        """200 and ``{ok, counts}``, or 503 and ``{ok, trouble}`` while the ledger cannot be written or does not answer.

        Raises what looking raised.
        """
        try:
            look = asyncio.wrap_future(self._current())
        except RuntimeError as error:
            return 503, {"ok": False, "trouble": f"no thread could be started to look at the ledger: {error}"}
        await asyncio.wait({look}, timeout=self._wait_seconds)
        if not look.done():
            return 503, {"ok": False, "trouble": f"the ledger has not answered for {self._wait_seconds:g} seconds"}
        found = look.result()
        if isinstance(found, Exception):
            raise found
        return found

    def _current(self) -> _Look:
        last = self._last
        if last is None or last.done():
            last = Future()
            threading.Thread(target=self._run, args=(last,), name="health", daemon=True).start()
            self._last = last  # only now is there somebody who answers
        return last

    def _run(self, look: _Look) -> None:
        try:
            look.set_result(self._look())
        except Exception as error:  # noqa: BLE001 - whoever asks is told
            look.set_result(error)

    def _look(self) -> tuple[int, dict[str, Any]]:
        trouble = self._ledger.trouble()
        if trouble:
            return 503, {"ok": False, "trouble": trouble}
        return 200, {"ok": True, "counts": totals(self._ledger)}
