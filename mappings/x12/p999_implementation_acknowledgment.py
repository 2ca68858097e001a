"""999 Implementation Acknowledgment ⇄ FunctionalAcknowledgment, from 005010 on.

It says what a 997 says, of X12 and of an implementation guide, and in CTX what a fault depends on and whose it is.
"""

from __future__ import annotations

from hub.canonical import FunctionalAcknowledgment
from hub.mapping.codecs import an, n0
from hub.mapping.notation import M, each, loop, row, skip, spread
from hub.mapping.x12_mapping import document
from mappings.x12.acknowledged import CONTEXT_NAME, FAULTS, POSITION
from mappings.x12.codes import DOCUMENT_STATUS, GROUP_STATUS

__all__ = ["IMPLEMENTATION_ACKNOWLEDGMENT"]

_CONTEXT = each(
    "CTX",
    "context[]",
    row("CTX01", "said", CONTEXT_NAME, M),
    row("CTX02", "segment", an),
    row("CTX03", "position", n0),
    row("CTX04", "loop", an),
    row("CTX05", "place", POSITION),
    skip("CTX06", why="the dictionary number follows from the position"),
)

IMPLEMENTATION_ACKNOWLEDGMENT = document(
    "999",
    group="FA",
    model=FunctionalAcknowledgment,
    rows=(
        row("AK101", "group_type", an, M),
        row("AK102", "group_control_number", an, M),
        row("AK103", "version", an),
        loop(
            "AK2",
            "documents[]",
            row("AK201", "document", an, M),
            row("AK202", "control_number", an, M),
            row("AK203", "convention", an),
            loop(
                "IK3",
                "errors[]",
                row("IK301", "segment", an, M),
                row("IK302", "position", n0, M),
                row("IK303", "loop", an),
                row("IK304", "code", an),
                _CONTEXT,
                loop(
                    "IK4",
                    "elements[]",
                    row("IK401", "place", POSITION, M),
                    skip("IK402", why="the dictionary number follows from the position"),
                    row("IK403", "code", an, M),
                    row("IK404", "value", an),
                    _CONTEXT,
                ),
                via=FAULTS,
            ),
            row("IK501", "status", DOCUMENT_STATUS, M),
            spread("IK502", "codes[]", an, across=5),
        ),
        row("AK901", "status", GROUP_STATUS, M),
        row("AK902", "included", n0, M),
        row("AK903", "received", n0, M),
        row("AK904", "accepted", n0, M),
        spread("AK905", "codes[]", an, across=5),
    ),
).at("005010")
