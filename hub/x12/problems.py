"""Every problem that reading X12 can report: code, severity, acknowledgment codes and how to mend it.

``ack`` holds the codes of the 997 (AK304, AK403, AK502, AK905) and of TA1 (TA105) as X12 numbers them in elements
720, 723, 718, 716 and I18; the 999's IK codes are the same numbers unless they are given too, as for a partner guide.
A problem in a segment also carries AK502 5. A kind without ``ack`` has no code in X12 and is told in words only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.problem import Problem, Severity

__all__ = ["KINDS", "Kind", "found"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One line of the catalogue. ``scope``: file, interchange, group, document, segment, element or guide."""

    code: str
    scope: str
    severity: Severity
    ack: Mapping[str, str]
    meaning: str
    fix: str


def _segment(code: str) -> dict[str, str]:
    return {"AK502": "5", "AK304": code}


def _element(code: str) -> dict[str, str]:
    return {"AK502": "5", "AK304": "8", "AK403": code}


def _guide(segment: str, element: str = "", **implementation: str) -> dict[str, str]:
    """A rule of a partner guide: the 997's nearest codes, and the 999's for implementations."""
    ack = _element(element) if element else _segment(segment)
    return {**ack, "IK502": "I5", **implementation}


def _ta1(code: str) -> dict[str, str]:
    return {"TA105": code}


def _group(code: str) -> dict[str, str]:
    return {"AK905": code}


def _document(code: str) -> dict[str, str]:
    return {"AK502": code}


