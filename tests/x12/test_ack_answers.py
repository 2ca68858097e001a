"""From bytes that came to the bytes that answer them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.errors import BadDocument
from hub.x12 import Delimiters, Document, Interchange, read, second_opinion
from hub.x12.answer import answers, reply_envelope
from hub.x12.outgoing import DocumentBody, Envelope, GroupBody
from hub.x12.write import write_interchange
from tests.x12.mutation import GROUPS, Rows, good, spoilt

AT = 1_768_478_400.0
ENVELOPE = Envelope(
    sender_qualifier="12", sender="5551234567", receiver_qualifier="ZZ", receiver="CROSSDOCK", control=42,
    at_seconds=AT, usage="T", group_sender="BUYER",
)  # fmt: skip


def came(*documents: Rows, version: str = "004010", set_id: str = "850", **facts: Any) -> bytes:
    bodies = [
        DocumentBody(document=set_id, control_number=f"{n:04d}", segments=rows) for n, rows in enumerate(documents, 1)
    ]
    outer = replace(ENVELOPE, version=version, **facts)
    return write_interchange(outer, [GroupBody(type=GROUPS[set_id], control=7, documents=bodies)])


def answer(data: bytes, **options: Any) -> list[str]:
    (only,) = answers(read(data), at_seconds=AT, newline="", **options)
    return only.decode().split("~")[:-1]


def faulty() -> Rows:
    rows = [row for row in good("850") if row[0] != "PO1"]
    rows[0] = ["BEG", "00", "QQ", "PO123", "", "20260230"]
    return [row for row in rows if row[0] not in {"PID", "CTT", "AMT", "SAC"}]


def test_a_clean_file() -> None:
    assert answer(came(good("850"))) == [
        "ISA*00*          *00*          *ZZ*CROSSDOCK      *12*5551234567     *260115*1200*U*00401*000000001*0*T*>",
        "GS*FA*CROSSDOCK*BUYER*20260115*1200*1*X*004010",
        "ST*997*0001",
        "AK1*PO*7",
        "AK2*850*0001",
        "AK5*A",
        "AK9*A*1*1*1",
        "SE*6*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]


def test_three_faults() -> None:
    assert answer(came(faulty()))[4:-3] == [
        "AK2*850*0001",
        "AK3*BEG*2**8",
        "AK4*2*92*7*QQ",
        "AK4*5*373*8*20260230",
        "AK3*PO1*16*PO1*3",
        "AK5*R*5",
        "AK9*R*1*1*0",
    ]


def test_one_bad_among_ten_f86() -> None:
    documents = [good("850") for _ in range(9)]
    documents.insert(3, faulty())
    told = answer(came(*documents), listed="faulty")
    assert told[3:5] == ["AK1*PO*7", "AK2*850*0004"]
    assert told[-4] == "AK9*P*10*10*9"
    assert answer(came(*documents), whole_group=True)[-4] == "AK9*R*10*10*0"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"SE*25", b"SE*26", ["AK5*R*4", "AK9*R*1*1*0"]),
        (b"SE*25*0001", b"SE*25*0009", ["AK5*R*3", "AK9*R*1*1*0"]),
        (b"SE*25*0001~", b"", ["AK5*R*2", "AK9*R*1*1*0"]),
        (b"GE*1*7", b"GE*2*7", ["AK5*A", "AK9*E*2*1*1*5"]),
        (b"GE*1*7", b"GE*1*8", ["AK5*A", "AK9*E*1*1*1*4"]),
        (b"GE*1*7~", b"", ["AK5*A", "AK9*E*1*1*1*3"]),
    ],
)
def test_trailers(old: bytes, new: bytes, told: list[str]) -> None:
    data = came(good("850"))
    assert old in data
    said = answer(data.replace(old, new))
    start = next(i for i, segment in enumerate(said) if segment.startswith("AK5"))
    assert said[start : start + 2] == told


def test_the_interchange_itself() -> None:
    data = came(good("850"), ack_requested=True)
    assert answer(data)[1] == "TA1*000000042*260115*1200*A*000"
    wrong = came(good("850")).replace(b"IEA*1*", b"IEA*2*")
    assert answer(wrong)[1] == "TA1*000000042*260115*1200*E*021"
    assert answer(came(faulty()).replace(b"IEA*1*", b"IEA*2*"))[1] == "TA1*000000042*260115*1200*R*021"


def test_acknowledgments_are_not_answered() -> None:
    (answered,) = answers(read(came(good("850"), ack_requested=True)), at_seconds=AT)
    assert list(answers(read(answered), at_seconds=AT)) == []
    alone = write_interchange(
        replace(ENVELOPE, ack_requested=True), [], ta1=[["TA1", "000000001", "260115", "1200", "A", "000"]]
    )
    assert list(answers(read(alone), at_seconds=AT)) == []


@pytest.mark.parametrize("version", ["004010", "004040", "004010VICS", "005010"])
def test_the_version_follows_f42(version: str) -> None:
    told = answer(came(good("850", version), version=version))
    assert told[1].split("*")[8] == version
    assert told[0].split("*")[12] == version[:5]


def test_999_for_those_who_want_it() -> None:
    told = answer(came(good("850", "005010"), version="005010"), style="999")
    assert told[1].endswith("*005010X231A1")
    assert told[2:7] == ["ST*999*0001*005010X231A1", "AK1*PO*7*005010", "AK2*850*0001", "IK5*A", "AK9*A*1*1*1"]


def test_delimiters_are_the_senders_f70() -> None:
    data = came(good("850"), delimiters=Delimiters("|", "'", "<"))
    (told,) = answers(read(data), at_seconds=AT, newline="")
    assert told[:4] == b"ISA|"
    assert told[104:106] == b"<'"


def test_interchanges_and_groups_are_answered_each() -> None:
    bodies = [DocumentBody(document="810", control_number="0001", segments=good("810"))]
    two = write_interchange(
        ENVELOPE,
        [
            GroupBody(type="IN", control=1, documents=bodies),
            GroupBody(type="IN", control=2, documents=bodies),
            GroupBody(type="IN", control=3, documents=bodies, version="004030"),
        ],
    )
    told = list(answers(read(two + came(good("850"))), at_seconds=AT, control=999_999_999, newline=""))
    assert [data[90:99] for data in told] == [b"999999999", b"000000002"]
    segments = told[0].decode().split("~")
    assert [s.split("*")[2] for s in segments if s.startswith("AK1")] == ["1", "2", "3"]
    assert [s.split("*")[8] for s in segments if s.startswith("GS")] == ["004010", "004030"]
    assert [s for s in segments if s.startswith("GE")] == ["GE*2*999999999", "GE*1*1"]


@pytest.mark.parametrize("seed", range(40))
def test_every_acknowledgment_is_itself_right(seed: int) -> None:
    data, done = spoilt(sorted(GROUPS)[seed % 4], seed)
    (told,) = answers(read(data), at_seconds=AT)
    (document,) = [event for event in read(told) if isinstance(event, Document)]
    assert [p.message for p in document.problems if p.severity != "note"] == [], done
    (other,) = second_opinion.judge(told)
    assert other.verdict == "accepted", (done, other.problems)


def test_a_sender_without_a_name_cannot_be_answered() -> None:
    data = came(good("850")).replace(b"*5551234567     *", b"*               *")
    with pytest.raises(BadDocument, match="cannot be answered"):
        list(answers(read(data), at_seconds=AT))


def test_delimiters_that_cannot_be_written_give_way() -> None:
    interchange = next(event for event in read(came(good("850"))) if isinstance(event, Interchange))
    interchange.delimiters = Delimiters("*", "~", "A")
    assert reply_envelope(interchange, control=1, at_seconds=AT).delimiters == Delimiters()
