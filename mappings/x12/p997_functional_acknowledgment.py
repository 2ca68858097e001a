"""997 Functional Acknowledgment ⇄ FunctionalAcknowledgment."""

from __future__ import annotations

from hub.canonical import FunctionalAcknowledgment
from hub.mapping.codecs import an, n0
from hub.mapping.notation import M, each, loop, row, skip, spread
from hub.mapping.x12_mapping import document
from mappings.x12.acknowledged import FAULTS, POSITION
from mappings.x12.codes import DOCUMENT_STATUS, GROUP_STATUS

__all__ = ["FUNCTIONAL_ACKNOWLEDGMENT"]

FUNCTIONAL_ACKNOWLEDGMENT = document(
    "997",
    group="FA",
    model=FunctionalAcknowledgment,
    rows=(
        row("AK101", "group_type", an, M),
        row("AK102", "group_control_number", an, M),
        skip("AK103", why="the version of the group, known from what we sent"),
        loop(
            "AK2",
            "documents[]",
            row("AK201", "document", an, M),
            row("AK202", "control_number", an, M),
            skip("AK203", why="the convention of the document, known from what we sent"),
            loop(
                "AK3",
                "errors[]",
                row("AK301", "segment", an, M),
                row("AK302", "position", n0, M),
                row("AK303", "loop", an),
                row("AK304", "code", an),
                each(
                    "AK4",
                    "elements[]",
                    row("AK401", "place", POSITION, M),
                    skip("AK402", why="the dictionary number follows from the position"),
                    row("AK403", "code", an, M),
                    row("AK404", "value", an),
                ),
                via=FAULTS,
            ),
            row("AK501", "status", DOCUMENT_STATUS, M),
            spread("AK502", "codes[]", an, across=5),
        ),
        row("AK901", "status", GROUP_STATUS, M),
        row("AK902", "included", n0, M),
        row("AK903", "received", n0, M),
        row("AK904", "accepted", n0, M),
        spread("AK905", "codes[]", an, across=5),
    ),
)
