"""Where every value of a reading came from, so that each fault can be told by segment and element.

Used only when the fast reading has failed: the document is read again by the same rows with a `Trace` beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hub.mapping.notation import CurrencyRow, Loop, Moment, Pairs, Row, Spread
from hub.mapping.plan import Block, Op, Slot
from hub.problem import Problem

__all__ = ["Trace", "first_faults"]

Segment = list[str]
_LONGEST = 99


class Trace:
    """Collects problems in words. ``segments``: those of the document, ST first."""

    def __init__(self, root: Block, segments: Sequence[Segment], loops: dict[int, str]) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._position = {id(segment): index for index, segment in enumerate(segments, 1)}
        self._loops = loops
        self._values: dict[tuple[int, str], tuple[Segment, int, Op, str]] = {}
        self._opened: dict[tuple[int, int], Segment] = {}
        self._heads: dict[int, Segment] = {}
        self._told: set[tuple[int, str]] = set()
        self._refused: set[tuple[int, int]] = set()
        self._kept: list[Any] = []

    # called by the generated reader

    def open(self, data: dict[str, Any], segment: Segment, slot: Slot) -> None:
        """A segment of this slot fills this object."""
        self._opened[id(data), slot.number] = segment
        if slot.head and not slot.block.same:
            self._heads[id(data)] = segment

    def at(self, data: dict[str, Any], key: str, segment: Segment, element: int, op: Op) -> None:
        """This value came from this element."""
        self._values[id(data), key] = (segment, element, op, key)

    def bad(self, data: dict[str, Any], key: str, segment: Segment, element: int, op: Op, expects: str) -> None:
        """The codec did not take this element."""
        self._tell_once(data, key)
        self._refused.add((id(segment), id(op)))
        known = expects.startswith("one of ")
        self._tell(
            "code_not_mapped" if known else "bad_value",
            segment,
            element,
            f"{_name(op, element, key)} is {segment[element][:_LONGEST]!r}, which is not {expects}",
            f"send {expects}" + (", or have the code added to the partner's overlay" if known else ""),
            {"AK304": "8", "AK403": "7" if known else "6"},
        )

    def length(self, data: dict[str, Any], key: str, segment: Segment, element: int, op: Op, limits: str) -> None:
        """The element is longer or shorter than its row allows."""
        self._tell_once(data, key)
        self._refused.add((id(segment), id(op)))
        text = segment[element]
        message = f"{_name(op, element, key)} has {len(text)} characters, allowed are {limits}"
        self._tell("bad_length", segment, element, message, f"send {limits} characters", {"AK304": "8", "AK403": "5"})

    def forbidden(self, segment: Segment, element: int, op: Op) -> None:
        """The partner's overlay does not allow the element."""
        why = op.note.why if isinstance(op.note, Row) else ""
        message = f"{_name(op, element)} must not be sent" + (f": {why}" if why else "")
        self._tell("not_allowed", segment, element, message, "leave it empty", {"AK304": "8", "AK403": "10"})

    def absent(self, data: dict[str, Any], slot: Slot, op: Op) -> None:
        """A row that must be there has not come."""
        key = (id(data), str(op.wire))
        segment = self._opened.get((id(data), slot.number))
        if key in self._told or (id(segment), id(op)) in self._refused:
            return
        self._told.add(key)
        why = f": {op.note.why}" if isinstance(op.note, Row) and op.note.why else ""
        self._tell(
            "missing_value",
            segment or self._heads.get(id(data)),
            op.element if segment else 0,
            f"{_name(op, op.element)} is missing{why}",
            f"send {op.wire} ({_field(op)})",
            {"AK304": "8", "AK403": "1"} if segment else {"AK304": "3"},
            tag=slot.tag,
        )

    def structure(self, segment: Segment, message: str, fix: str) -> None:
        """Levels do not stand as this document needs them."""
        self._tell("hl_structure", segment, 0, message, fix, {"AK304": "2"})

    def inconsistent(self, message: str) -> None:
        """The document as a whole says something that no message can say."""
        self._tell("not_consistent", None, 0, message, "make the values agree", {"AK304": "8"})

    # called with what pydantic found

    def explain(self, error: ValidationError, data: dict[str, Any]) -> None:
        """Every fault that the canonical model found, told by the element it came from."""
        for fault in first_faults(error):
            self._fault(fault["type"], fault["loc"], fault["msg"], data)

    def _fault(self, kind: str, location: tuple[int | str, ...], words: str, data: Any) -> None:
        block, origin, owner, inside = self._root, None, data, []
        for step in location:
            if isinstance(data, dict):
                if (id(data), str(step)) in self._told:
                    return
                origin = self._values.get((id(data), str(step)), origin)
                data = data.get(str(step))
                inside.append(str(step))
            else:
                data = data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None
            deeper = next((b for b in _reach(block) if b.target and list(b.target.parts) == inside), None)
            if deeper is not None and isinstance(data, dict):
                block, owner, inside = deeper, data, []
        if any(holder == id(data) for holder, _ in self._told):
            return  # the object does not agree with itself because one of its values could not be read
        if kind == "missing" and origin is None and (self._missing_row(block, owner, inside)):
            return
        if kind == "missing" and origin is None and self.problems:
            return  # it is computed from what is missing
        words = words.removeprefix("Value error, ")
        if origin is not None:
            segment, element, op, key = origin
            message = f"{_name(op, element, key)} is {_text(segment, element)!r}: {words}"
            self._tell("bad_value", segment, element, message, "correct the value", {"AK304": "8", "AK403": "7"})
        else:
            field = ".".join(map(str, location))
            message = f"{field}: {words}" if field else words
            fix = "send what is missing" if kind == "missing" else "make the values agree"
            code = "missing_value" if kind == "missing" else "not_consistent"
            self._tell(code, self._heads.get(id(owner)), 0, message, fix, {"AK304": "8"})

    def _missing_row(self, block: Block, owner: dict[str, Any], field: list[str]) -> bool:
        for near in _reach(block, same=True):
            for slot in near.slots:
                for op in slot.ops:
                    if any(list(target.parts[: len(field)]) == field for target in op.targets):
                        self.absent(owner, slot, op)
                        return True
        for near in _reach(block):
            if near.target and list(near.target.parts) == field and near.head:
                message = f"there is no {near.head.head} ({near.target.name})"
                ack = {"AK304": "3"}
                self._tell("missing_value", self._heads.get(id(owner)), 0, message, f"send {near.head.head}", ack)
                return True
        return False

    def _tell_once(self, data: dict[str, Any], key: str) -> None:
        self._kept.append(data)  # so that its id stays its own
        self._told.add((id(data), key))

    def _tell(
        self,
        code: str,
        segment: Segment | None,
        element: int,
        message: str,
        fix: str,
        ack: dict[str, str],
        tag: str = "",
    ) -> None:
        position = self._position.get(id(segment)) if segment is not None else None
        self.problems.append(
            Problem(
                code=code,
                message=message[0].upper() + message[1:] + ".",
                fix=fix[0].upper() + fix[1:] + ".",
                segment=segment[0] if segment else tag,
                position=position,
                element=element or None,
                value=_text(segment, element) if segment is not None and element else None,
                loop=self._loops.get(position or 0, ""),
                ack=ack,
            )
        )


