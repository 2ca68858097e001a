"""P6: a rule changes what it names and nothing else, with the document's own delimiters."""

from __future__ import annotations

import pytest

from hub.errors import BadDocument, Misconfigured
from hub.flow.differences import differences
from hub.flow.x12_rule import apply_rule, parse_rule
from hub.x12.document import Delimiters

STARS = Delimiters()
PIPES = Delimiters("|", "\n", "^", "")
DATA = b"ST*850*0001~\r\nN1*ST*STORE*92*42~\r\nN1*BT*HQ*92*42~\r\nPO1*1*10*EA**VN*A>B~\r\nSE*5*0001~\r\n"


@pytest.mark.parametrize(
    ("rule", "now", "count"),
    [
        ("set N104 = 0042 where N104 = 42", DATA.replace(b"*42~", b"*0042~"), 2),
        ("set N104 = 0042 where N101 = ST and N104 = 42", DATA.replace(b"STORE*92*42", b"STORE*92*0042"), 1),
        ("set N104 = 0042 where N101 != ST", DATA.replace(b"HQ*92*42", b"HQ*92*0042"), 1),
        ("set PO103 = CA where N101 = BT", DATA.replace(b"*EA*", b"*CA*"), 1),
        ("set PO103 = CA where N101 = XX", DATA, 0),
        ("set PO103 = CA where N101 != BT", DATA, 0),
        ("set PO103 = CA where N101 != XX", DATA.replace(b"*EA*", b"*CA*"), 1),
        ("set PO106-2 = C where PO106-1 = A", DATA.replace(b"A>B", b"A>C"), 1),
        ("set N105 = 'X Y' where N101 = BT", DATA.replace(b"HQ*92*42", b"HQ*92*42*X Y"), 1),
        ("set N104 = 42", DATA, 0),
    ],
)
def test_what_it_changes(rule: str, now: bytes, count: int) -> None:
    assert apply_rule(parse_rule(rule), DATA, STARS) == (now, count)


def test_other_delimiters() -> None:
    data = DATA.replace(b"*", b"|").replace(b"~\r\n", b"\n").replace(b">", b"^")
    changed, count = apply_rule(parse_rule("set PO106-2 = C"), data, PIPES)
    assert (changed, count) == (data.replace(b"A^B", b"A^C"), 1)


@pytest.mark.parametrize("value", ["A~B", "A*B", "'A~'"])
def test_a_value_that_would_break_the_document_is_refused(value: str) -> None:
    with pytest.raises(BadDocument, match="delimiter"):
        apply_rule(parse_rule(f"set N104 = {value}"), DATA, STARS)


@pytest.mark.parametrize(
    "rule",
    ["", "N104 = 1", "set N1 = 1", "set N104", "set N104 = 1 where", "set N104 = 1 where x", "set ISA13 = 1",
     "set N104 = 1 where GS08 = 004010", "set N100 = 1", "set N104 = 1 where N104 > 1", "set SE01 = 4",
     "set N104 = " + "9" * 2000],
)  # fmt: skip
def test_what_is_no_rule_is_told(rule: str) -> None:
    with pytest.raises(Misconfigured):
        parse_rule(rule)


@pytest.mark.parametrize(
    ("charset", "value", "now"),
    [("utf-8", "Łódź", "Łódź"), ("utf-8", "Café", "Café"), ("cp1252", "Café", "Café"), ("ascii", "'tis", "'tis"),
     ("ascii", "'", "'"), ("ascii", "\"it's\"", "it's"), ("ascii", "'A B'", "A B")],
)  # fmt: skip
def test_a_value_is_written_in_the_charset_of_the_document(charset: str, value: str, now: str) -> None:
    sign = "" if charset == "ascii" else "é"
    data = DATA.decode().replace("HQ", "HQ" + sign).encode(charset)
    changed, count = apply_rule(parse_rule(f"set N102 = {value} where N101 = ST"), data, STARS)
    assert count == 1
    assert changed == data.replace(b"STORE", now.encode(charset))


def test_a_value_that_the_charset_of_the_document_lacks_is_refused() -> None:
    data = DATA.replace(b"HQ", "HQé".encode("cp1252"))
    with pytest.raises(BadDocument, match="charset"):
        apply_rule(parse_rule("set N102 = Łódź"), data, STARS)


def test_each_document_is_judged_by_itself() -> None:
    other = DATA.replace(b"*BT*", b"*XX*")
    rule = parse_rule("set PO103 = CA where N101 = BT")
    assert apply_rule(rule, DATA + other + DATA, STARS) == (
        DATA.replace(b"*EA*", b"*CA*") + other + DATA.replace(b"*EA*", b"*CA*"),
        2,
    )


ISA = b"ISA*00*          *00*          *ZZ*US             *ZZ*BIGBOX         *261120*1200*U*00401*%09d*0*T*>~"


def test_differences_by_segment_and_element_leave_the_envelope_out() -> None:
    was = ISA % 1 + b"GS*PO*A*B*20261120*1200*1*X*004010~" + DATA + b"GE*1*1~IEA*1*000000001~"
    now = ISA % 2 + b"GS*PO*A*B*20261121*1200*2*X*004010~" + DATA + b"GE*1*2~IEA*1*000000002~"
    assert differences(was, now) == []
    assert differences(was, now.replace(b"HQ*92*42", b"HQ*92*43")) == [
        {"segment": "N1", "position": 3, "element": 4, "was": "42", "now": "43"}
    ]
    assert differences(was, now.replace(b"N1*BT*HQ*92*42~", b"")) == [
        {"segment": "N1", "position": 3, "element": None, "was": "N1*BT*HQ*92*42", "now": None}
    ]


def test_differences_of_json_go_by_path() -> None:
    was, now = b'{"a": {"b": [1, 2]}, "c": "1.50"}', b'{"a": {"b": [1, 3, 4]}, "c": "1.5"}'
    assert [(entry["path"], entry["was"], entry["now"]) for entry in differences(was, now)] == [
        ("a.b[1]", 2, 3), ("a.b[2]", None, 4), ("c", "1.50", "1.5"),
    ]  # fmt: skip
    assert differences(b"x", b"yy")[0]["was"] == "1 bytes"
