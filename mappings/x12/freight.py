"""What the carriers' documents 204, 990 and 210 share."""

from __future__ import annotations

from hub.mapping.codecs import an, code
from hub.mapping.notation import Node, const, pairs, row

__all__ = ["CONTACT", "WEIGHT_UNIT"]

WEIGHT_UNIT = code({"L": "LBR", "K": "KGM", "E": "TNE", "S": "STN", "G": "GRM", "O": "ONZ"})
"""188 to Recommendation 20."""

CONTACT: tuple[Node, ...] = (
    const(
        "G6101",
        "IC",
        also=("CN", "DC", "DI", "RE", "SH", "SD", "OC", "HM", "LO"),
        why="whom to ask is what counts, not in which department",
    ),
    row("G6102", "contact.name", an),
    pairs("G6103", ("TE", "contact.telephone", an), ("EM", "contact.electronic_mail", an), most=1),
)
"""A contact needs a name, and has room for a telephone or an address for mail."""
