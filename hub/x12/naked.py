"""Documents and groups that come without ISA, from networks that take it off: read by what was agreed."""

from __future__ import annotations

import re

from hub.x12.agreement import Naked
from hub.x12.document import Delimiters
from hub.x12.header import Header
from hub.x12.problems import found

__all__ = ["header_of", "is_naked"]

_TAGS = (b"ST", b"GS")


def is_naked(data: bytes, at: int, naked: Naked | None) -> bool:
    """Whether ST or GS stands here with the agreed separator, and it is agreed that they may."""
    if naked is None:
        return False
    separator = naked.delimiters.element.encode()
    return any(data.startswith(tag + separator, at) for tag in _TAGS)


def header_of(naked: Naked, data: bytes, at: int) -> Header:
    """What an ISA at ``data[at]`` would have said, as far as it was agreed; the ids stay empty."""
    delimiters: Delimiters = naked.delimiters
    element, terminator = delimiters.element.encode(), delimiters.segment.encode()
    first = data.find(terminator, at)
    pad = re.compile(rb"[\r\n]*").match(data, first + len(terminator)) if first >= 0 else None
    isa = [""] * 17
    isa[0], isa[12] = "ISA", naked.version[:5]
    what = "A document (ST)" if data.startswith(b"ST", at) else "A group (GS)"
    message = f"{what} comes without ISA; it is read with the delimiters that were agreed."
    problem = found("naked_documents", message, severity="note", segment=data[at : at + 2].decode("ascii"))
    return Header(isa, delimiters, element, terminator, pad.group() if pad else b"", at, [problem])
