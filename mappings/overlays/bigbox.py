"""BigBox, the retailer of the demo: department, ship-to and price are a must on its orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.mapping.overlay import Edit, require, variation

__all__ = ["EDITS"]

EDITS: Mapping[str, Sequence[Edit]] = {
    "x12/850": (
        require("REF[DP]02", why="BigBox bills by department: an order without one cannot be invoiced (guide 4.2)"),
        require("N1[ST]", why="every BigBox order goes to one store or distribution centre (guide 3.1)"),
        require(
            "PO1/PO104",
            why="BigBox orders at agreed prices, and says them (guide 5.3)",
            grade=variation("edi-operations"),
        ),
    ),
}
