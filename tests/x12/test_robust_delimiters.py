"""Ways in which other parsers failed in production, each recreated in a sample of our own; F-numbers name them.

Delimiters and ISA.
"""

from __future__ import annotations

import pytest

from hub.x12.agreement import Agreement
from hub.x12.document import Interchange
from hub.x12.reader import read
from tests.x12.making import (
    ORDER,
    PLAIN,
    all_codes,
    changed,
    codes,
    document,
    documents,
    group,
    interchange,
    isa,
    looked,
    only,
    sample,
    told,
    verdicts,
    wire,
)


@pytest.mark.parametrize("terminator", ["~", "\n", "\r", "'", "\x1c", "\x85", "¦", "Ö", "…", "\ufffd", "\x07"])
def test_f01_f20_f21_any_terminator(terminator: str) -> None:
    result = looked(wire(PLAIN, terminator))
    assert all_codes(result) == []
    assert verdicts(result) == ["accepted"]
    assert result["interchanges"][0]["delimiters"]["segment"] == terminator


@pytest.mark.parametrize("pad", ["\n", "\r\n", "\r"])
def test_f06_line_ends_after_a_terminator_are_padding(pad: str) -> None:
    result = looked(wire(PLAIN, "~", pad))
    assert all_codes(result) == []
    assert verdicts(result) == ["accepted"]
    assert result["interchanges"][0]["delimiters"]["segment"] == "~"


def test_f01_crlf_as_terminator() -> None:
    result = looked(wire(PLAIN, "\r\n"))
    assert all_codes(result) == []
    assert verdicts(result) == ["accepted"]
    assert result["interchanges"][0]["delimiters"]["segment"] == "\r"


@pytest.mark.parametrize("terminator", ["\n", "\r\n", "\r"])
def test_f02_the_last_segment_may_lack_its_line_end(terminator: str) -> None:
    data = wire(PLAIN, terminator)
    result = looked(data[: -len(terminator)])
    assert all_codes(result) == []
    assert verdicts(result) == ["accepted"]


def test_f02_a_missing_printable_terminator_is_told() -> None:
    result = looked(wire(PLAIN)[:-1])
    assert all_codes(result) == ["terminator_missing"]
    assert verdicts(result) == ["accepted"]


def test_f03_f24_delimiters_of_every_isa() -> None:
    other = [s.replace("*", "|").replace(">", "^") for s in interchange(group(document(ORDER)), number=2)]
    third = [s.replace("*", "\x1d") for s in interchange(group(document(ORDER)), number=3)]
    result = looked(wire(PLAIN) + wire(other, "\n") + b"\r\n\r\n" + wire(third, "\x1c"))
    assert [i["delimiters"]["element"] for i in result["interchanges"]] == ["*", "|", "\x1d"]
    assert verdicts(result) == ["accepted"] * 3
    assert all_codes(result) == []


def test_f04_a_remittance_with_line_ends() -> None:
    body = ["BPR*I*100*C*CHK************20260105", "TRN*1*12345", "ENT*1", "RMR*IV*INV1**100"]
    segments = interchange(group(document(body, "820"), kind="RA"))
    assert verdicts(looked(wire(segments, "\n"))) == ["accepted"]


def test_f07_a_blank_before_the_terminator() -> None:
    data = wire(PLAIN).replace(b">~", b"> ~", 1)
    result = looked(data)
    assert all_codes(result) == ["isa_terminator"]
    assert verdicts(result) == ["accepted"]


def test_f08_f10_isa_without_padding() -> None:
    short = "*".join(field.strip() if field.strip() else " " for field in PLAIN[0].split("*"))
    result = looked(wire([short, *PLAIN[1:]]))
    assert all_codes(result) == ["isa_length"]
    assert "expected 106" in result["interchanges"][0]["problems"][0]["message"]
    assert "ISA06 has 6 (expected 15)" in result["interchanges"][0]["problems"][0]["message"]
    assert result["interchanges"][0]["sender"] == "BIGBOX"
    assert verdicts(result) == ["accepted"]


def test_f09_isa_is_kept_as_it_came() -> None:
    event = next(iter(read(wire(PLAIN))))
    assert isinstance(event, Interchange)
    assert "*".join(event.isa) == PLAIN[0]


@pytest.mark.parametrize(("version", "eleven"), [("00401", "U"), ("00401", "^"), ("00501", "U"), ("00501", "V")])
def test_f11_to_f14_isa11_is_no_separator(version: str, eleven: str) -> None:
    """Product ids with that letter stay whole."""
    body = changed(ORDER, ORDER[9], "PO1*1*12*EA*9.95**UP*012345678905*VN*B005UO5D12V^")
    body = [segment for segment in body if not segment.startswith("MSG")]
    release = version + "0"
    data = wire(interchange(group(document(body), version=release), version=version, eleven=eleven))
    result = looked(data)
    assert result["interchanges"][0]["delimiters"]["repetition"] == ""
    assert verdicts(result) == ["accepted"]
    assert told(result["interchanges"][0]["problems"]) == (["repetition_ignored"] if version > "00401" else [])


def test_f15_repetition_switched_off() -> None:
    data = sample(changed(ORDER, "REF*DP*038", "REF*DP*A^B"), version="005010")
    assert codes(only(data).problems) == ["separator_in_data"]
    assert [d.problems for d in documents(data, agreement=Agreement(repetition=False))] == [[]]


def test_f16_isa_inside_data() -> None:
    body = changed(ORDER, ORDER[6], "N1*ST*ISA*92*ISAAC")
    result = looked(wire(interchange(group(document(body)))))
    assert len(result["interchanges"]) == 1
    assert verdicts(result) == ["accepted"]


