"""TA1: what is told of an interchange as such, written and read (X12.5, segment TA1; codes are X12 element I18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hub.errors import BadDocument
from hub.problem import Problem
from hub.x12.document import Interchange

__all__ = ["NOTES", "InterchangeAcknowledgment", "InterchangeResult", "read_ta1", "ta1"]

NOTES: Mapping[str, str] = {
    "000": "no error",
    "001": "the control numbers of ISA and IEA differ",
    "002": "the standard in ISA11 is not supported",
    "003": "the version in ISA12 is not supported",
    "004": "the segment terminator is invalid",
    "005": "the sender's id qualifier is invalid",
    "006": "the sender's id is invalid",
    "007": "the receiver's id qualifier is invalid",
    "008": "the receiver's id is invalid",
    "009": "the receiver's id is not known here",
    "010": "the authorization qualifier in ISA01 is invalid",
    "011": "the authorization in ISA02 is invalid",
    "012": "the security qualifier in ISA03 is invalid",
    "013": "the security information in ISA04 is invalid",
    "014": "the date in ISA09 is invalid",
    "015": "the time in ISA10 is invalid",
    "016": "the standard in ISA11 is invalid",
    "017": "the version in ISA12 is invalid",
    "018": "the control number in ISA13 is invalid",
    "019": "the acknowledgment request in ISA14 is invalid",
    "020": "the usage indicator in ISA15 is invalid",
    "021": "the number of groups in IEA01 is wrong",
    "022": "the control structure is invalid",
    "023": "the interchange ends before its IEA",
    "024": "the interchange's content is invalid, GS for instance",
    "025": "the control number was used before",
    "026": "the element separator is invalid",
    "027": "the component separator is invalid",
    "028": "the delivery date of a deferred delivery request is invalid",
    "029": "the delivery time of a deferred delivery request is invalid",
    "030": "the delivery time code of a deferred delivery request is invalid",
    "031": "the grade of service is invalid",
}
"""I18 in our words."""

Status = Literal["accepted", "accepted_with_errors", "rejected"]
_STATUS: Mapping[str, Status] = {"A": "accepted", "E": "accepted_with_errors", "R": "rejected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeResult:
    """What became of an interchange. ``control_number``, ``date``, ``time``: ISA13, ISA09, ISA10 as they came.

    ``groups``: how many it held. ``accepted``: how many of its documents went on, None where that is not known yet.
    ``carries_ta1``: it brought TA1 segments itself.
    """

    control_number: str
    date: str
    time: str
    ack_requested: bool
    problems: Sequence[Problem] = ()
    groups: int = 0
    accepted: int | None = None
    carries_ta1: bool = False

    @classmethod
    def of(cls, interchange: Interchange, *, groups: int, accepted: int | None = None) -> InterchangeResult:
        """The result of an interchange that was read to its end."""
        return cls(
            control_number=interchange.control_number,
            date=interchange.date,
            time=interchange.time,
            ack_requested=interchange.ack_requested,
            problems=tuple(interchange.problems),
            groups=groups,
            accepted=accepted,
            carries_ta1=bool(interchange.ta1),
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> InterchangeResult:
        """The inverse of `as_json`."""
        return cls(**{**value, "problems": tuple(Problem(**problem) for problem in value["problems"])})

    def as_json(self) -> dict[str, Any]:
        return {
            "control_number": self.control_number,
            "date": self.date,
            "time": self.time,
            "ack_requested": self.ack_requested,
            "problems": [problem.as_json() for problem in self.problems],
            "groups": self.groups,
            "accepted": self.accepted,
            "carries_ta1": self.carries_ta1,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeAcknowledgment:
    """A TA1 that came: the verdict on the interchange we sent under ``control_number``.

    ``code``: I18 as it came; ``reason``: in words.
    """

    control_number: str
    date: str
    time: str
    status: Status
    code: str
    reason: str


def ta1(result: InterchangeResult) -> list[str] | None:
    """The TA1 that is owed, None where none is.

    One is owed where ISA14 asks for it or the interchange itself is faulty; an interchange that holds nothing but TA1
    is never answered. A fault rejects the interchange (R) only where none of its documents went on, else it is noted
    (E).
    """
    if result.carries_ta1 and not result.groups:
        return None
    faults = [problem for problem in result.problems if problem.severity != "note" and problem.ack.get("TA105")]
    errors = [problem for problem in faults if problem.severity == "error"]
    if not result.ack_requested and not errors:
        return None
    status, code = "A", "000"
    if errors or faults:
        code = (errors or faults)[0].ack["TA105"]
        status = "R" if errors and not result.accepted else "E"
    digits = result.control_number if result.control_number.isdecimal() else "0"
    return [
        "TA1",
        digits[-9:].zfill(9),
        _digits(result.date, 6),
        _digits(result.time, 4),
        status,
        code,
    ]


def read_ta1(segment: Sequence[str]) -> InterchangeAcknowledgment:
    """What a TA1 segment says. Raises BadDocument where it names no interchange or no verdict."""
    number, date, time, status, code = (*segment[1:6], "", "", "", "", "")[:5]
    if segment[0] != "TA1" or not number.isdecimal() or len(number) > 9 or status not in _STATUS:
        message = f"{'*'.join(segment)[:99]!r} is no usable TA1"
        raise BadDocument(message, fix="TA1 holds a control number of 9 digits, date, time, A, E or R, and a code")
    return InterchangeAcknowledgment(
        control_number=number.zfill(9),
        date=date,
        time=time,
        status=_STATUS[status],
        code=code,
        reason=NOTES.get(code, "a reason that X12 does not list"),
    )


def _digits(value: str, width: int) -> str:
    return value if value.isdecimal() and len(value) == width else "0" * width
