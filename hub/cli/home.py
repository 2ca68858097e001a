"""The hub that a verb works with, opened for reading and small changes while the hub itself may run."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.runtime import Hub

__all__ = ["opened"]


def opened(home: Path | None) -> AbstractContextManager[Hub]:
    """The hub of ``--home``; raises NotFound where there is none and Misconfigured where its settings are wrong."""
    from hub.runtime import find_home, open_hub

    return open_hub(find_home(home))
