"""One change to every document that matches: ``set N104 = 0042 where N101 = ST and N104 = 42``, on X12 bytes.

Elements are named as in the standard: segment, two digits, and ``-n`` for a component. Conditions on the segment that
is set hold for that very segment; conditions on another one hold for the document: one such segment is enough. Each
document of a file is judged by itself. The document's own delimiters and charset are used, everything else stays byte
for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hub.errors import BadDocument, Misconfigured
from hub.x12.document import Delimiters

__all__ = ["Element", "Rule", "apply_rule", "parse_rule"]

RULE_MAX = 1000
_BLANK = "\r\n\t "
_ELEMENT = r"(?P<{0}segment>[A-Z][A-Z0-9]{{1,2}})(?P<{0}element>\d\d)(?:-(?P<{0}component>\d\d?))?"
_VALUE = r"(?P<{0}value>'[^']*'|\"[^\"]*\"|\S+)"
_SET = re.compile(
    r"\s*set\s+" + _ELEMENT.format("") + r"\s*=\s*" + _VALUE.format("") + r"(?:\s+where\s+(?P<where>.+))?\s*"
)
_CONDITION = re.compile(r"\s*" + _ELEMENT.format("") + r"\s*(?P<sign>!?=)\s*" + _VALUE.format("") + r"\s*")
_ENVELOPE = frozenset({"ISA", "IEA", "GS", "GE", "TA1"})
_FRAME = frozenset({"ST", "SE"})


@dataclass(frozen=True, slots=True)
class Element:
    """``component`` 0 is the whole element."""

    segment: str
    number: int
    component: int = 0

    def value(self, elements: Sequence[str], delimiters: Delimiters) -> str:
        """What stands there; empty where the segment ends before. ``elements[0]`` is the tag."""
        whole = elements[self.number] if self.number < len(elements) else ""
        if not self.component:
            return whole
        parts = whole.split(delimiters.component)
        return parts[self.component - 1] if self.component <= len(parts) else ""

    def put(self, elements: list[str], value: str, delimiters: Delimiters) -> None:
        """Puts a value there; the segment grows as far as needed."""
        elements.extend([""] * (self.number + 1 - len(elements)))
        if self.component:
            parts = elements[self.number].split(delimiters.component)
            parts.extend([""] * (self.component - len(parts)))
            parts[self.component - 1] = value
            value = delimiters.component.join(parts)
        elements[self.number] = value


@dataclass(frozen=True, slots=True)
class _Condition:
    element: Element
    equal: bool
    value: str

    def holds(self, elements: Sequence[str], delimiters: Delimiters) -> bool:
        return (self.element.value(elements, delimiters) == self.value) is self.equal


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule."""

    target: Element
    value: str
    conditions: tuple[_Condition, ...]


def parse_rule(text: str) -> Rule:
    """Raises Misconfigured where it is none."""
    found = _SET.fullmatch(text[:RULE_MAX])
    if found is None or len(text) > RULE_MAX:
        raise Misconfigured(
            f"This is no rule: {text[:80]!r}.", fix="Write: set N104 = 0042 where N101 = ST and N104 = 42"
        )
    if found["segment"] in _ENVELOPE | _FRAME:
        raise Misconfigured(
            f"{found['segment']} is of the envelope; rules change what is inside.", fix="Edit the bytes."
        )
    conditions = []
    for part in re.split(r"\s+and\s+", found["where"]) if found["where"] else ():
        condition = _CONDITION.fullmatch(part)
        if condition is None:
            raise Misconfigured(
                f"This is no condition: {part!r}.", fix="Write N104 = 42, or N104 != 42; join with and."
            )
        if condition["segment"] in _ENVELOPE:
            raise Misconfigured(
                f"{condition['segment']} is of the envelope; rules see what is inside.",
                fix="Select by partner.",
            )
        conditions.append(_Condition(_element(condition), condition["sign"] == "=", _bare(condition["value"])))
    return Rule(_element(found), _bare(found["value"]), tuple(conditions))


