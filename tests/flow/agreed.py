"""Changing what is agreed with the retailer, what it sends, and seeing what it is told."""

from __future__ import annotations

from typing import Any

from demo import x12
from tests.flow.world import World


def agree(world: World, **settings: Any) -> None:
    """Change settings of the partner's ``[x12]``."""
    partner = world.hub.partners["bigbox"]
    changed = partner.model_copy(update={"x12": partner.x12.model_copy(update=settings)})
    world.hub.partners["bigbox"] = changed  # type: ignore[index]


def replaced(data: bytes, *pairs: tuple[bytes, bytes]) -> bytes:
    for old, new in pairs:
        assert old in data
        data = data.replace(old, new)
    return data


def answer(world: World, set_id: str = "997") -> x12.Document:
    (found,) = world.outbox(set_id)
    return found.documents[0]
