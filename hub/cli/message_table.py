"""A list of messages for people."""

from __future__ import annotations

from typing import Any

from hub.cli.output import table

__all__ = ["message_table"]


def message_table(lines: list[dict[str, Any]], indent: int = 0) -> None:
    """Prints objects of `hub.web.shapes.message_line`."""
    table(
        ("id", "kind", "type", "partner", "endpoint", "state", "changed", "detail"),
        [
            (
                line["id"],
                line["kind"],
                line["type"],
                line["partner"],
                line["endpoint"],
                line["state"],
                line["changed_at"][:19].replace("T", " "),
                line["waits"] or line["detail"] or line["cause"],
            )
            for line in lines
        ],
        empty="No messages.",
        indent=indent,
    )
