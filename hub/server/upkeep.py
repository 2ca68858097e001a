"""What a hub does for itself a few times a day: old payloads go to the archive, files that nothing owns are removed."""

from __future__ import annotations

import logging
import threading

from hub.contracts.partner import Retention
from hub.errors import CrossdockError, KeyConflict
from hub.ledger import Ledger

__all__ = ["Upkeep"]

_log = logging.getLogger("crossdock.upkeep")
_FIRST_SECONDS = 300.0
_EVERY_SECONDS = 6 * 3600.0
_DAY = 86_400.0


class Upkeep:
    """A thread beside the work. Of several hubs on one home, one at a time does it."""

    def __init__(
        self,
        ledger: Ledger,
        retention: Retention,
        *,
        first_seconds: float = _FIRST_SECONDS,
        every_seconds: float = _EVERY_SECONDS,
    ) -> None:
        self._ledger = ledger
        self._retention = retention
        self._pauses = (first_seconds, every_seconds)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end, and wait for a moment: what it is in the middle of may be left off anywhere."""
        self._stop.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        pause, every = self._pauses
        while not self._stop.wait(pause):
            pause = every
            try:
                self._look_after()
            except KeyConflict:
                continue
            except (CrossdockError, OSError) as error:
                _log.warning("payloads could not be moved to the archive: %s", error)
            except Exception:  # noqa: BLE001 - whatever it was, it is tried again the next time
                _log.exception("payloads could not be moved to the archive")

    def _look_after(self) -> None:
        days = self._retention.payload_days
        if days is None:
            moved = self._ledger.collect()
        else:
            moved = self._ledger.archive(self._ledger.now() - days * _DAY, self._retention.archive)
        if moved.payloads or moved.files:
            _log.info(
                "%d payloads archived in %d packs, %d files removed", moved.payloads, len(moved.packs), moved.files
            )
