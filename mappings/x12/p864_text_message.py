"""864 Text Message ⇄ TextMessage."""

from __future__ import annotations

from hub.canonical import TextMessage
from hub.mapping.codecs import an, code, n0
from hub.mapping.notation import M, each, loop, row
from hub.mapping.x12_mapping import document
from mappings.x12.related import DATES, PARTIES
from mappings.x12.words import SENT_FOR

__all__ = ["TEXT_MESSAGE"]

SPACING = code(
    {
        "SS": "NEW_LINE",
        "DS": "TWO_LINES",
        "AT": "THREE_LINES",
        "AA": "COUNTED_LINES",
        "NP": "NEW_PAGE",
        "NS": "SAME_LINE",
        "LC": "CONTINUED",
    },
    others=True,
)
"""934."""

TEXT_MESSAGE = document(
    "864",
    group="TX",
    model=TextMessage,
    rows=(
        row("BMG01", "purpose", SENT_FOR, M),
        row("BMG02", "subject", an),
        row("BMG03", "type_code", an),
        DATES,
        PARTIES,
        loop(
            "MIT",
            "sections[]",
            row("MIT01", "id", an, M),
            row("MIT02", "subject", an),
            row("MIT03", "page_width", n0),
            row("MIT04", "page_length", n0),
            each(
                "MSG",
                "lines[]",
                row("MSG01", "text", an, M),
                row("MSG02", "spacing", SPACING),
                row("MSG03", "advance", n0),
            ),
        ),
    ),
)
