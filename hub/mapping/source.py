"""Python source made from rows, and compiled; tracebacks show its lines."""

from __future__ import annotations

import itertools
import linecache
from typing import Any

__all__ = ["Source"]

_NUMBERS = itertools.count(1)


class Source:
    """Lines and the objects that they name. Nothing in it ever comes from a document."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._lines: list[str] = []
        self._names = dict(names)
        self._given: dict[int, str] = {}

    def add(self, depth: int, line: str) -> None:
        """A line, indented."""
        self._lines.append("    " * depth + line)

    def name(self, thing: Any) -> str:
        """A name for an object that the source uses."""
        known = self._given.get(id(thing))
        if known is None:
            known = self._given[id(thing)] = f"_{len(self._given)}"
            self._names[known] = thing
        return known

    def functions(self, title: str) -> dict[str, Any]:
        """Compile; the functions by name."""
        text = "\n".join(self._lines) + "\n"
        file = f"<mapping {title} {next(_NUMBERS)}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        space = dict(self._names)
        exec(compile(text, file, "exec"), space)  # noqa: S102 - source made of our own rows, never of input
        return space
