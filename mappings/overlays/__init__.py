"""What single partners do differently, one partner a file: rules that narrow X12, and named edits of the mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.mapping.overlay import Edit
from hub.x12.guide import Guide
from mappings.overlays import bigbox

__all__ = ["GUIDES", "OVERLAYS"]

GUIDES: Mapping[str, Guide] = {"bigbox": bigbox.GUIDE}
"""Partner to its guide: what its documents must hold beyond X12, or may. Checked when the hub starts."""

OVERLAYS: Mapping[str, Mapping[str, Sequence[Edit]]] = {"bigbox": bigbox.EDITS}
"""Partner to mapping id to edits. A partner without an entry takes the standard mappings."""
