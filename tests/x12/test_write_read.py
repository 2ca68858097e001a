"""What is written is read back the same, or refused; and what was read is written back byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import BadDocument
from hub.x12 import Delimiters, Document, Group, Interchange, read
from hub.x12.outgoing import COMPONENT, REPETITION, DocumentBody, Envelope, GroupBody
from hub.x12.write import write_document, write_interchange
from tests.x12.mutation import GROUPS, good

AT = 1_768_478_400.0
TAGS = st.from_regex(r"[A-Z][A-Z0-9]{1,2}", fullmatch=True).filter(
    lambda tag: tag not in {"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1", "BIN", "BDS"}
)
PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12)
UNICODE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
SEGMENTS = st.lists(st.tuples(TAGS, st.lists(PRINTABLE | UNICODE, max_size=6)).map(lambda s: [s[0], *s[1]]), max_size=8)
DELIMITERS = st.sampled_from(
    [
        Delimiters(),
        Delimiters("|", "\n", ":", "!"),
        Delimiters("\x1d", "\x1c", "\x1f", "\x1e"),
        Delimiters("+", "\r", "<"),
    ]
)


def envelope(**facts: Any) -> Envelope:
    return Envelope(
        **{
            "sender_qualifier": "ZZ", "sender": "CROSSDOCK", "receiver_qualifier": "ZZ", "receiver": "BIGBOX",
            "control": 7, "at_seconds": AT, **facts,
        }
    )  # fmt: skip


def written(rows: list[list[str]], outer: Envelope) -> bytes:
    body = DocumentBody(document="850", control_number="0001", segments=rows)
    return write_interchange(outer, [GroupBody(type="PO", control=1, documents=[body])])


def written_or_refusal(rows: list[list[str]], outer: Envelope) -> bytes | str:
    try:
        return written(rows, outer)
    except BadDocument as refused:
        return refused.message


def trimmed(rows: list[list[str]]) -> list[list[str]]:
    kept = []
    for row in rows:
        row = list(row)
        while row and not row[-1]:
            row.pop()
        if len(row) > 1:
            kept.append(row)
    return kept


def only_document(data: bytes) -> Document:
    (document,) = [event for event in read(data) if isinstance(event, Document)]
    return document


@settings(max_examples=300, deadline=None)
@given(SEGMENTS, DELIMITERS, st.sampled_from(["", "\n", "\r\n"]), st.sampled_from(["004010", "005010"]))
def test_segments_come_back_or_are_refused(
    rows: list[list[str]], delimiters: Delimiters, newline: str, version: str
) -> None:
    data = written_or_refusal(rows, envelope(delimiters=delimiters, newline=newline, version=version))
    if isinstance(data, str):
        used = "".join(delimiters.as_json().values()) + "^!|`"
        assert not trimmed(rows) or any(c in used for row in rows for value in row[1:] for c in value)
        return
    assert only_document(data).segments[1:-1] == trimmed(rows)


@settings(max_examples=150, deadline=None)
@given(SEGMENTS, st.sampled_from(["choose", "replace"]))
def test_choosing_and_replacing_never_break_a_segment(rows: list[list[str]], clash: str) -> None:
    if not trimmed(rows):
        return
    data = written_or_refusal(rows, envelope(clash=clash, version="005010"))
    if isinstance(data, str):
        assert clash == "choose"
        assert "every usable" in data
        return
    document = only_document(data)
    lengths = [len(row) for row in document.segments[1:-1]]
    assert lengths == [len(row) for row in trimmed(rows)]
    if clash == "choose":
        assert document.segments[1:-1] == trimmed(rows)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40), st.text(max_size=20))
def test_any_text_at_all_leaves_the_envelope_whole(raw: bytes, text: str) -> None:
    value = raw.decode("latin-1") + text
    data = written([["MSG", "1", value], ["REF", "X", value]], envelope(clash="replace", version="005010"))
    events = list(read(data))
    (interchange, *_) = [event for event in events if isinstance(event, Interchange)]
    document = only_document(data)
    assert interchange.complete
    assert interchange.problems == []
    assert document.segments[-1][:2] == ["SE", str(len(document.segments))]
    assert {row[0] for row in document.segments} <= {"ST", "MSG", "REF", "SE"}


@pytest.mark.parametrize("outer", [
    envelope(),
    envelope(newline="\n"),
    envelope(newline="\r\n", delimiters=Delimiters("|", "'", "<")),
    envelope(delimiters=Delimiters("*", "\r", ":"), newline="\n"),
    envelope(delimiters=Delimiters("*", "\n", ":")),
    envelope(delimiters=Delimiters("\x1d", "\x1c", "\x1f")),
    envelope(version="005010", delimiters=Delimiters("*", "~", ":", "^"), usage="T", ack_requested=True),
])  # fmt: skip
@pytest.mark.parametrize("document", sorted(GROUPS))
def test_our_own_documents_are_read_without_a_problem_and_written_back(document: str, outer: Envelope) -> None:
    body = DocumentBody(document=document, control_number="0001", segments=good(document, outer.version))
    data = write_interchange(outer, [GroupBody(type=GROUPS[document], control=1, documents=[body])])
    reader = read(data)
    events = list(reader)
    came = next(event for event in events if isinstance(event, Document))
    assert reader.problems == []
    assert all(not event.problems for event in events if not isinstance(event, Document))
    assert (came.verdict, came.problems) == ("accepted", [])
    interchange = came.group.interchange
    again = DocumentBody(
        document=came.document,
        control_number=came.control_number,
        segments=came.segments[1:-1],
        joined_by=interchange.delimiters,
    )
    assert write_document(outer, again).rstrip(b"\r\n") == data[came.offset : came.offset + came.length].rstrip(b"\r\n")
    assert write_interchange(outer, [GroupBody(type=came.group.type, control=1, documents=[again])]) == data


def test_composites_and_repetitions_change_delimiters_on_the_way() -> None:
    rows = [["BEG", "00", "SA", "P1", "", "20260115"], ["REF", "DP", "038", "", f"IA{COMPONENT}1"],
            ["DMG", "", "", "", "", f"A{REPETITION}B{COMPONENT}{COMPONENT}C"]]  # fmt: skip
    first = envelope(version="005010", delimiters=Delimiters("*", "~", ":", "^"))
    second = envelope(version="005010", delimiters=Delimiters("|", "\n", "<", "!"))
    came = only_document(written(rows, first))
    body = DocumentBody(
        document="850", control_number="0001", segments=came.segments[1:-1], joined_by=came.group.interchange.delimiters
    )
    text = write_document(second, body)
    assert b"REF|DP|038||IA<1\n" in text
    assert b"DMG|||||A!B<<C\n" in text


def test_several_groups_and_documents() -> None:
    bodies = [DocumentBody(document="850", control_number=f"{n:04d}", segments=good("850")) for n in range(1, 4)]
    invoice = DocumentBody(document="810", control_number="0001", segments=good("810"))
    groups = [GroupBody(type="PO", control=1, documents=bodies), GroupBody(type="IN", control=2, documents=[invoice])]
    data = write_interchange(envelope(), groups)
    numbers = [event.control_number for event in read(data) if isinstance(event, Document)]
    assert numbers == ["0001", "0002", "0003", "0001"]
    assert [event.type for event in read(data) if isinstance(event, Group) and event.closed] == ["PO", "IN"]
    assert all(not event.problems for event in read(data))
