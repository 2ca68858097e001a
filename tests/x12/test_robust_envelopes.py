"""Ways in which other parsers failed in production, each recreated in a sample of our own; F-numbers name them.

Envelopes, counts, batches and what stands around them.
"""

from __future__ import annotations

import pytest

from hub.x12.agreement import Agreement, Naked
from hub.x12.answer import answers
from hub.x12.document import Delimiters, Document, Interchange
from hub.x12.reader import read
from tests.x12.making import (
    NOTICE,
    ORDER,
    PLAIN,
    all_codes,
    changed,
    document,
    group,
    interchange,
    looked,
    told,
    verdicts,
    wire,
)


def test_f25_f26_f27_everything_in_a_file_is_read() -> None:
    many = interchange(
        group(*[document(ORDER, number=f"{n:04d}") for n in range(1, 4)]),
        group(document(NOTICE, "856", "0001"), kind="SH", number=2),
    )
    result = looked(wire(PLAIN) * 1 + wire(many).replace(b"000000001", b"000000002"))
    assert len(result["interchanges"]) == 2
    assert verdicts(result) == ["accepted"] * 5
    assert all_codes(result) == []


def test_f28_ta1_before_groups_and_alone() -> None:
    ta1 = "TA1*000000007*260105*1200*A*000"
    events = list(read(wire([PLAIN[0], ta1, ta1, *PLAIN[1:]])))
    first = events[0]
    assert isinstance(first, Interchange)
    assert [row[1] for row in first.ta1] == ["000000007", "000000007"]
    assert first.problems == []
    alone = looked(wire([PLAIN[0], ta1, "IEA*0*000000001"]))
    assert all_codes(alone) == []


@pytest.mark.parametrize(
    ("old", "new", "codes_", "ack"),
    [
        ("IEA*1*000000001", "IEA*2*000000001", ["interchange_count"], {"TA105": "021"}),
        ("IEA*1*000000001", "IEA*1*000000009", ["interchange_number_differs"], {"TA105": "001"}),
        ("IEA*1*000000001", None, ["interchange_unfinished"], {"TA105": "023"}),
        ("GE*1*1", "GE*2*1", ["group_count"], {"AK905": "5"}),
        ("GE*1*1", "GE*1*9", ["group_number_differs"], {"AK905": "4"}),
        ("GE*1*1", None, ["group_unfinished"], {"AK905": "3"}),
        ("IEA*1*000000001", "IEA*1*1", [], None),
    ],
)
def test_f29_f37_counts_say_declared_and_found(old: str, new: str | None, codes_: list[str], ack: object) -> None:
    result = looked(wire(changed(PLAIN, old, new)))
    assert all_codes(result) == codes_
    assert verdicts(result) == ["accepted"]
    problems = result["interchanges"][0]["problems"] + result["interchanges"][0]["groups"][0]["problems"]
    assert [problem["ack"] for problem in problems] == ([ack] if ack else [])


@pytest.mark.parametrize("junk", [b"   \r\n", b"\x00" * 9, b"\x1a", b"\r\n\r\n \x1a\x00"])
def test_f31_padding_after_iea(junk: bytes) -> None:
    result = looked(wire(PLAIN, "~", "\n") + junk)
    assert verdicts(result) == ["accepted"]
    assert set(all_codes(result)) <= {"padding_outside"}


def test_f31_junk_after_iea_is_told() -> None:
    result = looked(wire(PLAIN) + b"END OF FILE" + wire(interchange(group(document(ORDER)), number=2)))
    assert told(result["problems"]) == ["junk_outside"]
    assert "11 bytes" in result["problems"][0]["message"]
    assert verdicts(result) == ["accepted", "accepted"]


def test_f32_empty_segments_and_blank_lines() -> None:
    data = wire(PLAIN).replace(b"BEG", b"~~\r\n\r\n~BEG").replace(b"GE*", b"~GE*")
    result = looked(b"\r\n\r\n" + data + b"\r\n\r\n" + wire(interchange(group(document(ORDER)), number=2)))
    assert verdicts(result) == ["accepted", "accepted"]
    assert "segments_empty" in all_codes(result)


