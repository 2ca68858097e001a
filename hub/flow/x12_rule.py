"""One change to every document that matches: ``set N104 = 0042 where N101 = ST and N104 = 42``, on X12 bytes.

Elements are named as in the standard: segment, two digits, and ``-n`` for a component. Conditions on the segment that
is set hold for that very segment; conditions on another one hold for the document: one such segment is enough. The
document's own delimiters are used, everything else stays byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import BadDocument, Misconfigured
from hub.x12.document import Delimiters

__all__ = ["Element", "Rule", "apply_rule", "parse_rule"]

RULE_MAX = 1000
_ELEMENT = r"(?P<{0}segment>[A-Z][A-Z0-9]{{1,2}})(?P<{0}element>\d\d)(?:-(?P<{0}component>\d\d?))?"
_VALUE = r"(?P<{0}value>'[^']*'|\"[^\"]*\"|\S+)"
_SET = re.compile(
    r"\s*set\s+" + _ELEMENT.format("") + r"\s*=\s*" + _VALUE.format("") + r"(?:\s+where\s+(?P<where>.+))?\s*"
)
_CONDITION = re.compile(r"\s*" + _ELEMENT.format("") + r"\s*(?P<sign>!?=)\s*" + _VALUE.format("") + r"\s*")
_ENVELOPE = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"})


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
    if found["segment"] in _ENVELOPE:
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
        conditions.append(_Condition(_element(condition), condition["sign"] == "=", _bare(condition["value"])))
    return Rule(_element(found), _bare(found["value"]), tuple(conditions))


def apply_rule(rule: Rule, data: bytes, delimiters: Delimiters) -> tuple[bytes, int]:
    """The bytes with the rule carried out, and in how many segments it changed something.

    Raises BadDocument where the new value holds one of the document's delimiters.
    """
    separators = [delimiters.segment, delimiters.element, delimiters.repetition]
    separators += [] if rule.target.component == 0 else [delimiters.component]
    if any(sign and sign in rule.value for sign in separators):
        raise BadDocument(
            f"{rule.value!r} holds a delimiter of this document.", fix="Edit its bytes, or have it sent again."
        )
    pieces = data.decode("latin-1").split(delimiters.segment)
    own, others = _sorted_out(rule)
    if not all(_anywhere(piece_of, pieces, delimiters) for piece_of in others):
        return data, 0
    changed = 0
    for index, piece in enumerate(pieces):
        text = piece.lstrip("\r\n\t ")
        elements = text.split(delimiters.element)
        if elements[0] != rule.target.segment or not all(condition.holds(elements, delimiters) for condition in own):
            continue
        if rule.target.value(elements, delimiters) != rule.value:
            rule.target.put(elements, rule.value, delimiters)
            pieces[index] = piece[: len(piece) - len(text)] + delimiters.element.join(elements)
            changed += 1
    return delimiters.segment.join(pieces).encode("latin-1"), changed


def _sorted_out(rule: Rule) -> tuple[list[_Condition], list[_Condition]]:
    """Conditions on the segment that is set, and on others."""
    own = [entry for entry in rule.conditions if entry.element.segment == rule.target.segment]
    return own, [entry for entry in rule.conditions if entry.element.segment != rule.target.segment]


def _anywhere(condition: _Condition, pieces: Sequence[str], delimiters: Delimiters) -> bool:
    """Whether one segment of the document meets the condition; with ``!=``, whether none has the value."""
    segments = (piece.lstrip("\r\n\t ").split(delimiters.element) for piece in pieces)
    wanted = [elements for elements in segments if elements[0] == condition.element.segment]
    found = any(condition.element.value(elements, delimiters) == condition.value for elements in wanted)
    return found is condition.equal


def _element(found: re.Match[str]) -> Element:
    number = int(found["element"])
    if number == 0:
        raise Misconfigured("Elements count from 01.", fix="Write N104.")
    return Element(found["segment"], number, int(found["component"] or 0))


def _bare(value: str) -> str:
    return value[1:-1] if value[:1] in {"'", '"'} else value
