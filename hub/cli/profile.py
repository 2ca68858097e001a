"""The partner that a verb is told of: its profile, and what is agreed with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import NotFound
from hub.places import config_directory, find_home

if TYPE_CHECKING:
    from hub.contracts.partner import Partner
    from hub.x12.agreement import Agreement

__all__ = ["agreement", "profile"]


def profile(home: Path | None, partner: str | None) -> Partner | None:
    """The profile of a partner of the home; None where none is named. Raises NotFound and Misconfigured."""
    if partner is None:
        return None
    from hub.runtime import load_config

    found = load_config(config_directory(find_home(home))).partners
    if partner not in found:
        raise NotFound(
            f"There is no partner {partner}; there are: {', '.join(sorted(found))}.", fix="Name one of them."
        )
    return found[partner]


def agreement(partner: Partner | None) -> Agreement | None:
    """How documents of this partner are read; None for X12 alone. Raises Misconfigured where its guide does not fit."""
    if partner is None:
        return None
    from hub.flow.agreement import agreement_with
    from mappings import GUIDES

    guide = GUIDES.get(partner.id)
    if guide is not None:
        guide.check()
    return agreement_with(partner, guide)
