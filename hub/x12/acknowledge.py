"""997 and 999: what a sender is told of each group it sent.

Built from plain values, so that a document's result can be kept as JSON when it is read and the acknowledgment written
when its group is complete. One document's fault rejects that document alone (AK9 P); rejecting the whole group instead
is an agreement between partners, hence an option. Codes are those of X12 elements 715 to 723 (997, 004010) and 618,
620, 621 (999, 005010); each problem brings its own in `Problem.ack`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from hub.problem import Problem
from hub.x12.document import Document, Group, Verdict
from hub.x12.outgoing import COMPONENT, DocumentBody

__all__ = ["DocumentResult", "GroupResult", "Listed", "Style", "acknowledgment", "acknowledgment_version"]

Style = Literal["997", "999"]
Listed = Literal["all", "faulty"]
"""Which documents get AK2 and AK5: every one, or those that are not plainly accepted."""

_CONVENTION_999 = "005010X231A1"
_MOST_CODES = 5
_MOST_ELEMENTS = 99
_STATUS: Mapping[Verdict, str] = {"accepted": "A", "accepted_with_errors": "E", "rejected": "R"}
_BEFORE_005010 = {"12": "3", "13": "3"}
"""AK403 for too many repetitions and components has codes of its own from 005010 on; before, too many elements."""
_BUSINESS = {
    "180": ("BGN", 2), "810": ("BIG", 2), "812": ("BCD", 2), "820": ("TRN", 2), "824": ("BGN", 2), "830": ("BFR", 2),
    "832": ("BCT", 2), "846": ("BIA", 3), "850": ("BEG", 3), "855": ("BAK", 3), "856": ("BSN", 2), "860": ("BCH", 3),
    "865": ("BCA", 3), "940": ("W05", 2), "944": ("W17", 3), "945": ("W06", 2), "947": ("W15", 2), "204": ("B2", 4),
    "210": ("B3", 2), "214": ("B10", 2), "990": ("B1", 2),
}  # fmt: skip
"""The element by which people know a document: order, invoice, shipment number. A 999 names it in CTX."""
_CONTEXT = 35
"""The longest context name and reference (X12 elements 9999, 9998)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class DocumentResult(NamedTuple):
    """What became of one document. ``document``: ST01, ``control_number``: ST02, ``convention``: ST03, as they came.

    ``business``: the element that holds its own number, and that number: ``("BEG03", "PO123")``; empty where unknown.
    """

    document: str
    control_number: str
    verdict: Verdict
    problems: Sequence[Problem] = ()
    convention: str = ""
    business: tuple[str, str] | tuple[()] = ()

    @classmethod
    def of(cls, document: Document) -> DocumentResult:
        """The result of a document as it was read."""
        st = document.segments[0] if document.segments else []
        return cls(
            document=document.document,
            control_number=document.control_number,
            verdict=document.verdict,
            problems=tuple(document.problems),
            convention=st[3] if len(st) > 3 else "",
            business=_business(document) if document.problems else (),
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> DocumentResult:
        """The inverse of `as_json`."""
        problems = tuple(Problem(**problem) for problem in value["problems"])
        return cls(**{**value, "problems": problems, "business": tuple(value["business"])})

    def as_json(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "control_number": self.control_number,
            "verdict": self.verdict,
            "problems": [problem.as_json() for problem in self.problems],
            "convention": self.convention,
            "business": list(self.business),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResult:
    """The group that is answered. ``declared``: GE01 as it came, None where GE is missing; ``problems``: its own."""

    type: str
    control_number: str
    version: str
    declared: int | None = None
    problems: Sequence[Problem] = ()

    @classmethod
    def of(cls, group: Group) -> GroupResult:
        """The result of a group that was read to its end."""
        return cls(
            type=group.type,
            control_number=group.control_number,
            version=group.version,
            declared=group.declared,
            problems=tuple(group.problems),
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> GroupResult:
        """The inverse of `as_json`."""
        return cls(**{**value, "problems": tuple(Problem(**problem) for problem in value["problems"])})

    def as_json(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "control_number": self.control_number,
            "version": self.version,
            "declared": self.declared,
            "problems": [problem.as_json() for problem in self.problems],
        }


@dataclass(slots=True)
class _Fault:
    """One faulty segment: its own codes (AK304), each with its problem, and its faulty elements."""

    problem: Problem
    codes: dict[str, Problem] = field(default_factory=dict)
    elements: list[Problem] = field(default_factory=list)


def _business(document: Document) -> tuple[str, str] | tuple[()]:
    tag, element = _BUSINESS.get(document.document, ("", 0))
    for segment in document.segments:
        if segment[0] == tag:
            value = "".join(segment[element : element + 1]).strip()
            return (f"{tag}{element:02d}", value) if value else ()
    return ()


def _code(problem: Problem, number: str, style: Style) -> str:
    """AK304, AK403 or AK502; in a 999 the IK code of the same number, where the problem has one of its own."""
    own = problem.ack.get(f"IK{number}", "") if style == "999" else ""
    return own or problem.ack.get(f"AK{number}", "")


def acknowledgment(
    group: GroupResult,
    documents: Iterable[DocumentResult],
    *,
    control_number: str,
    style: Style = "997",
    listed: Listed = "all",
    whole_group: bool = False,
    most_segments: int = 1000,
) -> DocumentBody | None:
    """The 997 or 999 for one group; None for a group of acknowledgments (FA), which is never acknowledged.

    ``control_number``: ST02 of the acknowledgment. ``whole_group``: one rejected document rejects all of the group.
    ``most_segments``: AK3 written for one document; further faulty segments are left to the words.
    """
    if group.type == "FA":
        return None
    results = tuple(documents)
    rejects_all = whole_group and any(result.verdict == "rejected" for result in results)
    version = acknowledgment_version(group, style)
    body = [_ak1(group, version)]
    for result in results:
        if listed == "all" or rejects_all or result.verdict != "accepted":
            body += _document(result, style, version, most_segments, rejected=rejects_all)
    body.append(_ak9(group, results, rejects_all))
    return DocumentBody(
        document=style,
        control_number=control_number,
        segments=body,
        convention=_CONVENTION_999 if style == "999" else "",
        clash="replace",
    )


def acknowledgment_version(group: GroupResult, style: Style = "997") -> str:
    """GS08 of the acknowledgment: that of the group for a 997, 005010X231A1 for a 999, which older releases lack."""
    if style == "999":
        return _CONVENTION_999
    return group.version if re.fullmatch(r"\d{6}[A-Z0-9]{0,6}", group.version) else "004010"


def _ak1(group: GroupResult, version: str) -> list[str]:
    segment = ["AK1", group.type[:2] or "ZZ", group.control_number[:9] or "0"]
    return [*segment, group.version[:12]] if version >= "005010" else segment


def _document(result: DocumentResult, style: Style, version: str, most: int, *, rejected: bool) -> list[list[str]]:
    ak2 = ["AK2", result.document[:3] or "000", result.control_number[:9] or "0000"]
    segments = [[*ak2, result.convention[:35]] if version >= "005010" else ak2]
    ak5 = ["IK5" if style == "999" else "AK5", "R" if rejected else _STATUS[result.verdict]]
    if result.verdict == "accepted":
        return [*segments, ak5]
    told = [p for p in result.problems if p.severity != "note"]
    faults = _faults(told, style)
    context = _context_of(result) if style == "999" else []
    for fault in faults[:most]:
        segments += _segment(fault, style, version, context)
    codes = {code for problem in told if (code := _code(problem, "502", style))}
    if faults and not codes & {"5", "I5"}:
        codes.add("5")
    return [*segments, [*ak5, *sorted(codes, key=_by_number)[:_MOST_CODES]]]


def _faults(problems: Sequence[Problem], style: Style) -> list[_Fault]:
    """Faulty segments in the order of the document; a missing segment stands where it was missed, under its own tag."""
    found: dict[tuple[int, str], _Fault] = {}
    for problem in sorted(problems, key=lambda p: p.position or 0):
        code, element = _code(problem, "304", style), _code(problem, "403", style)
        if not problem.segment or not (code or element):
            continue
        fault = found.setdefault((problem.position or 0, problem.segment), _Fault(problem))
        if element and problem.element:
            fault.elements.append(problem)
        else:
            fault.codes.setdefault(code or "8", problem)
    return list(found.values())


def _segment(fault: _Fault, style: Style, version: str, business: list[list[str]]) -> list[list[str]]:
    """AK3 and its AK4. Each segment code has an AK3 of its own; faulty elements follow one with code 8.

    In a 999 CTX says what a situational rule depends on, and ``business``, whose fault it is.
    """
    problem = fault.problem
    most = 9_999_999_999 if version >= "005010" else 999_999
    loop = problem.loop.rpartition("/")[2]
    start = [
        "IK3" if style == "999" else "AK3",
        problem.segment[:3],
        str(min(problem.position or 1, most)),
        loop if len(loop) <= 4 else "",
    ]
    segments = []
    for code, cause in fault.codes.items():
        if not (code == "8" and fault.elements):
            segments += [[*start, code], *_trigger(cause, style), *business]
    if fault.elements:
        segments += [[*start, "8"], *business]
        for element in sorted(fault.elements, key=lambda p: (p.element or 0, p.component or 0))[:_MOST_ELEMENTS]:
            segments += [_element(element, style, version), *_trigger(element, style)]
    return segments


def _trigger(problem: Problem, style: Style) -> list[list[str]]:
    """CTX with the segment and element that a situational rule depends on."""
    if style != "999" or "CTX02" not in problem.ack:
        return []
    return [["CTX", "SITUATIONAL TRIGGER", *(problem.ack.get(f"CTX{number:02d}", "") for number in range(2, 6))]]


def _context_of(result: DocumentResult) -> list[list[str]]:
    """CTX with the document's own number."""
    if not result.business:
        return []
    name, value = result.business
    return [["CTX", f"{name}{COMPONENT}{_CONTROL.sub(' ', value)[:_CONTEXT].rstrip()}"]]


def _element(problem: Problem, style: Style, version: str) -> list[str]:
    place = str(min(problem.element or 0, 99))
    if problem.component:
        place += COMPONENT + str(min(problem.component, 99))
    reference = problem.ack.get("AK402", "")
    code = _code(problem, "403", style)
    value = _CONTROL.sub(" ", problem.value or "")[:99].rstrip(" ")
    return [
        "IK4" if style == "999" else "AK4",
        place,
        reference if reference.isdecimal() and len(reference) <= 4 else "",
        code if version >= "005010" else _BEFORE_005010.get(code, code),
        value,
    ]


def _ak9(group: GroupResult, results: Sequence[DocumentResult], rejects_all: bool) -> list[str]:
    received = len(results)
    rejected = received if rejects_all else sum(result.verdict == "rejected" for result in results)
    told = [problem for problem in group.problems if problem.severity != "note"]
    codes = {code for problem in told if (code := problem.ack.get("AK905"))}
    errors = bool(codes) or any(result.verdict == "accepted_with_errors" for result in results)
    if rejected == received:
        status = "R"
    elif rejected:
        status = "P"
    else:
        status = "E" if errors else "A"
    included = received if group.declared is None else group.declared
    counts = (included, received, received - rejected)
    return [
        "AK9",
        status,
        *(str(min(count, 999_999)) for count in counts),
        *sorted(codes, key=_by_number)[:_MOST_CODES],
    ]


def _by_number(code: str) -> tuple[int, str]:
    return (int(code) if code.isdecimal() else 999, code)