def wrapped(data: bytes, width: int, newline: bytes) -> bytes:
    return b"".join(data[at : at + width] + newline for at in range(0, len(data), width))


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("width", [40, 72, 79, 80, 100, 106, 128, 132])
def test_f17_f18_wrapped_lines(width: int, newline: bytes) -> None:
    """Wherever the cut falls: inside ISA, a tag, a number."""
    data = wire(interchange(group(document(ORDER), document(ORDER, number="0002"))))
    cut = wrapped(data, width, newline)
    result = looked(cut)
    assert verdicts(result) == ["accepted", "accepted"]
    assert all_codes(result) == ["lines_wrapped"]
    found = documents(cut)
    for each in found:
        piece = cut[each.offset : each.offset + each.length].replace(newline, b"")
        assert piece.startswith(b"ST*850*")
        assert piece.endswith(each.control_number.encode() + b"~")


def test_f18_wrapped_interchanges_in_one_file() -> None:
    one = wrapped(wire(PLAIN), 80, b"\r\n")
    two = wrapped(wire(interchange(group(document(ORDER)), number=2)), 80, b"\r\n")
    result = looked(one + two)
    assert [i["control_number"] for i in result["interchanges"]] == ["000000001", "000000002"]
    assert verdicts(result) == ["accepted", "accepted"]


def test_f18_a_wrap_within_a_wrap_is_still_accounted_for() -> None:
    one = wrapped(wire(PLAIN[:10]), 79, b"\r\n")
    two = wrapped(wire(interchange(group(document(ORDER)), number=2)), 60, b"\r\n")
    result = looked(one + two)
    assert verdicts(result)[-1] == "accepted"


@pytest.mark.parametrize("segments", [PLAIN, [PLAIN[0].replace("*", "A"), *PLAIN[1:]]])
def test_f19_delimiters_that_collide(segments: list[str]) -> None:
    terminator = "*" if segments is PLAIN else "~"
    result = looked(wire(segments, terminator))
    assert result["interchanges"] == []
    assert result["problems"][0]["code"] in {"delimiters_unusable", "isa_unreadable", "not_x12"}
    assert result["problems"][0]["fix"]


def test_f19_a_component_separator_that_is_a_letter() -> None:
    head = isa(component="X")
    result = looked(wire([head, *PLAIN[1:]]))
    assert told(result["interchanges"][0]["problems"]) == ["delimiters_unusable"]
    assert result["interchanges"][0]["problems"][0]["ack"]["TA105"] == "027"
    assert verdicts(result) == ["accepted"]


@pytest.mark.parametrize("data", [b"hello world", b"\x00\x01\x02", b"<xml/>", b"ISAAC NEWTON", b"ISA*00*1~"])
def test_f22_what_is_not_x12_is_told_with_its_first_bytes(data: bytes) -> None:
    result = looked(data)
    assert result["interchanges"] == []
    problem = result["problems"][-1]
    assert problem["code"] in {"not_x12", "isa_unreadable"}
    assert data.lstrip(b"\0")[:4].hex(" ") in problem["message"]


@pytest.mark.parametrize(
    ("data", "syntax"),
    [
        (b"UNB+UNOA:1+A+B+260105:1200+1'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+1'", "edifact"),
        (b"UNA:+.? 'UNB+UNOA:1+A+B+260105:1200+1'UNZ+0+1'", "edifact"),
        (b"STX=ANAA:1+A+B+260105:120000+1'END=0'", "tradacoms"),
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"plain text", "unknown"),
    ],
)
def test_other_syntaxes_are_named(data: bytes, syntax: str) -> None:
    result = looked(data)
    assert result["syntax"] == syntax
    assert result["interchanges"] == []
    if data.strip():
        assert told(result["problems"]) == ["not_x12"]


@pytest.mark.parametrize("pad", ["\n    ", "   ", "\n\t"])
def test_f23_blanks_before_tags(pad: str) -> None:
    result = looked(wire(PLAIN, "~", pad))
    assert "blanks_before_tags" in all_codes(result)
    assert verdicts(result) == ["accepted"]
    assert only(wire(PLAIN, "~", pad)).segments[1][0] == "BEG"


def test_byte_order_mark() -> None:
    result = looked(b"\xef\xbb\xbf" + wire(PLAIN))
    assert told(result["problems"]) == ["byte_order_mark"]
    assert verdicts(result) == ["accepted"]


def test_isa16_missing() -> None:
    data = wire([PLAIN[0][:-1], *PLAIN[1:]], "~", "\n")
    result = looked(data)
    assert result["interchanges"][0]["delimiters"] == {
        "element": "*", "segment": "~", "component": "", "repetition": "",
    }  # fmt: skip
    assert told(result["interchanges"][0]["problems"]) == ["isa_length"]
    assert verdicts(result) == ["accepted"]


@pytest.mark.parametrize(
    ("number", "value", "ack"),
    [(5, "QQ", "005"), (7, "QQ", "007"), (9, "261345", "014"), (10, "2560", "015"), (14, "7", "019"), (15, "X", "020"),
     (13, "ABCDEFGHI", "018"), (6, " " * 15, "006")],
)  # fmt: skip
def test_isa_values(number: int, value: str, ack: str) -> None:
    fields = PLAIN[0].split("*")
    fields[number] = value
    result = looked(wire(["*".join(fields), *PLAIN[1:-1], f"IEA*1*{fields[13]}"]))
    assert [(p["code"], p["element"], p["ack"]["TA105"]) for p in result["interchanges"][0]["problems"]] == [
        ("isa_value", number, ack)
    ]
