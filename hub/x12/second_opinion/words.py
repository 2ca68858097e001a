"""What pyx12 reports, as our problems. It has no warnings: everything is an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.problem import Problem
from hub.x12.problems import found

__all__ = ["broke_down", "from_element", "from_reader", "from_walker"]

_ELEMENT: Mapping[str, str] = {
    "1": "element_missing",
    "2": "element_needed",
    "3": "too_many_elements",
    "4": "element_too_short",
    "5": "element_too_long",
    "6": "character_invalid",
    "7": "value_not_in_list",
    "8": "date_invalid",
    "9": "time_invalid",
    "10": "elements_exclusive",
}
"""AK403 as `is_valid_errors` gives it."""
_WALKER: Mapping[str, str] = {
    "1": "segment_unexpected",
    "2": "segment_unexpected",
    "3": "segment_missing",
    "4": "loop_repeats",
    "5": "segment_repeats",
}
"""AK304 as `walk_errors` gives it; 1 is its only word for unknown, unexpected and misplaced."""
_READER: Mapping[tuple[str, str], str] = {
    ("isa", "001"): "interchange_number_differs",
    ("isa", "021"): "interchange_count",
    ("isa", "023"): "interchange_unfinished",
    ("isa", "024"): "interchange_content",
    ("isa", "025"): "interchange_repeats",
    ("gs", "3"): "group_unfinished",
    ("gs", "4"): "group_number_differs",
    ("gs", "5"): "group_count",
    ("gs", "6"): "group_repeats",
    ("st", "2"): "document_unfinished",
    ("st", "3"): "document_number_differs",
    ("st", "4"): "document_count",
    ("st", "23"): "document_repeats",
    ("seg", "1"): "segment_unknown",
    ("seg", "8"): "segment_without_data",
    ("seg", "HL1"): "hl_number_order",
    ("seg", "HL2"): "hl_parent_unknown",
    ("seg", "SEG1"): "trailing_separators",
}
"""Kind and code as `X12Reader.pop_errors` gives them."""
_PLACES: Mapping[str, int] = {
    "interchange_count": 1,
    "interchange_number_differs": 2,
    "group_count": 1,
    "group_number_differs": 2,
    "document_count": 1,
    "document_number_differs": 2,
    "hl_number_order": 1,
    "hl_parent_unknown": 2,
}
"""The element that each of them is about, which the reader does not name."""


def from_walker(error: Any) -> Problem:
    """A problem from a pyx12 SegError: a segment that is missing, in the wrong place or there too often."""
    return found(
        _WALKER.get(error.err_cde, "segment_unexpected"),
        error.err_str,
        severity="error",
        ack={"AK304": error.err_cde},
        segment=error.seg_data.get_seg_id() if error.seg_data is not None else "",
        position=error.seg_count,
    )


def from_element(error: Any, tag: str, position: int | None) -> Problem:
    """A problem from a pyx12 EleError."""
    node = error.map_node
    element, component = _reference(error.refdes), None
    ack = {"AK403": error.err_cde}
    if node is not None:
        element = node.seq
        ack["AK402"] = node.data_ele or ""
        if node.parent.is_composite():
            element, component = node.parent.seq, node.seq
    return found(
        _ELEMENT.get(error.err_cde, "character_invalid"),
        error.err_str,
        severity="error",
        ack=ack,
        segment=tag,
        position=position,
        element=element,
        component=component,
        value=error.err_val,
    )


def from_reader(kind: str, code: str, text: str, tag: str, position: int | None) -> Problem:
    """A problem from an entry of pyx12's reader: envelopes, counts, HL numbers."""
    name = _READER.get((kind, code), "segment_unexpected")
    return found(name, text, severity="error", segment=tag, position=position, element=_PLACES.get(name))


def broke_down(error: Exception) -> Problem:
    """pyx12 raised; what it would have said of the rest is not known."""
    return Problem(
        code="second_opinion_failed",
        message=f"pyx12 gave up: {type(error).__name__}: {error}"[:300],
        fix="Judge by the first engine; this one cannot read the document.",
    )


def _reference(refdes: Any) -> int | None:
    """The element of a segment-level error: ``02``, or the first position of a syntax note."""
    text = str(refdes)[-2:] if refdes is not None else ""
    return int(text) if text.isdecimal() else None
