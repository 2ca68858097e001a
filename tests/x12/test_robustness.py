"""Ways in which other parsers failed in production, each recreated in a sample of our own; F-numbers name them."""

from __future__ import annotations

import pytest

from hub.x12.document import Interchange
from hub.x12.limits import Limits
from hub.x12.reader import read
from tests.x12.making import (
    NOTICE,
    ORDER,
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
    wire,
)

PLAIN = interchange(group(document(ORDER)))


def verdicts(result: dict) -> list[str]:
    return [d["verdict"] for i in result["interchanges"] for g in i["groups"] for d in g["documents"]]


def all_codes(result: dict) -> list[str]:
    """Codes of file, interchanges and groups."""
    found = told(result["problems"])
    for each in result["interchanges"]:
        found += told(each["problems"])
        for one in each["groups"]:
            found += told(one["problems"])
    return found


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
    assert [d.problems for d in documents(data, repetition=False)] == [[]]


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


def test_byte_order_mark() -> None:
    result = looked(b"\xef\xbb\xbf" + wire(PLAIN))
    assert told(result["problems"]) == ["byte_order_mark"]
    assert verdicts(result) == ["accepted"]


def test_control_characters_are_told_and_kept() -> None:
    found = only(sample(changed(ORDER, ORDER[5], "MSG*A\tB")))
    assert [(p.code, p.severity) for p in found.problems] == [("control_character", "warning")]
    assert found.segments[6][1] == "A\tB"


def test_a_line_without_terminator_is_split_and_told() -> None:
    data = wire(PLAIN, "~", "\n").replace(b"REF*DP*038~\n", b"REF*DP*038\n")
    found = only(data)
    assert [(p.code, p.position) for p in found.problems] == [("line_unterminated", 4)]
    assert found.verdict == "accepted_with_errors"


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


def test_numbers_that_come_twice() -> None:
    groups = [group(document(ORDER), number=5), group(document(ORDER), number=5)]
    data = wire(interchange(*groups)) * 2
    assert all_codes(looked(data)) == ["group_repeats", "interchange_repeats", "group_repeats"]


def test_an_interchange_without_end_before_another() -> None:
    data = wire(PLAIN[:-3]) + wire(interchange(group(document(ORDER)), number=2))
    result = looked(data)
    assert verdicts(result) == ["rejected", "accepted"]
    assert all_codes(result) == ["interchange_unfinished", "group_unfinished"]


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
