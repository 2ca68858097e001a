"""Line numbers, for documents that may leave them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.contracts.mapping import Context

__all__ = ["WHY_NUMBERED", "numbered"]

WHY_NUMBERED = "a line without a number is known by its place; later documents need a number to name it"


def numbered(data: Mapping[str, Any], _: Context) -> Any:
    """The lines, each with a ``line_id``: its own, or its place, or the next number that no line has."""
    lines: list[dict[str, Any]] = data["lines"]
    if all("line_id" in line for line in lines):
        return lines
    taken = {line["line_id"] for line in lines if "line_id" in line}
    for index, line in enumerate(lines, 1):
        if "line_id" not in line:
            number = index
            while str(number) in taken:
                number += 1
            line["line_id"] = str(number)
            taken.add(line["line_id"])
    return lines
