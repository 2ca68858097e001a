"""A problem in the words an analyst forwards to the partner as they are (P5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.visible import visible

__all__ = ["place", "problem_lines"]


def place(problem: Mapping[str, Any]) -> str:
    """``segment 6, DTM02`` or ``DTM`` or ``the file``: where it is, as 997 and people count."""
    name = problem["segment"]
    if problem["element"] is not None:
        name = f"{name}{problem['element']:02d}" if name else f"element {problem['element']}"
    if problem["component"] is not None:
        name += f"-{problem['component']}"
    if problem["position"] is not None:
        return f"segment {problem['position']}{', ' + name if name else ''}"
    return name or "the whole of it"


def problem_lines(problem: Mapping[str, Any], number: int, segment: str = "") -> list[str]:
    """Where, what was there, what is wrong, how to mend it, and the codes it causes in the acknowledgment.

    ``segment``: the segment's own text, where it is at hand.
    """
    margin = " " * (len(str(number)) + 2)
    loop = f" in loop {problem['loop']}" if problem["loop"] else ""
    lines = [f"{number}. {problem['severity']} at {place(problem)}{loop}: {problem['message']}"]
    if segment:
        label = "it reads:" if segment.startswith(problem["segment"]) else "stands there:"
        lines.append(f"{margin}{label:15} {segment}")
    if problem["value"] is not None:
        lines.append(f'{margin}value:          "{problem["value"]}"')
    if problem["fix"]:
        lines.append(f"{margin}how to mend it: {problem['fix']}")
    if problem["ack"]:
        codes = ", ".join(f"{name} {code}" for name, code in problem["ack"].items())
        lines.append(f"{margin}reported as:    {codes}")
    lines.append(f"{margin}code:           {problem['code']}")
    return [visible(line) for line in lines]
