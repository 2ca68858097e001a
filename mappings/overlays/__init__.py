"""What single partners do differently: named edits of the mappings, one partner a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.mapping.overlay import Edit
from mappings.overlays import bigbox

__all__ = ["OVERLAYS"]

OVERLAYS: Mapping[str, Mapping[str, Sequence[Edit]]] = {"bigbox": bigbox.EDITS}
"""Partner to mapping id to edits. A partner without an entry takes the standard mappings."""