def test_f33_blanks_after_terminators() -> None:
    assert verdicts(looked(wire(PLAIN, "~", "  \n"))) == ["accepted"]


def test_f34_naked_documents_and_groups() -> None:
    for segments, what in ((document(ORDER), "a document (ST)"), (group(document(ORDER)), "a group (GS)")):
        result = looked(wire(segments))
        assert told(result["problems"]) == ["naked_documents"]
        assert what in result["problems"][0]["message"]
        assert result["syntax"] == "x12"
    inside = looked(wire([PLAIN[0], *document(ORDER), "IEA*0*000000001"]))
    assert all_codes(inside) == ["group_missing"]
    assert verdicts(inside) == ["accepted"]


def test_numbers_that_come_twice() -> None:
    groups = [group(document(ORDER), number=5), group(document(ORDER), number=5)]
    data = wire(interchange(*groups)) * 2
    assert all_codes(looked(data)) == ["group_repeats", "interchange_repeats", "group_repeats"]


def test_an_interchange_without_end_before_another() -> None:
    data = wire(PLAIN[:-3]) + wire(interchange(group(document(ORDER)), number=2))
    result = looked(data)
    assert verdicts(result) == ["rejected", "accepted"]
    assert all_codes(result) == ["interchange_unfinished", "group_unfinished"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("SE*15*0001", "SE*16*0001", "document_count"),
        ("GE*1*1", "GE*2*1", "group_count"),
        ("IEA*1*000000001", "IEA*2*000000001", "interchange_count"),
    ],
)
def test_f30_wrong_counts_are_told_but_reject_nothing_where_agreed(old: str, new: str, code: str) -> None:
    data = wire(changed(PLAIN, old, new))
    for agreement, severity in ((Agreement(), "error"), (Agreement(counts=True), "warning")):
        events = list(read(data, agreement=agreement))
        told_ = {(p.code, p.severity) for event in events for p in event.problems}
        assert told_ == {(code, severity)}
        rejected = [event.verdict for event in events if isinstance(event, Document) and event.verdict == "rejected"]
        assert bool(rejected) == (severity == "error" and code == "document_count")


def test_f30_a_wrong_count_that_is_allowed_is_in_the_acknowledgment() -> None:
    events = read(wire(changed(PLAIN, "SE*15*0001", "SE*99*0001")), agreement=Agreement(counts=True))
    (reply,) = answers(events, at_seconds=1_800_000_000.0, newline="")
    assert b"~AK5*E*4~AK9*E*1*1*1~" in reply


NAKED = Agreement(naked=Naked(Delimiters("|", "\n", ">"), "004010"))


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("what", ["documents", "groups"])
def test_f34_naked_documents_are_read_where_agreed(what: str, times: int) -> None:
    segments = document(ORDER) if what == "documents" else group(document(ORDER))
    rows = [segment.replace("*", "|") for segment in segments]
    data = b"\r\n" + wire(rows, "\n") * times + wire(PLAIN)
    reader = read(data, agreement=NAKED)
    events = list(reader)
    found = [event for event in events if isinstance(event, Document)]
    assert [each.verdict for each in found][-1] == "accepted"
    assert len(found) == times + 1
    assert not [p for each in found for p in each.problems if p.severity == "error"]
    interchanges = {event.index: event for event in events if isinstance(event, Interchange)}
    told_ = [[(p.code, p.severity) for p in each.problems] for each in interchanges.values()]
    assert told_ == [[("naked_documents", "note")], []]
    assert reader.bytes_accounted == reader.size == len(data)


def test_f34_other_delimiters_than_agreed_are_not_read() -> None:
    reader = read(wire(document(ORDER)), agreement=NAKED)
    assert list(reader) == []
    assert [problem.code for problem in reader.problems] == ["naked_documents"]
