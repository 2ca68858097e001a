"""Writing X12: counts, padding, trimming, delimiters in data. F-numbers name field failures that must not come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.errors import BadDocument, Broken, Misconfigured
from hub.x12.control import document_control, group_control, interchange_control, successor
from hub.x12.document import Delimiters
from hub.x12.outgoing import COMPONENT, REPETITION, DocumentBody, Envelope, GroupBody, separators
from hub.x12.write import write_document, write_interchange

AT = 1_768_478_400.0  # 2026-01-15 12:00 UTC
ENVELOPE = Envelope(
    sender_qualifier="ZZ",
    sender="CROSSDOCK",
    receiver_qualifier="12",
    receiver="5551234567",
    control=42,
    at_seconds=AT,
    usage="T",
)
ORDER = [["BEG", "00", "SA", "PO123", "", "20260115"], ["REF", "DP", "038"]]


def body(*segments: list[str], number: str = "0001", **facts: Any) -> DocumentBody:
    return DocumentBody(document="850", control_number=number, segments=list(segments), **facts)


def group(*documents: DocumentBody, **facts: Any) -> GroupBody:
    return GroupBody(**{"type": "PO", "control": 7, "documents": documents, **facts})


def written(*segments: list[str], **facts: Any) -> bytes:
    """The document's own segments, without ST and SE."""
    text = write_document(replace(ENVELOPE, **facts), body(*segments))
    return text.partition(b"0001~")[2].rpartition(b"SE*")[0]


def test_interchange_exactly() -> None:
    assert write_interchange(ENVELOPE, [group(body(*ORDER))]) == (
        b"ISA*00*          *00*          *ZZ*CROSSDOCK      *12*5551234567     *260115*1200*U*00401*000000042*0*T*>~"
        b"GS*PO*CROSSDOCK*5551234567*20260115*1200*7*X*004010~"
        b"ST*850*0001~BEG*00*SA*PO123**20260115~REF*DP*038~SE*4*0001~"
        b"GE*1*7~IEA*1*000000042~"
    )


def test_counts_are_of_what_was_written_f35() -> None:
    documents = [body(*ORDER, ["FOB", ""], [], number="0001"), body(ORDER[0], number="0002")]
    text = write_interchange(ENVELOPE, [group(*documents), group(body(*ORDER), control=8)]).decode()
    assert "SE*4*0001~" in text
    assert "SE*3*0002~" in text
    assert "GE*2*7~" in text
    assert "GE*1*8~" in text
    assert text.endswith("IEA*2*000000042~")


@pytest.mark.parametrize(
    ("delimiters", "newline", "first", "end"),
    [
        (Delimiters(), "", b"ISA", b"~GS"),
        (Delimiters(), "\n", b"ISA", b"~\nGS"),
        (Delimiters(), "\r\n", b"ISA", b"~\r\nGS"),
        (Delimiters(segment="\n"), "\n", b"ISA", b">\nGS"),
        (Delimiters(segment="\r"), "\n", b"ISA", b">\r\nGS"),
        (Delimiters(segment="\r"), "\r\n", b"ISA", b">\rGS"),
        (Delimiters("\x1d", "\x1c", "\x1f"), "", b"ISA\x1d00", b"\x1f\x1cGS\x1dPO"),
    ],
)
def test_terminators_and_line_ends_f05_f66(delimiters: Delimiters, newline: Any, first: bytes, end: bytes) -> None:
    data = write_interchange(replace(ENVELOPE, delimiters=delimiters, newline=newline), [group(body(*ORDER))])
    assert data.startswith(first)
    assert end in data
    assert len(data[: data.index(b"GS")].rstrip(b"\r\n~\x1c")) == 105
    assert b"\n\n" not in data


@pytest.mark.parametrize(
    ("terminator", "newline", "expected"),
    [
        ("~", False, ("~", "")),
        ("~", True, ("~", "\n")),
        ("\n", True, ("\n", "")),
        ("\r", True, ("\r", "")),
        ("\r\n", False, ("\r", "\n")),
    ],
)
def test_settings_become_separators(terminator: str, newline: bool, expected: tuple[str, str]) -> None:
    delimiters, suffix = separators("*", terminator, ">", newline=newline)
    assert (delimiters.segment, suffix) == expected


