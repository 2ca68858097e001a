"""Wire paths of the notation: ``BEG03``, ``REF[DP]02``, ``HL[03=S]``, ``N1[ST]``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub.errors import Misconfigured

__all__ = ["Wire", "parse"]

_QUALIFIER_AT = {"HL": 3}
_QUALIFIER = r"(?:\[(?:(?P<at>\d\d)=)?(?P<value>[^\]]+)\])?"
_ROW = re.compile(rf"(?P<tag>[A-Z][A-Z0-9]{{1,2}}){_QUALIFIER}(?P<element>\d\d)")
_LOOP = re.compile(rf"(?P<tag>[A-Z][A-Z0-9]{{1,2}}){_QUALIFIER}")


@dataclass(frozen=True, slots=True)
class Wire:
    """``element`` 0 stands for the segment as a whole; ``qualifier``: element number and value, or None."""

    tag: str
    qualifier: tuple[int, str] | None
    element: int

    def __str__(self) -> str:
        return self.head + (f"{self.element:02d}" if self.element else "")

    @property
    def head(self) -> str:
        """The segment with its qualifier, as written in the notation."""
        if self.qualifier is None:
            return self.tag
        at, value = self.qualifier
        prefix = "" if at == _QUALIFIER_AT.get(self.tag, 1) else f"{at:02d}="
        return f"{self.tag}[{prefix}{value}]"


def parse(text: str, *, loop: bool = False) -> Wire:
    """A row's path ends in an element, a loop's does not. Raises Misconfigured."""
    match = (_LOOP if loop else _ROW).fullmatch(text)
    if match is None:
        raise Misconfigured(
            f"{text!r} is no {'loop' if loop else 'element'} path",
            fix="write N1[ST] for a loop" if loop else "write BEG03 or REF[DP]02",
        )
    tag, at, value = match["tag"], match["at"], match["value"]
    qualifier = (int(at) if at else _QUALIFIER_AT.get(tag, 1), value) if value else None
    return Wire(tag, qualifier, 0 if loop else int(match["element"]))
