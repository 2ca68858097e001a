"""BigBox, the retailer of the demo: its guide, and that department, ship-to and price are a must on its orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.mapping.overlay import Edit, require, variation
from hub.x12.guide import Guide, Rule

__all__ = ["EDITS", "GUIDE"]

GUIDE = Guide(
    "bigbox",
    {
        "850": (
            Rule("BEG03", longest=20, why="the order number is printed on every carton label (guide 4.1)"),
            Rule("N1[ST]/N104", usage="must", why="a store is known by its number (guide 3.1)"),
            Rule("PO1/PO103", codes=("EA", "CA", "DZ"), why="orders are in pieces, cases or dozens (guide 5.2)"),
        )
    },
)

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