@pytest.mark.parametrize(
    ("version", "isa11", "isa12", "gs04"),
    [
        ("003060", "U", "00306", "260115"),
        ("004010VICS", "U", "00401", "20260115"),
        ("004030", "^", "00403", "20260115"),
        ("005010X231A1", "^", "00501", "20260115"),
    ],
)
def test_version_decides_repetition_and_dates(version: str, isa11: str, isa12: str, gs04: str) -> None:
    isa, gs, *_ = write_interchange(replace(ENVELOPE, version=version), [group(body(*ORDER))]).decode().split("~")
    assert isa.split("*")[11:13] == [isa11, isa12]
    assert gs.split("*")[4] == gs04
    assert gs.split("*")[8] == version


def test_repetition_takes_a_free_character() -> None:
    envelope = replace(ENVELOPE, version="005010", delimiters=Delimiters("^", "~", ":"))
    assert envelope.isa().split("^")[11] == "!"


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        (["INS", "Y", "", "", ""], b"INS*Y~"),
        (["A1", "", "x", ""], b"A1**x~"),
        (["A1", "x", f"b{COMPONENT}{COMPONENT}", ""], b"A1*x*b~"),
        (["A1", f"{COMPONENT}b{COMPONENT}", "y"], b"A1*>b*y~"),
        (["A1", f"{COMPONENT}{COMPONENT}", "y"], b"A1**y~"),
        (["A1", f"a{COMPONENT}{REPETITION}{REPETITION}b{COMPONENT}{REPETITION}", "y"], b"A1*a^^b*y~"),
        (["NM1", "", "85", "", "2", "", "410944601"], b"NM1**85**2**410944601~"),
    ],
)
def test_trailing_empties_go_and_inner_ones_stay_f60_f64(segment: list[str], expected: bytes) -> None:
    assert written(segment, version="005010") == expected


@pytest.mark.parametrize("empty", [[], ["FOB"], ["FOB", "", ""], ["FOB", f"{COMPONENT}{COMPONENT}"], [""]])
def test_segments_without_data_are_dropped_f64(empty: list[str]) -> None:
    if empty == [""]:
        with pytest.raises(BadDocument):
            written(ORDER[0], empty)
    else:
        assert written(ORDER[0], empty, ORDER[1]) == b"BEG*00*SA*PO123**20260115~REF*DP*038~"


@pytest.mark.parametrize("segments", [[], [["FOB"]], [["FOB", ""]]])
def test_a_document_without_data_is_refused(segments: list[list[str]]) -> None:
    with pytest.raises(BadDocument, match="no segment with data"):
        write_document(ENVELOPE, body(*segments))


@pytest.mark.parametrize("tag", ["SE", "ISA", "ST", "", "beg", "B", "BEGX", "B*G", "1BE", "BE\n"])
def test_tags_that_would_break_the_envelope_are_refused(tag: str) -> None:
    with pytest.raises(BadDocument) as caught:
        written(ORDER[0], [tag, "x"])
    assert caught.value.problems[0].code == "tag_not_writable"
    assert caught.value.problems[0].position == 3


@pytest.mark.parametrize(
    ("value", "role"), [("A*B", "element"), ("A~B", "segment"), ("A>B", "component"), ("A^B", "repetition")]
)
def test_a_delimiter_in_data_is_refused_by_name_f65(value: str, role: str) -> None:
    with pytest.raises(BadDocument) as caught:
        written(*ORDER, ["MSG", "", value], version="005010")
    problem = caught.value.problems[0]
    assert (problem.code, problem.segment, problem.position, problem.element, problem.value) == (
        "delimiter_in_data",
        "MSG",
        4,
        2,
        value,
    )
    assert role in problem.fix


def test_a_caret_is_data_where_there_is_no_repetition() -> None:
    assert written(["MSG", "A^B"]) == b"MSG*A^B~"


def test_replace_gives_whole_segments_f65() -> None:
    assert written(["MSG", "1*2~3>4^5"], clash="replace", replacement="-") == b"MSG*1-2-3-4^5~"


def test_a_document_may_replace_where_the_envelope_refuses() -> None:
    data = write_document(ENVELOPE, body(["MSG", "1*2"], clash="replace"))
    assert b"MSG*1 2~" in data


def test_choose_takes_delimiters_that_no_data_holds_f65() -> None:
    documents = [body(["MSG", "1*2~3"]), body(["MSG", "a|b", f"x{COMPONENT}y"], number="0002")]
    data = write_interchange(replace(ENVELOPE, clash="choose"), [group(*documents)]).decode()
    element, component, terminator = data[3], data[104], data[105]
    assert (element, component, terminator) == ("+", ">", "'")
    assert "MSG+1*2~3'" in data
    assert "MSG+a|b+x>y'" in data


def test_choose_gives_up_in_words() -> None:
    with pytest.raises(BadDocument, match="every usable element separator"):
        write_document(replace(ENVELOPE, clash="choose"), body(["MSG", "*|+!"]))


