"""997 and 999, exactly. F-numbers name field failures that must not come back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.problem import Problem
from hub.x12.acknowledge import DocumentResult, GroupResult, acknowledgment, acknowledgment_version
from hub.x12.document import Delimiters, Verdict
from hub.x12.outgoing import Envelope
from hub.x12.write import write_document

GROUP = GroupResult(type="PO", control_number="7", version="004010", declared=1)
ENVELOPE = Envelope(
    sender_qualifier="ZZ", sender="US", receiver_qualifier="ZZ", receiver="THEM", control=1, at_seconds=0.0
)


def problem(code: str = "x", **facts: Any) -> Problem:
    return Problem(code=code, message=code, **facts)


def result(number: str = "0001", verdict: Verdict = "rejected", *problems: Problem) -> DocumentResult:
    return DocumentResult(document="850", control_number=number, verdict=verdict, problems=problems)


def lines(group: GroupResult, *documents: DocumentResult, **options: Any) -> list[str]:
    body = acknowledgment(group, documents, control_number="0001", **options)
    assert body is not None
    version = "005010" if group.version >= "005010" else "004010"
    envelope = Envelope(
        sender_qualifier="ZZ", sender="US", receiver_qualifier="ZZ", receiver="T", control=1, at_seconds=0.0,
        version=version,
    )  # fmt: skip
    return write_document(envelope, body).decode().split("~")[1:-2]


BAD_LENGTH = problem(
    segment="BEG", position=2, element=3, value="P" * 23, ack={"AK304": "8", "AK402": "324", "AK403": "5"}
)
BAD_CODE = problem(segment="BEG", position=2, element=2, value="XX", ack={"AK304": "8", "AK402": "92", "AK403": "7"})


def test_a_clean_document_is_plainly_accepted_f43() -> None:
    assert lines(GROUP, result("0001", "accepted")) == ["AK1*PO*7", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]


def test_notes_are_for_us() -> None:
    note = problem(severity="note", segment="REF", position=3, ack={"AK304": "2"})
    assert lines(GROUP, result("0001", "accepted", note))[2] == "AK5*A"


def test_faulty_elements_stand_in_order_under_one_ak3() -> None:
    assert lines(GROUP, result("0001", "rejected", BAD_LENGTH, BAD_CODE)) == [
        "AK1*PO*7",
        "AK2*850*0001",
        "AK3*BEG*2**8",
        "AK4*2*92*7*XX",
        "AK4*3*324*5*" + "P" * 23,
        "AK5*R*5",
        "AK9*R*1*1*0",
    ]


def test_a_missing_segment_is_named_with_place_and_loop_f45() -> None:
    missing = problem(segment="PO1", position=9, loop="PO1", ack={"AK304": "3"})
    missing_inside = problem(segment="N4", position=6, loop="PO1/N1", ack={"AK304": "3"})
    assert lines(GROUP, result("0001", "rejected", missing, missing_inside))[2:4] == [
        "AK3*N4*6*N1*3",
        "AK3*PO1*9*PO1*3",
    ]


def test_each_code_of_a_segment_has_its_ak3() -> None:
    often = problem(segment="BEG", position=2, ack={"AK304": "5"})
    assert lines(GROUP, result("0001", "rejected", often, BAD_CODE, often))[2:6] == [
        "AK3*BEG*2**5",
        "AK3*BEG*2**8",
        "AK4*2*92*7*XX",
        "AK5*R*5",
    ]


def test_components_and_long_or_dangerous_values() -> None:
    component = problem(
        segment="SV1",
        position=4,
        element=1,
        component=2,
        value="a*b~c>d\n" + "é" * 120,
        ack={"AK304": "8", "AK403": "4"},
    )
    line = lines(GROUP, result("0001", "rejected", component))[3]
    assert line == "AK4*1>2**4*a b c d " + "é" * 91
    assert len(line.rpartition("*")[2]) == 99


@pytest.mark.parametrize(("version", "code"), [("004010", "3"), ("005010", "13")])
def test_codes_that_a_release_lacks(version: str, code: str) -> None:
    group = GroupResult(type="PO", control_number="7", version=version, declared=1)
    many = problem(segment="MEA", position=4, element=4, ack={"AK304": "8", "AK403": "13"})
    assert lines(group, result("0001", "rejected", many))[3] == f"AK4*4**{code}"


@pytest.mark.parametrize("delimiters", [Delimiters("|", "'", ":"), Delimiters("\x1d", "\x1c", "\x1f")])
def test_values_are_safe_with_any_delimiters(delimiters: Delimiters) -> None:
    bad = problem(segment="REF", position=3, element=2, value="a|b'c:d\x1de\x1c", ack={"AK304": "8", "AK403": "6"})
    body = acknowledgment(GROUP, [result("0001", "rejected", bad)], control_number="0001")
    assert body is not None
    envelope = Envelope(
        sender_qualifier="ZZ", sender="US", receiver_qualifier="ZZ", receiver="T", control=1, at_seconds=0.0,
        delimiters=delimiters,
    )  # fmt: skip
    segments = write_document(envelope, body).decode().split(delimiters.segment)
    assert [segment.split(delimiters.element)[0] for segment in segments] == [
        "ST", "AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "SE", "",
    ]  # fmt: skip
    assert len(segments[4].split(delimiters.element)) == 5


def test_codes_of_the_document() -> None:
    count = problem(segment="SE", position=9, ack={"AK502": "4"})
    assert lines(GROUP, result("0001", "rejected", count))[2:] == ["AK5*R*4", "AK9*R*1*1*0"]
    many = [problem(ack={"AK502": code}) for code in ("23", "4", "3", "2", "1", "7", "4")]
    assert lines(GROUP, result("0001", "rejected", *many, BAD_CODE))[4] == "AK5*R*1*2*3*4*5"


def test_a_refusal_without_x12_code_has_none() -> None:
    assert lines(GROUP, result("0001", "rejected", problem(segment="PO1", position=3)))[2] == "AK5*R"


def test_accepted_with_errors_is_told() -> None:
    warned = problem(
        severity="warning", segment="DTM", position=4, element=2, value="x", ack={"AK304": "8", "AK403": "8"}
    )
    assert lines(GROUP, result("0001", "accepted_with_errors", warned))[2:] == [
        "AK3*DTM*4**8",
        "AK4*2**8*x",
        "AK5*E*5",
        "AK9*E*1*1*1",
    ]


def test_one_bad_document_among_ten_rejects_itself_alone_f86() -> None:
    group = GroupResult(type="PO", control_number="7", version="004010", declared=10)
    documents = [result(f"{n:04d}", "rejected" if n == 4 else "accepted") for n in range(1, 11)]
    told = lines(group, *documents)
    assert [line for line in told if line.startswith("AK5")] == ["AK5*A"] * 3 + ["AK5*R"] + ["AK5*A"] * 6
    assert told[-1] == "AK9*P*10*10*9"
    assert lines(group, *documents, listed="faulty") == ["AK1*PO*7", "AK2*850*0004", "AK5*R", "AK9*P*10*10*9"]


def test_the_whole_group_may_be_rejected_instead() -> None:
    group = GroupResult(type="PO", control_number="7", version="004010", declared=2)
    documents = [result("0001", "accepted"), result("0002", "rejected", BAD_CODE)]
    told = lines(group, *documents, whole_group=True)
    assert [line for line in told if line.startswith("AK5")] == ["AK5*R", "AK5*R*5"]
    assert told[-1] == "AK9*R*2*2*0"
    assert lines(group, documents[0], whole_group=True)[-1] == "AK9*A*2*1*1"


def test_faults_of_the_group() -> None:
    wrong_count = problem(segment="GE", ack={"AK905": "5"})
    group = GroupResult(type="PO", control_number="7", version="004010", declared=3, problems=(wrong_count,))
    assert lines(group, result("0001", "accepted"))[-1] == "AK9*E*3*1*1*5"
    no_ge = problem(ack={"AK905": "3"})
    group = GroupResult(type="PO", control_number="7", version="004010", problems=(no_ge, wrong_count, no_ge))
    assert lines(group, result("0001", "rejected"))[-1] == "AK9*R*1*1*0*3*5"
    assert lines(group)[-1] == "AK9*R*0*0*0*3*5"


def test_acknowledgments_are_never_acknowledged() -> None:
    group = GroupResult(type="FA", control_number="7", version="004010")
    assert acknowledgment(group, [result()], control_number="0001") is None


@pytest.mark.parametrize(
    ("version", "expected"),
    [("004040", "004040"), ("004010VICS", "004010VICS"), ("005010", "005010"), ("", "004010"), ("4010", "004010")],
)
def test_the_version_follows_the_group_f42(version: str, expected: str) -> None:
    group = GroupResult(type="PO", control_number="7", version=version)
    assert acknowledgment_version(group) == expected
    assert acknowledgment_version(group, "999") == "005010X231A1"


def test_5010_names_version_and_convention() -> None:
    group = GroupResult(type="PO", control_number="7", version="005010", declared=1)
    document = DocumentResult(document="850", control_number="0001", verdict="accepted", convention="005010X1")
    assert lines(group, document)[:2] == ["AK1*PO*7*005010", "AK2*850*0001*005010X1"]
    assert lines(group, result("0001", "accepted"))[1] == "AK2*850*0001"


def test_999() -> None:
    group = GroupResult(type="PO", control_number="7", version="005010", declared=1)
    body = acknowledgment(group, [result("0001", "rejected", BAD_CODE)], control_number="0009", style="999")
    assert body is not None
    assert write_document(ENVELOPE, body) == (
        b"ST*999*0009*005010X231A1~AK1*PO*7*005010~AK2*850*0001~IK3*BEG*2**8~IK4*2*92*7*XX~IK5*R*5~"
        b"AK9*R*1*1*0~SE*8*0009~"
    )


def test_limits() -> None:
    elements = [
        problem(segment="PO1", position=3, element=n % 25 + 1, value=str(n), ack={"AK304": "8", "AK403": "7"})
        for n in range(150)
    ]
    segments = [problem(segment="REF", position=n + 4, ack={"AK304": "2"}) for n in range(50)]
    told = lines(GROUP, result("0001", "rejected", *elements, *segments), most_segments=20)
    assert sum(line.startswith("AK4") for line in told) == 99
    assert sum(line.startswith("AK3") for line in told) == 20
    far = problem(segment="REF", position=12_345_678, ack={"AK304": "2"})
    assert lines(GROUP, result("0001", "rejected", far))[2] == "AK3*REF*999999**2"


def test_unusable_control_data_is_still_answered() -> None:
    group = GroupResult(type="", control_number="", version="")
    document = DocumentResult(
        document="", control_number="", verdict="rejected", problems=[problem(ack={"AK502": "6"})]
    )
    assert lines(group, document) == ["AK1*ZZ*0", "AK2*000*0000", "AK5*R*6", "AK9*R*1*1*0"]


def test_results_survive_json() -> None:
    document = result("0001", "rejected", BAD_LENGTH, BAD_CODE)
    group = GroupResult(type="PO", control_number="7", version="004010", declared=1, problems=(BAD_CODE,))
    stored = json.loads(json.dumps([group.as_json(), document.as_json()]))
    again = (GroupResult.from_json(stored[0]), DocumentResult.from_json(stored[1]))
    assert again == (group, document)
    assert lines(*again) == lines(group, document)