def first_faults(error: ValidationError) -> list[ErrorDetails]:
    """Pydantic's faults without those that only follow from others: a list is too short because its item is wrong."""
    faults = error.errors(include_url=False)
    return [
        fault
        for fault in faults
        if fault["type"] != "too_short"
        or not any(other is not fault and other["loc"][: len(fault["loc"])] == fault["loc"] for other in faults)
    ]


def _reach(block: Block, *, same: bool = False) -> list[Block]:
    """The blocks in this one that fill its object or a field of it."""
    found = [block] if same else []
    for child in block.blocks:
        if child.same:
            found += _reach(child, same=same)
        elif not same:
            found.append(child)
    return found


def _text(segment: Segment, element: int) -> str:
    return segment[element][:_LONGEST] if 0 < element < len(segment) else ""


def _name(op: Op, element: int, key: str = "") -> str:
    return f"{op.wire.head}{element:02d} ({_field(op, key)})"


def _field(op: Op, key: str = "") -> str:
    note = op.note
    if isinstance(note, Row | Spread | Moment | Loop):
        return note.field.removesuffix("[]")
    if isinstance(note, Pairs):
        fields = dict.fromkeys(entry.field for entry in note.entries if not key or entry.field.split(".")[-1] == key)
        return ", ".join(fields)
    if isinstance(note, CurrencyRow):
        return note.field or "currency"
    return ""
