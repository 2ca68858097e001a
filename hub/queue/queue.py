"""The queue: hints say that a stage has work, threads follow them, and a sweeper hints what nobody hinted.

The ledger decides what is done and by whom; a hint that is lost, doubled or late changes nothing but the time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

from hub.errors import Unreachable
from hub.ledger import Swept
from hub.queue.broker import is_shared
from hub.queue.hints import Hints
from hub.queue.lanes import LANES, Lane, lane_of, lanes_from_environment, threads_of

__all__ = ["Queue"]

_log = logging.getLogger("crossdock.queue")
_SLICE_SECONDS = 1.0
"""How long one stage keeps a thread while others wait."""
_SLOW_SECONDS = 2.0
"""A stage whose work took longer the last time waits for others. Files are worked on here, however long they take."""
_SHARED_WINDOW_SECONDS = 0.05
_SWEEP_PAUSE_SECONDS = 0.05
_SWEEP_PAUSES = 30
"""A sweep is followed by a pause of so many times what it took, at least `_SWEEP_PAUSE_SECONDS` and at most
`_IDLE_SECONDS`: a ledger that is slow because it is busy is not made busier."""
_REHINT_SECONDS = 0.25
_IDLE_SECONDS = 1.0
_BROKER_DOWN_SECONDS = 1.0


class Queue:
    """Runs stages when they have work.

    ``url``: empty for the broker inside this process, see `hub.queue.broker`. ``run(stage)``: claims and does some or
    all of the work of a stage; how many messages it worked on. ``sweep()``: `Ledger.sweep`. ``threads``: for
    documents and deliveries together; 0 for a process that only hints. ``lanes``: those this process works in.
    """

    def __init__(
        self,
        url: str,
        run: Callable[[str], int],
        sweep: Callable[[], Swept],
        *,
        threads: int = 8,
        lanes: Collection[str] | None = None,
        namespace: str = "crossdock",
    ) -> None:
        self._run = run
        self._sweep = sweep
        self._threads = threads
        self._shared = is_shared(url)
        self._working_lanes = tuple(lanes_from_environment() if lanes is None else lanes) if threads else ()
        self._hints = Hints(time.monotonic, _SHARED_WINDOW_SECONDS if self._shared else None)
        self._lanes = {name: Lane(name, url, namespace, self._follow) for name in LANES}
        self._busy: dict[str, int] = {}
        self._slow: set[str] = set()
        self._turned_away: dict[str, None] = {}
        self._busy_lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._broker_down_until = 0.0
        self._hinted_at: dict[str, float] = {}
        self._sweeper = threading.Thread(target=self._sweep_forever, name="queue-sweeper", daemon=True)

    def hint(self, stage: str) -> None:
        """A stage has work: ``interchange``, ``document``, ``delivery:<endpoint>`` or ``solo``. Never raises."""
        if self._is_reachable(stage) and self._hints.offer(stage):
            self._send(stage)
        self._wake.set()

    def start(self) -> None:
        """Starts the threads of this process's lanes, and the sweeper."""
        shares = threads_of(self._threads)
        for name in self._working_lanes:
            self._lanes[name].start(shares[name])
        if self._working_lanes:
            self._sweeper.start()

    def stop(self, timeout_seconds: float = 20.0) -> None:
        """Takes no more work, lets what is being worked on come to its end for so long, and ends the threads."""
        until = time.monotonic() + timeout_seconds
        self._stopping.set()
        self._wake.set()
        if self._sweeper.is_alive():
            self._sweeper.join(timeout_seconds)
        with ThreadPoolExecutor(len(self._lanes)) as pool:
            list(pool.map(lambda lane: lane.stop(until - time.monotonic()), self._lanes.values()))

    def _follow(self, stage: str) -> None:
        """What a thread does with a hint: works on the stage until it has nothing more, or others have waited long."""
        self._hints.taken(stage)
        if self._stopping.is_set() or not self._enter(stage):
            return
        until = time.monotonic() + _SLICE_SECONDS
        again = False
        try:
            while self._timed(stage) > 0:
                if self._stopping.is_set():
                    break
                if time.monotonic() > until:
                    again = True
                    break
        except Unreachable as error:
            _log.warning("work on stage %s was interrupted: %s", stage, error.message)
        except Exception:  # noqa: BLE001 - whatever it was, the ledger still has the work and the sweeper hints it
            _log.exception("work on stage %s was interrupted", stage)
        finally:
            first = self._leave(stage)
        for one in (*first, *([stage] if again else [])):
            self.hint(one)

    def _timed(self, stage: str) -> int:
        """Works on a stage, and notes whether it was slow; one that had nothing to do shows nothing."""
        begun = time.monotonic()
        count = self._run(stage)
        if count and stage != "interchange":
            with self._busy_lock:
                (self._slow.add if time.monotonic() - begun > _SLOW_SECONDS else self._slow.discard)(stage)
        return count

    def _enter(self, stage: str) -> bool:
        """Slow stages leave threads to the others: one endpoint gets at most half of those for deliveries and not the
        last that is free, and stages known to be slow get all but one together, in turns."""
        lane = lane_of(stage)
        threads = threads_of(self._threads)[lane]
        with self._busy_lock:
            busy = self._busy.get(stage, 0)
            at_work = {name: count for name, count in self._busy.items() if lane_of(name) == lane}
            free = threads - sum(at_work.values())
            if lane == "delivery" and busy and (busy >= max(1, threads // 2) or free <= 1):
                return False
            slow = sum(count for name, count in at_work.items() if name in self._slow)
            if stage in self._slow and slow >= max(1, threads - 1):
                self._turned_away[stage] = None
                return False
            self._turned_away.pop(stage, None)
            self._busy[stage] = busy + 1
            return True

    def _leave(self, stage: str) -> list[str]:
        """Those that were turned away, whose turn comes before that of a stage which has just had one."""
        with self._busy_lock:
            self._busy[stage] -= 1
            if not self._busy[stage]:
                del self._busy[stage]
            return [one for one in self._turned_away if lane_of(one) == lane_of(stage)]

    def _is_reachable(self, stage: str) -> bool:
        """Whether anybody could hear a hint: another process by a shared broker, or a lane of this one."""
        if self._stopping.is_set():
            return False
        return self._shared or lane_of(stage) in self._working_lanes

    def _send(self, stage: str) -> None:
        if time.monotonic() < self._broker_down_until:
            return
        try:
            self._lanes[lane_of(stage)].send(stage)
        except Exception as error:  # noqa: BLE001 - each broker has errors of its own; the sweeper hints again
            self._broker_down_until = time.monotonic() + _BROKER_DOWN_SECONDS
            self._hints.taken(stage)
            _log.warning("the broker does not take hints (%s); the sweeper sends them again", type(error).__name__)

    def _sweep_forever(self) -> None:
        pause = took = 0.0
        while not self._stopping.is_set():
            self._wake.wait(pause)
            self._wake.clear()
            if self._stopping.wait(min(max(_SWEEP_PAUSE_SECONDS, took * _SWEEP_PAUSES), _IDLE_SECONDS)):
                return
            begun = time.monotonic()
            try:
                pause = self._sweep_once()
            except Unreachable as error:
                _log.warning("sweeping waits: %s", error.message)
                pause = _IDLE_SECONDS
            except Exception:  # noqa: BLE001 - the sweeper must be there when the database comes back
                _log.exception("sweeping failed; it goes on")
                pause = _IDLE_SECONDS
            took = time.monotonic() - begun

    def _sweep_once(self) -> float:
        """Sweeps and hints; how long to wait for the next time, in seconds."""
        for stage in self._hints.overdue():
            self.hint(stage)
        swept = self._sweep()
        now = time.monotonic()
        for stage in swept.stages:
            if now - self._hinted_at.get(stage, 0.0) >= _REHINT_SECONDS:
                self._hinted_at[stage] = now
                if self._is_reachable(stage) and self._hints.offer(stage):
                    self._send(stage)
        self._hinted_at = {stage: at for stage, at in self._hinted_at.items() if now - at < _IDLE_SECONDS}
        waits = [_IDLE_SECONDS, *([swept.next_seconds] if swept.next_seconds is not None else [])]
        if swept.stages:
            waits.append(_REHINT_SECONDS)
        if self._hints.any_held_back():
            waits.append(_SHARED_WINDOW_SECONDS)
        return min(waits)
