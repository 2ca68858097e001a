"""TA1: when one is owed, what it says, and what one that came says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.errors import BadDocument
from hub.problem import Problem
from hub.x12.interchange_ack import NOTES, InterchangeResult, read_ta1, ta1

WRONG_COUNT = Problem(code="count_wrong", message="IEA01", segment="IEA", ack={"TA105": "021"})
UNPADDED = Problem(code="isa_unpadded", message="ISA", severity="warning", segment="ISA", ack={"TA105": "022"})


def owed(**facts: Any) -> list[str] | None:
    defaults: dict[str, Any] = {
        "control_number": "000000042", "date": "260115", "time": "1200", "ack_requested": False, "groups": 1,
    }  # fmt: skip
    return ta1(InterchangeResult(**{**defaults, **facts}))


def test_none_is_owed_where_none_is_asked_for() -> None:
    assert owed() is None
    assert owed(problems=[UNPADDED]) is None


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"ack_requested": True}, ["A", "000"]),
        ({"ack_requested": True, "problems": [UNPADDED]}, ["E", "022"]),
        ({"problems": [UNPADDED, WRONG_COUNT]}, ["R", "021"]),
        ({"problems": [WRONG_COUNT], "accepted": 0}, ["R", "021"]),
        ({"problems": [WRONG_COUNT], "accepted": 3}, ["E", "021"]),
    ],
)
def test_verdicts(facts: dict[str, Any], verdict: list[str]) -> None:
    assert owed(**facts) == ["TA1", "000000042", "260115", "1200", *verdict]


def test_a_ta1_is_never_answered() -> None:
    assert owed(ack_requested=True, carries_ta1=True, groups=0) is None
    assert owed(ack_requested=True, carries_ta1=True, groups=1) is not None


def test_what_came_is_made_to_fit() -> None:
    facts = {"ack_requested": True, "control_number": "12A", "date": "2026", "time": ""}
    assert owed(**facts) == ["TA1", "000000000", "000000", "0000", "A", "000"]
    short = owed(ack_requested=True, control_number="42")
    assert short is not None
    assert short[1] == "000000042"


def test_results_survive_json() -> None:
    result = InterchangeResult(
        control_number="1", date="260115", time="1200", ack_requested=True, problems=(WRONG_COUNT,), accepted=2
    )
    assert InterchangeResult.from_json(json.loads(json.dumps(result.as_json()))) == result


def test_reading() -> None:
    came = read_ta1(["TA1", "000000042", "260115", "1200", "R", "021"])
    assert (came.control_number, came.status, came.code) == ("000000042", "rejected", "021")
    assert came.reason == NOTES["021"]
    short = read_ta1(["TA1", "42", "260115", "1200", "A"])
    assert (short.control_number, short.status, short.code) == ("000000042", "accepted", "")


@pytest.mark.parametrize(
    "segment",
    [
        ["TA1"],
        ["TA1", "", "", "", "A"],
        ["TA1", "1", "260115", "1200", "X"],
        ["TA1", "1234567890", "", "", "A"],
        ["AK1"],
    ],
)
def test_reading_what_is_no_ta1(segment: list[str]) -> None:
    with pytest.raises(BadDocument, match="no usable TA1"):
        read_ta1(segment)
