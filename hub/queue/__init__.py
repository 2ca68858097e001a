"""Hints, the threads that follow them, the sweeper and worker processes. The only importer of Dramatiq and Redis."""

from __future__ import annotations

from hub.queue.queue import Queue
from hub.queue.supervisor import Supervisor

__all__ = ["Queue", "Supervisor"]
