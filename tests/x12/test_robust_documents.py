"""Ways in which other parsers failed in production, each recreated in a sample of our own; F-numbers name them.

Documents: segments, acknowledgments, characters, limits.
"""

from __future__ import annotations

import pytest

from hub.x12.document import Interchange
from hub.x12.limits import Limits
from hub.x12.reader import read
from tests.x12.making import ORDER, PLAIN, changed, codes, document, documents, group, interchange, only, sample, wire


def test_f44_f86_one_bad_document_rejects_itself_alone() -> None:
    numbers = [f"{n:04d}" for n in range(1, 11)]
    bad = changed(ORDER, ORDER[0], "BEG*00*SA*PO123**20260230")
    data = wire(interchange(group(*[document(bad if n == "0004" else ORDER, number=n) for n in numbers])))
    assert [d.control_number for d in documents(data) if d.verdict == "rejected"] == ["0004"]


def test_f45_a_missing_segment_names_itself_and_where() -> None:
    problem = only(sample(["AK9*A*1*1*1"], "997")).problems[0]
    assert (problem.segment, problem.position, problem.ack["AK304"]) == ("AK1", 2, "3")


def test_f49_f58_empty_is_absent() -> None:
    body = changed(ORDER, ORDER[9], "PO1**12*EA*9.95**UP*012345678905***MG*X1")
    assert only(sample(body)).verdict == "accepted"


def test_f60_empty_elements_keep_their_place() -> None:
    found = only(sample(changed(ORDER, ORDER[9], "PO1**12*EA*9.95**UP*012345678905")))
    assert found.segments[10] == ["PO1", "", "12", "EA", "9.95", "", "UP", "012345678905"]


def test_f61_bad_qualifiers_stay_linear() -> None:
    """23 loops with a missing qualifier froze a parser; ten thousand do not slow this one."""
    body = [*ORDER[:6], *["N1**ACME", "N3*X"] * 5_000, *ORDER[9:]]
    found = only(sample(body))
    assert found.verdict == "rejected"
    assert {"loop_repeats", "element_missing"} >= {p.code for p in found.problems[:200]}


def test_f62_binary_data_by_their_length() -> None:
    payload = "A*B~C;ST*850*9999~SE*1*9999~"
    body = ["BGN*11*1*20260105", "N1*SF*X*92*0001", "OTI*TA*IV*1", f"BIN*{len(payload)}*{payload}"]
    whole = only(sample(body, "824"))
    assert ["BIN", str(len(payload)), payload] in whole.segments
    assert "document_count" not in codes(whole.problems)
    short = only(sample([*body[:-1], "BIN*3*ABCDEF"], "824"))
    assert "binary_length" in codes(short.problems)
    assert short.segments[-1][0] == "SE"


@pytest.mark.parametrize(
    ("text", "raw"),
    [("MÜLLER", "MÜLLER".encode()), ("MÜLLER", "MÜLLER".encode("cp1252")), ("5€", "5€".encode("cp1252"))],
)
def test_f79_f81_characters_beyond_ascii(text: str, raw: bytes) -> None:
    data = sample(ORDER).replace(b"ACME STORE", raw)
    found = only(data)
    assert found.segments[7][2] == text
    assert [(p.code, p.severity) for p in found.problems] == [("characters_beyond_ascii", "note")]
    assert found.verdict == "accepted"


def test_control_characters_are_told_and_kept() -> None:
    found = only(sample(changed(ORDER, ORDER[5], "MSG*A\tB")))
    assert [(p.code, p.severity) for p in found.problems] == [("control_character", "warning")]
    assert found.segments[6][1] == "A\tB"


def test_a_line_without_terminator_is_split_and_told() -> None:
    data = wire(PLAIN, "~", "\n").replace(b"REF*DP*038~\n", b"REF*DP*038\n")
    found = only(data)
    assert [(p.code, p.position) for p in found.problems] == [("line_unterminated", 4)]
    assert found.verdict == "accepted_with_errors"


def test_limits_are_told() -> None:
    long = only_with(sample([*ORDER[:9], *[ORDER[9]] * 400]), Limits(document_segments=100))
    assert (codes(long.problems), long.verdict) == (["document_too_large"], "rejected")
    assert len(long.segments) <= 100
    endless = wire(PLAIN[:5]) + b"W" * 5_000
    reader = read(endless, Limits(segment_bytes=1_000))
    events = list(reader)
    assert isinstance(events[-1], Interchange)
    assert "segment_too_large" in codes(events[-1].problems)
    assert reader.bytes_accounted == len(endless)
    many = read(wire(PLAIN) * 5, Limits(interchanges=2))
    assert sum(isinstance(event, Interchange) and event.closed for event in many) == 2
    assert codes(many.problems) == ["too_many_interchanges"]
    assert many.bytes_accounted == len(wire(PLAIN)) * 5


def only_with(data: bytes, limits: Limits):  # type: ignore[no-untyped-def]  a document
    (found,) = documents(data, limits=limits)
    return found