_ROWS: tuple[tuple[str, str, Severity, Mapping[str, str], str, str], ...] = (
    # the file
    ("empty_file", "file", "error", {}, "There are no bytes.", "Send the file again."),
    ("not_x12", "file", "error", {}, "It is not X12.", "Send X12, beginning with ISA."),
    ("isa_unreadable", "file", "error", {}, "ISA is there but cannot be read.", "Send ISA as 106 bytes, 16 elements."),
    ("naked_documents", "file", "error", {}, "ST or GS without ISA.", "Send it inside ISA…IEA."),
    ("junk_outside", "file", "warning", {}, "Bytes outside any interchange.", "Send nothing before ISA and after IEA."),
    ("padding_outside", "file", "note", {}, "Blanks, NUL or 0x1A outside any interchange.",
     "Nothing needs to be done."),
    ("byte_order_mark", "file", "note", {}, "The file begins with a byte order mark.", "Write the file without it."),
    ("too_many_interchanges", "file", "error", {}, "More interchanges than one file may have: 10,000.",
     "Split the file."),
    # the interchange
    ("isa_length", "interchange", "warning", _ta1("022"), "ISA is not 106 bytes long.",
     "Pad every ISA element to its width."),
    ("isa_terminator", "interchange", "warning", _ta1("004"), "Something stands between ISA16 and the terminator.",
     "Write the terminator right after ISA16."),
    ("lines_wrapped", "interchange", "warning", {}, "Line ends stand inside segments.",
     "Send the file without wrapping its lines."),
    ("delimiters_unusable", "interchange", "error", _ta1("026"),
     "The delimiters cannot be told from data or each other.",
     "Use four different characters that are neither letters, digits nor blanks."),
    ("repetition_ignored", "interchange", "note", {}, "ISA11 is a letter or digit, so nothing separates repetitions.",
     "Put a separator such as ^ into ISA11, or nothing else but U before version 00402."),
    ("isa_value", "interchange", "warning", _ta1("022"), "An ISA element holds what it may not.",
     "Correct this element."),
    ("interchange_unfinished", "interchange", "error", _ta1("023"), "IEA is missing.",
     "Send the whole interchange again; it ends too early."),
    ("interchange_number_differs", "interchange", "error", _ta1("001"), "IEA02 is not ISA13.",
     "Repeat ISA13 in IEA02."),
    ("interchange_count", "interchange", "error", _ta1("021"), "IEA01 is not the number of groups.",
     "Count GS segments."),
    ("interchange_content", "interchange", "error", _ta1("024"), "A segment that has no place between ISA and IEA.",
     "Send groups (GS…GE) and TA1 only."),
    ("interchange_repeats", "interchange", "warning", _ta1("025"), "The control number came before in this file.",
     "Use each ISA13 once."),
    ("blanks_before_tags", "interchange", "note", {}, "Blanks stand before tags.",
     "Send segments without indenting them."),
    ("segments_empty", "interchange", "note", {}, "Terminators without a segment.", "Write one terminator a segment."),
    ("terminator_missing", "interchange", "warning", {}, "The last segment has no terminator.",
     "End every segment with the terminator, IEA too."),
    # the group
    ("group_type_unknown", "group", "warning", _group("1"), "GS01 is not a functional identifier.", "Correct GS01."),
    ("version_unknown", "group", "warning", _group("2"), "GS08 names no version of X12.",
     "Put the release into GS08, e.g. 004010."),
    ("release_nearest", "group", "note", {}, "There is no table for this version; the nearest one is used.",
     "Nothing needs to be done while all documents are right."),
    ("group_unfinished", "group", "error", _group("3"), "GE is missing.", "End every group with GE."),
    ("group_number_differs", "group", "error", _group("4"), "GE02 is not GS06.", "Repeat GS06 in GE02."),
    ("group_count", "group", "error", _group("5"), "GE01 is not the number of documents.", "Count ST segments."),
    ("group_number_invalid", "group", "error", _group("6"), "GS06 is no control number.", "Use one to nine digits."),
    ("group_repeats", "group", "warning", _group("19"), "The group control number came before in this interchange.",
     "Use each GS06 once."),
    ("group_value", "group", "warning", {}, "A GS element holds what it may not.", "Correct this element."),
    ("group_content", "group", "error", {}, "A segment that has no place between GS and GE.", "Send ST…SE only."),
    ("group_missing", "interchange", "error", _ta1("024"), "ST stands outside any group.", "Begin the group with GS."),
    # the document
    ("document_unsupported", "document", "error", _document("1"), "There is no table for this transaction set.",
     "Agree with us on the documents to send."),
    ("document_unfinished", "document", "error", _document("2"), "SE is missing.", "End every document with SE."),
    ("document_number_differs", "document", "error", _document("3"), "SE02 is not ST02.", "Repeat ST02 in SE02."),
    ("document_count", "document", "error", _document("4"), "SE01 is not the number of segments.",
     "Count all segments from ST to SE, both included."),
    ("document_identifier", "document", "error", _document("6"), "ST01 is missing or no identifier.",
     "Put the set into ST01."),
    ("document_wrong_group", "document", "warning", _document("6"), "This transaction set belongs into another group.",
     "Send it in a group with the right GS01."),
    ("document_number_invalid", "document", "error", _document("7"), "ST02 is missing or no control number.",
     "Use four to nine characters."),
    ("document_repeats", "document", "warning", _document("23"), "The control number came before in this group.",
     "Use each ST02 once in a group."),
    ("document_too_large", "document", "error", _document("5"),
     "The document is larger than we read: 100,000 segments, 32 MiB.", "Split it into several documents."),
    ("too_many_problems", "document", "error", {}, "More problems than are listed: 200.",
     "Mend those listed, then send again."),
    ("table_borrowed", "document", "note", {}, "The set is not part of this release; a later release's table is used.",
     "Nothing needs to be done while the document is right."),
    ("characters_beyond_ascii", "document", "note", {}, "There are characters beyond ASCII.",
     "Nothing, if we agreed on them."),
    ("line_unterminated", "segment", "warning", {}, "A line ends without the terminator.",
     "End every segment with the terminator."),
    # segments
    ("segment_unknown", "segment", "error", _segment("1"), "There is no such segment.",
     "Correct the tag or leave it out."),
    ("segment_unexpected", "segment", "error", _segment("2"), "The segment has no place here.",
     "Leave it out or move it."),
    ("segment_missing", "segment", "error", _segment("3"), "A mandatory segment is missing.", "Add the segment."),
    ("loop_repeats", "segment", "error", _segment("4"), "The loop comes more often than it may.",
     "Send fewer of them."),
    ("segment_repeats", "segment", "error", _segment("5"), "The segment comes more often than it may.",
     "Send fewer of them."),
    ("segment_not_in_document", "segment", "error", _segment("6"), "The segment is not part of this transaction set.",
     "Leave it out."),
    ("segment_out_of_order", "segment", "error", _segment("7"), "The segment comes too late or too early.",
     "Send it at its place."),
    ("segment_without_data", "segment", "warning", _segment("8"), "The segment has a tag and nothing else.",
     "Leave it out."),
    ("segment_too_large", "segment", "error", _segment("8"), "The segment is larger than we read: 1 MiB.",
     "Check that every segment ends with the terminator."),
    ("binary_length", "segment", "error", _element("5"), "The binary data do not end where their length says.",
     "Give the number of bytes of the data."),
    ("hl_number_repeats", "segment", "error", _element("7"), "HL01 was used before.", "Number the levels 1, 2, 3 …"),
    ("hl_number_order", "segment", "warning", _element("7"), "HL01 does not go up by one.",
     "Number the levels 1, 2, 3 …"),
    ("hl_parent_unknown", "segment", "error", _element("7"), "HL02 names no level that came before.",
     "Put the HL01 of the level above into HL02."),
    ("hl_parent_absent", "segment", "warning", _element("1"), "HL02 is empty below the first level.",
     "Put the HL01 of the level above into HL02."),
    ("hl_children", "segment", "note", {}, "HL04 does not agree with the levels that follow.",
     "Send 1 where levels follow below, otherwise 0, or leave HL04 out."),
    ("count_differs", "segment", "warning", _element("7"), "CTT01 is not the number of line items.",
     "Count the line items."),
    ("hash_differs", "segment", "warning", _element("7"), "CTT02 is not the sum of the quantities.",
     "Add the quantities."),
    # elements
    ("element_missing", "element", "error", _element("1"), "A mandatory element is missing.", "Fill the element."),
    ("element_needed", "element", "error", _element("2"), "An element is missing that others ask for.",
     "Fill it, or leave the others out."),
    ("too_many_elements", "element", "error", _element("3"), "The segment has more elements than it may.",
     "Leave them out."),
    ("element_too_short", "element", "error", _element("4"), "The value is too short.", "Send the whole value."),
    ("element_too_long", "element", "error", _element("5"), "The value is too long.", "Shorten the value."),
    ("character_invalid", "element", "error", _element("6"), "The value holds a character it may not.",
     "Correct the value."),
    ("control_character", "element", "warning", _element("6"), "The value holds a control character.", "Leave it out."),
    ("separator_in_data", "element", "warning", _element("6"), "A delimiter of the interchange stands in the value.",
     "Use delimiters that no value holds."),
    ("element_blank", "element", "warning", {}, "The value is nothing but blanks.", "Send nothing instead of blanks."),
    ("value_not_in_list", "element", "error", _element("7"), "The value is not in the code list.",
     "Use a code of the list."),
    ("date_invalid", "element", "error", _element("8"), "There is no such date.", "Send a date of the calendar."),
    ("time_invalid", "element", "error", _element("9"), "There is no such time.", "Send a time from 0000 to 2359."),
    ("elements_exclusive", "element", "error", _element("10"), "Only one of these elements may be filled.",
     "Leave one out."),
    ("too_many_repetitions", "element", "error", _element("12"), "The element repeats more often than it may.",
     "Send fewer of them."),
    ("too_many_components", "element", "error", _element("13"), "The composite has more components than it may.",
     "Leave them out."),
    ("trailing_separators", "element", "warning", {}, "Separators stand at the end with nothing behind them.",
     "End the segment after its last value."),
    # the partner guide
    ("guide_segment_missing", "guide", "error", _guide("3", IK304="I8"), "A segment or loop that the guide asks for.",
     "Add it."),
    ("guide_segment_unused", "guide", "error", _guide("2", IK304="I4"), "A segment that the guide does not use.",
     "Leave it out."),
    ("guide_repeats", "guide", "error", _guide("5"), "It comes more often than the guide allows.",
     "Send fewer of them."),
    ("guide_element_missing", "guide", "error", _guide("8", "1"), "An element that the guide asks for is missing.",
     "Fill the element."),
    ("guide_element_unused", "guide", "error", _guide("8", "10", IK403="I10"),
     "An element that the guide does not use.", "Leave it empty."),
    ("guide_value", "guide", "error", _guide("8", "7", IK403="I6"), "The value is not among those of the guide.",
     "Use a code of the guide."),
    ("guide_too_short", "guide", "error", _guide("8", "4"), "The value is shorter than the guide allows.",
     "Send the whole value."),
    ("guide_too_long", "guide", "error", _guide("8", "5"), "The value is longer than the guide allows.",
     "Shorten the value."),
    ("guide_note", "guide", "error", _guide("8", "2", IK403="I9"), "Elements that the guide binds to each other.",
     "Fill what is needed, or leave the others out."),
    ("guide_widens", "guide", "warning", {}, "X12 does not allow it, the guide does.",
     "Nothing needs to be done while it is agreed."),
    ("guide_of_another_release", "guide", "note", {}, "The guide is for another release.",
     "Nothing needs to be done while X12's own rules are enough."),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {row[0]: Kind(*row) for row in _ROWS}


def found(
    code: str, message: str, *, fix: str = "", severity: Severity | None = None, ack: Mapping[str, str] | None = None,
    **where: Any,
) -> Problem:  # fmt: skip
    """A problem of this kind; ``ack`` adds to the kind's codes, ``where`` are Problem's fields.

    Values are cut to 99 characters.
    """
    kind = KINDS[code]
    value = where.pop("value", None)
    return Problem(
        code=code,
        message=message,
        fix=fix or kind.fix,
        severity=severity or kind.severity,
        ack={**kind.ack, **ack} if ack else kind.ack,
        value=value if value is None else value[:99],
        **where,
    )
