"""Lanes: groups of threads that do not stand in each other's way.

``flow`` takes interchanges and documents apart, ``delivery`` talks to far ends, ``solo`` works alone on messages whose
worker died.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import dramatiq

from hub.queue.broker import new_broker

__all__ = ["LANES", "Lane", "lane_of", "lanes_from_environment", "threads_of"]

LANES = ("flow", "delivery", "solo")
_IDLE_MILLISECONDS = 500
"""How often a thread without a hint looks whether it should end; a hint wakes it at once."""


def lane_of(stage: str) -> str:
    """The lane a stage belongs to."""
    if stage == "solo":
        return "solo"
    return "delivery" if stage.startswith("delivery:") else "flow"


def lanes_from_environment() -> tuple[str, ...]:
    """``$CROSSDOCK_LANES``, by which the supervisor gives the solo lane a process of its own; all when unset."""
    named = os.environ.get("CROSSDOCK_LANES", "")
    return tuple(lane for lane in LANES if not named or lane in named.split(","))


def threads_of(threads: int) -> Mapping[str, int]:
    """How ``threads`` are shared out: documents need the processor, deliveries wait for others, solo is one thread."""
    flow = max(1, threads * 3 // 8)
    return {"flow": flow, "delivery": max(1, threads - flow), "solo": 1}


class Lane:
    """A queue of hints, and the threads that follow them."""

    def __init__(self, name: str, url: str, namespace: str, follow: Callable[[str], None]) -> None:
        self._name = name
        self._broker = new_broker(url, namespace)
        self._worker: dramatiq.Worker | None = None

        @dramatiq.actor(actor_name=f"{namespace}.{name}", queue_name=f"{namespace}.{name}", broker=self._broker)
        def hinted(stage: str) -> None:
            follow(stage)

        self._actor = hinted

    def send(self, stage: str) -> None:
        """Sends a hint; raises whatever the broker's client raises."""
        self._actor.send(stage)

    def start(self, threads: int) -> None:
        self._worker = dramatiq.Worker(self._broker, worker_threads=threads, worker_timeout=_IDLE_MILLISECONDS)
        self._worker.start()

    def stop(self, timeout_seconds: float) -> None:
        """Waits for what is being worked on, at most so long."""
        if self._worker is not None:
            self._worker.stop(timeout=max(1, int(timeout_seconds * 1000)))
            self._worker = None
        self._broker.close()
