"""Where a reading keeps what it goes along with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Cells"]


@dataclass(frozen=True, slots=True)
class Cells:
    """Where things are in ``c``: block objects first, then these."""

    blocks: int

    @property
    def loose(self) -> int:
        return self.blocks

    @property
    def currency(self) -> int:
        return self.blocks + 1

    @property
    def context(self) -> int:
        return self.blocks + 2

    @property
    def trace(self) -> int:
        return self.blocks + 3

    @property
    def nodes(self) -> int:
        return self.blocks + 4

    def marker(self, index: int) -> int:
        return self.blocks + 5 + index

    def make(self, root: dict[str, Any], currency: str, context: Any, trace: Any, markers: int) -> list[Any]:
        return [root, *[None] * (self.blocks - 1), [], currency, context, trace, {"": (0, root)}, *[0] * markers]
