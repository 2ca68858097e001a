"""What differs between the bytes of then and the bytes of today: by segment and element in X12, by path in JSON."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import Any

from hub.errors import BadDocument
from hub.mapping.json_text import loads

__all__ = ["differences"]

SHOWN_MAX = 200
_ENVELOPE = frozenset({"ISA", "GS", "GE", "IEA"})
_ISA_BYTES = 106

Difference = dict[str, Any]


def differences(was: bytes, now: bytes) -> list[Difference]:
    """At most 200 differences, in order; none where only the envelope's ids, numbers and times differ.

    X12: ``{segment, position, element, was, now}``, ``position`` counts segments from ST as 1, in the bytes of today
    (of then, where a segment is gone); ``element`` is None where a whole segment came or went. JSON: ``{path, was,
    now}``. None stands for what is not there.
    """
    if was == now:
        return []
    if was[:3] == b"ISA" == now[:3] and min(len(was), len(now)) >= _ISA_BYTES:
        return list(islice(_x12(_segments(was), _segments(now)), SHOWN_MAX))
    try:
        return list(islice(_json("", loads(was), loads(now)), SHOWN_MAX))
    except BadDocument:
        return [{"path": "", "was": f"{len(was)} bytes", "now": f"{len(now)} other bytes"}]


def _segments(data: bytes) -> list[list[str]]:
    """The segments inside the envelope; delimiters are at their fixed places in ISA (X12.5)."""
    text = data.decode("latin-1")
    element, terminator = text[3], text[_ISA_BYTES - 1]
    found = [piece.strip("\r\n\t ").split(element) for piece in text.split(terminator)]
    return [segment for segment in found if segment[0] and segment[0] not in _ENVELOPE]


def _x12(was: list[list[str]], now: list[list[str]]) -> Iterator[Difference]:
    before, after = ["*".join(segment) for segment in was], ["*".join(segment) for segment in now]
    for what, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        for index, (old, new) in enumerate(zip_longest(was[first:last], now[begin:end])):
            if old is not None and new is not None and old[0] == new[0]:
                yield from _elements(old, new, begin + index + 1)
                continue
            if old is not None:
                yield _whole(old, first + index + 1, was="*".join(old))
            if new is not None:
                yield _whole(new, begin + index + 1, now="*".join(new))


def _whole(segment: list[str], position: int, *, was: str | None = None, now: str | None = None) -> Difference:
    return {"segment": segment[0], "position": position, "element": None, "was": was, "now": now}


def _elements(was: list[str], now: list[str], position: int) -> Iterator[Difference]:
    for number, (old, new) in enumerate(zip_longest(was, now)):
        if old != new:
            yield {"segment": now[0], "position": position, "element": number, "was": old, "now": new}


def _json(path: str, was: Any, now: Any) -> Iterator[Difference]:
    if isinstance(was, dict) and isinstance(now, dict):
        for name in [*was, *(name for name in now if name not in was)]:
            yield from _json(f"{path}.{name}" if path else name, was.get(name), now.get(name))
    elif isinstance(was, list) and isinstance(now, list):
        for index, (old, new) in enumerate(zip_longest(was, now)):
            yield from _json(f"{path}[{index}]", old, new)
    elif was != now:
        yield {"path": path, "was": was, "now": now}
