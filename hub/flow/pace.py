"""How quick far ends answer: no more is claimed for one than it takes in about a second.

A claim keeps its thread to the end. Of a far end that takes seconds for a call, forty claimed at once would keep one
from everybody else for minutes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

__all__ = ["TURN_SECONDS", "Pace"]

TURN_SECONDS = 1.0
"""How long one claim may keep a thread, but for the call that is under way."""


@dataclass(slots=True)
class Pace:
    """``seconds``: for a call to one far end, the quicker of the last two, so that one which met a moment of trouble
    says nothing; 0 while fewer were made."""

    seconds: float = 0.0
    last: float = 0.0

    def note(self, seconds: float) -> None:
        """How long one call took."""
        self.seconds, self.last = min(self.last, seconds), seconds

    @property
    def calls(self) -> int:
        """How many there is time for in a turn; at least one."""
        return max(1, int(TURN_SECONDS / self.seconds)) if self.seconds else sys.maxsize