def apply_rule(rule: Rule, data: bytes, delimiters: Delimiters) -> tuple[bytes, int]:
    """The bytes with the rule carried out, and in how many segments it changed something.

    Raises BadDocument where the new value holds one of the document's delimiters, or a sign that its charset lacks.
    """
    separators = [delimiters.segment, delimiters.element, delimiters.repetition]
    separators += [] if rule.target.component == 0 else [delimiters.component]
    if any(sign and sign in rule.value for sign in separators):
        raise BadDocument(
            f"{rule.value!r} holds a delimiter of this document.", fix="Edit its bytes, or have it sent again."
        )
    text, charset = _decoded(data, delimiters)
    pieces, count = [], 0
    for document in _documents(text.split(delimiters.segment), delimiters):
        count += _change(rule, document, delimiters)
        pieces += document
    if not count:
        return data, 0
    try:
        return delimiters.segment.join(pieces).encode(charset), count
    except UnicodeEncodeError as error:
        raise BadDocument(
            f"{rule.value!r} cannot be written in the charset of this document, {charset}.", fix="Use another value."
        ) from error


def _decoded(data: bytes, delimiters: Delimiters) -> tuple[str, str]:
    """As the reader takes it: UTF-8 where it is valid, else Windows-1252, else Latin-1."""
    signs = "".join(filter(None, (delimiters.segment, delimiters.element, delimiters.component, delimiters.repetition)))
    for charset in ("utf-8", "cp1252") if signs.isascii() else ():
        try:
            return data.decode(charset), charset
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _documents(pieces: Sequence[str], delimiters: Delimiters) -> Iterator[list[str]]:
    """All segments in order, each ST and what follows it by themselves."""
    begin = "ST" + delimiters.element
    starts = [index for index, piece in enumerate(pieces) if piece.lstrip(_BLANK).startswith(begin)]
    for start, end in pairwise([0, *starts, len(pieces)]):
        yield list(pieces[start:end])


def _change(rule: Rule, document: list[str], delimiters: Delimiters) -> int:
    """Carries the rule out on the segments of one document; how many it changed."""
    own, others = _sorted_out(rule)
    if not all(_anywhere(condition, document, delimiters) for condition in others):
        return 0
    changed = 0
    for index, piece in enumerate(document):
        text = piece.lstrip(_BLANK)
        elements = text.split(delimiters.element)
        if elements[0] != rule.target.segment or not all(condition.holds(elements, delimiters) for condition in own):
            continue
        if rule.target.value(elements, delimiters) != rule.value:
            rule.target.put(elements, rule.value, delimiters)
            document[index] = piece[: len(piece) - len(text)] + delimiters.element.join(elements)
            changed += 1
    return changed


def _sorted_out(rule: Rule) -> tuple[list[_Condition], list[_Condition]]:
    """Conditions on the segment that is set, and on others."""
    own = [entry for entry in rule.conditions if entry.element.segment == rule.target.segment]
    return own, [entry for entry in rule.conditions if entry.element.segment != rule.target.segment]


def _anywhere(condition: _Condition, pieces: Sequence[str], delimiters: Delimiters) -> bool:
    """Whether one segment of the document meets the condition; with ``!=``, whether none has the value."""
    segments = (piece.lstrip(_BLANK).split(delimiters.element) for piece in pieces)
    wanted = [elements for elements in segments if elements[0] == condition.element.segment]
    found = any(condition.element.value(elements, delimiters) == condition.value for elements in wanted)
    return found is condition.equal


def _element(found: re.Match[str]) -> Element:
    number = int(found["element"])
    if number == 0:
        raise Misconfigured("Elements count from 01.", fix="Write N104.")
    return Element(found["segment"], number, int(found["component"] or 0))


def _bare(value: str) -> str:
    quoted = len(value) > 1 and value[0] in {"'", '"'} and value[-1] == value[0]
    return value[1:-1] if quoted else value