def test_control_characters_become_blanks() -> None:
    assert written(["MSG", "one\r\ntwo\tthree\x00\x1c\x1d\x7f\x85."]) == b"MSG*one  two three     .~"
    line_ends = replace(ENVELOPE, delimiters=Delimiters(segment="\n"))
    assert b"MSG*one two\n" in write_document(line_ends, body(["MSG", "one\ntwo"]))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (Delimiters(component=":", repetition="^"), "a:b^c"),
        (Delimiters("\x1d", "\x1c", "\x1f", "\x1e"), "a\x1fb\x1ec"),
        (Delimiters("*", "~", "\x1d", "\x1c"), "a\x1db\x1cc"),
    ],
)
def test_segments_that_were_read_are_written_with_other_delimiters_f70(source: Delimiters, text: str) -> None:
    document = body(["SV1", text, "x"], joined_by=source)
    assert b"SV1*a>b^c*x~" in write_document(replace(ENVELOPE, version="005010"), document)


def test_repetition_needs_a_version_that_has_it() -> None:
    with pytest.raises(BadDocument) as caught:
        written(["DMG", f"a{REPETITION}b"])
    assert caught.value.problems[0].code == "repetition_not_possible"


def test_charset() -> None:
    assert written(["N1", "ST", "Café 東"]) == "N1*ST*Café 東~".encode()
    assert written(["N1", "ST", "Café"], charset="latin-1") == "N1*ST*Café~".encode("latin-1")
    with pytest.raises(BadDocument) as caught:
        written(["N1", "ST", "Café"], charset="ascii")
    assert (caught.value.problems[0].code, caught.value.problems[0].element) == ("character_not_writable", 2)
    assert written(["N1", "ST", "Café 東*"], charset="ascii", clash="replace") == b"N1*ST*Cafe ? ~"
    with pytest.raises(BadDocument):
        written(["N1", "ST", "\ud800"])


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("sender", "X" * 16, "ISA06 must have 1 to 15 characters"),
        ("receiver", "", "ISA08 must have"),
        ("receiver", "A*B", "holds the element separator"),
        ("receiver", " AB", "blanks at an end"),
        ("sender", "É", "printable ASCII"),
        ("group_receiver", "X" * 16, "GS03"),
        ("sender_qualifier", "Z", "ISA05"),
        ("version", "4010", "no X12 version"),
        ("delimiters", Delimiters(element="~"), "are both '~'"),
        ("delimiters", Delimiters(element="A"), "cannot be used"),
        ("delimiters", Delimiters(component=" "), "cannot be used"),
        ("delimiters", Delimiters(segment="¦"), "cannot be used"),
        ("replacement", "~", "holds the segment separator"),
        ("replacement", "--", "one printable"),
    ],
)
def test_settings_no_isa_can_carry_are_refused(setting: str, value: Any, words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as caught:
        replace(ENVELOPE, **{setting: value})
    assert caught.value.fix


@pytest.mark.parametrize("facts", [{"type": "P"}, {"sender": "X" * 16}, {"receiver": "A*B"}, {"version": "x"}])
def test_settings_no_gs_can_carry_are_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        write_interchange(ENVELOPE, [group(body(*ORDER), **facts)])


def test_control_numbers_within_a_group_differ() -> None:
    with pytest.raises(BadDocument, match="1 different control numbers"):
        write_interchange(ENVELOPE, [group(body(*ORDER), body(*ORDER))])
    with pytest.raises(BadDocument):
        write_interchange(ENVELOPE, [group()])
    with pytest.raises(BadDocument):
        write_interchange(ENVELOPE, [])
    with pytest.raises(BadDocument, match="ST02"):
        write_document(ENVELOPE, body(*ORDER, number="1"))


def test_ta1_stands_right_after_isa() -> None:
    data = write_interchange(ENVELOPE, [], ta1=[["TA1", "000000001", "260115", "1200", "A", "000"]])
    assert data[106:] == b"TA1*000000001*260115*1200*A*000~IEA*0*000000042~"


def test_convention_is_st03() -> None:
    assert write_document(ENVELOPE, body(*ORDER, convention="005010X231A1")).startswith(b"ST*850*0001*005010X231A1~")


def test_control_number_forms_and_wrap() -> None:
    assert (interchange_control(7), group_control(7), document_control(7)) == ("000000007", "7", "0007")
    assert document_control(123_456_789) == "123456789"
    assert successor(999_999_999) == 1
    assert successor(1) == 2
    for number in (0, -1, 1_000_000_000):
        with pytest.raises(Broken):
            interchange_control(number)
