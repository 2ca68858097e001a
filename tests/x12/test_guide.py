"""Partner guides: rules that narrow the tables, told in words and in the codes of 997 and 999; widening is said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hub.errors import Misconfigured
from hub.problem import Problem
from hub.x12.acknowledge import Style
from hub.x12.agreement import Agreement
from hub.x12.answer import answers
from hub.x12.document import Document
from hub.x12.guide import Guide, Rule
from hub.x12.reader import read as read_x12
from tests.x12.making import NOTICE, ORDER, changed, documents, group, interchange, sample, wire

WHY = "guide 4.2"


def read(rules: Sequence[Rule], body: Sequence[str] = ORDER, name: str = "850", version: str = "004010") -> Document:
    guide = Guide("acme", {name: tuple(rules)})
    guide.check()
    (document,) = documents(sample(body, name, version), agreement=Agreement(guide=guide))
    return document


def only(*rules: Rule, body: Sequence[str] = ORDER, name: str = "850") -> Problem:
    (problem,) = read(rules, body, name).problems
    assert WHY in problem.message
    assert "acme" in problem.message
    assert problem.fix
    return problem


def place(problem: Problem) -> tuple[str, int | None, int | None, str | None]:
    return problem.segment, problem.position, problem.element, problem.value


def codes(problem: Problem) -> dict[str, str]:
    """AK304, AK403 and what a 999 says instead."""
    return {name: code for name, code in problem.ack.items() if name[2:] in {"304", "403"}}


def test_a_document_that_keeps_to_the_guide_has_no_problem() -> None:
    rules = [
        Rule("BEG03", longest=10, why=WHY),
        Rule("REF[DP]", usage="must", why=WHY),
        Rule("PO1/PO103", codes=("EA", "CA"), usage="must", why=WHY),
        Rule("N1[ST]/N4", usage="must", most=1, why=WHY),
        Rule("N1[BT]", usage="not", why=WHY),
    ]
    document = read(rules)
    assert (document.verdict, document.problems) == ("accepted", [])


def test_codes_are_narrowed() -> None:
    problem = only(Rule("PO1/PO103", codes=("EA", "CS"), why=WHY))
    assert problem.code == "guide_value"
    assert place(problem) == ("PO1", 13, 3, "CA")
    assert "allows EA (Each), CS: guide 4.2." in problem.message
    assert codes(problem) == {"AK304": "8", "AK403": "7", "IK403": "I6"}
    assert (problem.ack["AK402"], problem.ack["AK502"], problem.ack["IK502"]) == ("355", "5", "I5")


def test_lengths_are_narrowed() -> None:
    problem = only(Rule("BEG03", longest=4, why=WHY))
    assert (problem.code, place(problem)) == ("guide_too_long", ("BEG", 2, 3, "PO123"))
    assert codes(problem) == {"AK304": "8", "AK403": "5"}
    assert only(Rule("BEG03", shortest=9, why=WHY)).code == "guide_too_short"
    point = changed(ORDER, "PO1*1*12*EA*9.95**UP*012345678905*VN*SKU-1", "PO1*1*12*EA*-9.95**UP*012345678905")
    assert read([Rule("PO1/PO104", longest=3, why=WHY)], point).problems == [], "sign and point do not count"


def test_elements_are_needed_or_not_used() -> None:
    missing = only(Rule("PO1/PO109", usage="must", why=WHY))
    assert (missing.code, place(missing)[:3]) == ("guide_element_missing", ("PO1", 13, 9))
    assert codes(missing) == {"AK304": "8", "AK403": "1"}
    unused = only(Rule("DTM02", usage="not", why=WHY))
    assert (unused.code, place(unused)) == ("guide_element_unused", ("DTM", 5, 2, "20260120"))
    assert codes(unused) == {"AK304": "8", "AK403": "10", "IK403": "I10"}


def test_segments_and_loops_are_needed() -> None:
    segment = only(Rule("FOB", usage="must", why=WHY))
    assert (segment.code, place(segment)) == ("guide_segment_missing", ("FOB", 5, None, None))
    assert codes(segment) == {"AK304": "3", "IK304": "I8"}
    assert codes(only(Rule("PO1/SAC", usage="must", why=WHY), body=[s for s in ORDER if "*2*24" not in s][:-1])) == {
        "AK304": "3",
        "IK304": "I7",
    }


def test_segments_are_not_used_or_come_less_often() -> None:
    unused = only(Rule("CUR", usage="not", why=WHY))
    assert (unused.code, place(unused)[:2], codes(unused)) == (
        "guide_segment_unused",
        ("CUR", 3),
        {"AK304": "2", "IK304": "I4"},
    )
    twice = changed(ORDER, "REF*DP*038", "REF*DP*038\nREF*IA*77")
    repeats = only(Rule("REF", most=1, why=WHY), body=twice)
    assert (repeats.code, place(repeats)[:2], codes(repeats)) == ("guide_repeats", ("REF", 5), {"AK304": "5"})
    assert codes(only(Rule("PO1", most=1, why=WHY))) == {"AK304": "4"}


def test_a_rule_may_depend_on_a_qualifier() -> None:
    problem = only(Rule("REF[IA]", usage="must", why=WHY))
    assert (problem.code, codes(problem)) == ("guide_segment_missing", {"AK304": "3", "IK304": "I6"})
    assert "REF01 IA" in problem.message
    value = only(Rule("REF[DP]02", longest=2, why=WHY))
    assert place(value) == ("REF", 4, 2, "038")
    assert read([Rule("REF[IA]02", longest=2, why=WHY)]).problems == []


def test_a_rule_may_depend_on_the_loop_around_it() -> None:
    two = changed(ORDER, "N3*1 MAIN ST", "N3*1 MAIN ST\nN4*DALLAS*TX\nN1*BT*HEAD OFFICE")
    missing = only(Rule("N1[BT]/N3", usage="must", why=WHY), body=two)
    assert (missing.code, place(missing)[:2]) == ("guide_segment_missing", ("N3", 12))
    assert {name: text for name, text in missing.ack.items() if name.startswith("CTX")} == {
        "CTX02": "N1",
        "CTX03": "11",
        "CTX04": "N1",
        "CTX05": "1",
    }
    assert read([Rule("N1[ST]/N3", usage="must", why=WHY)], two).problems == []
    element = only(Rule("N1[BT]/N104", usage="must", why=WHY), body=two)
    assert (element.code, place(element)[:3], codes(element)) == (
        "guide_element_missing",
        ("N1", 11, 4),
        {"AK304": "8", "AK403": "2", "IK403": "I9"},
    )
    assert codes(only(Rule("N1[ST]/N103", usage="not", why=WHY), body=two))["IK403"] == "I13"
    assert codes(only(Rule("N1[ST]/N3", usage="not", why=WHY), body=two))["IK304"] == "I9"


def test_levels_are_told_apart_by_hl03() -> None:
    assert read([Rule("HL[P]/MAN", usage="must", why=WHY)], NOTICE, "856").problems == []
    missing = only(Rule("HL[S]/REF", usage="must", why=WHY), body=NOTICE, name="856")
    assert (missing.segment, missing.position, missing.loop) == ("REF", 5, "HL")


def test_further_notes() -> None:
    problem = only(Rule("N1/N4", note="P0405", why=WHY))
    assert (problem.code, place(problem)[:3]) == ("guide_note", ("N4", 10, 5))
    assert "note P0405" in problem.message
    assert codes(problem) == {"AK304": "8", "AK403": "2", "IK403": "I9"}
    exclusive = only(Rule("N1/N4", note="E0304", why=WHY))
    assert codes(exclusive) == {"AK304": "8", "AK403": "10", "IK403": "I13"}


def test_what_x12_says_already_is_told_once() -> None:
    body = changed(ORDER, "PO1*2*24*CA*4.5**UP*036000291452", "PO1*2*24*EACH*4.5**UP*036000291452")
    (problem,) = read(
        [Rule("PO1/PO103", codes=("EA",), longest=2, why=WHY), Rule("BEG05", usage="must", why=WHY)], body
    ).problems
    assert problem.code == "element_too_long"
    late = [segment for segment in ORDER if segment != "REF*DP*038"]
    late.insert(5, "REF*DP*038")
    assert [p.code for p in read([Rule("REF", usage="must", why=WHY)], late).problems] == ["segment_out_of_order"]


def test_a_warning_rejects_nothing() -> None:
    document = read([Rule("FOB", usage="must", why=WHY, severity="warning")])
    assert document.verdict == "accepted_with_errors"


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        (Rule("PO1/PO103", codes=("EA", "CA", "Q!"), why=WHY, widens=True, owner="edi"), "PO1*2*24*Q!*4.5"),
        (Rule("PO1/PO101", longest=30, why=WHY, widens=True, owner="edi"), f"PO1*{'2' * 30}*24*CA*4.5"),
    ],
)
def test_what_is_widened_is_accepted_and_told(rule: Rule, body: str) -> None:
    order = changed(ORDER, "PO1*2*24*CA*4.5**UP*036000291452", body)
    assert read([], order).verdict == "rejected"
    document = read([rule], order)
    (problem,) = document.problems
    assert (document.verdict, problem.code, problem.severity) == ("accepted_with_errors", "guide_widens", "warning")
    assert "acme" in problem.message
    assert WHY in problem.message
    assert read([rule]).problems == []


def test_mandatory_things_may_be_left_out_where_the_guide_says_so() -> None:
    without = changed(ORDER, "BEG*00*SA*PO123**20260105", "BEG*00**PO123**20260105")
    rule = Rule("BEG02", usage="may", why=WHY, widens=True, owner="edi")
    assert [p.code for p in read([rule], without).problems] == ["guide_widens"]
    notice = [segment for segment in NOTICE if not segment.startswith("BSN")]
    rule = Rule("BSN", usage="may", why=WHY, widens=True, owner="edi")
    assert [p.code for p in read([rule], notice, "856").problems] == ["guide_widens"]


def test_more_of_a_segment_is_allowed_up_to_what_the_guide_says() -> None:
    rule = Rule("BEG", most=2, why=WHY, widens=True, owner="edi")
    twice = [ORDER[0], *ORDER]
    assert [p.code for p in read([], twice).problems] == ["segment_repeats"]
    assert [p.code for p in read([rule], twice).problems] == ["guide_widens"]
    assert [p.code for p in read([rule], [ORDER[0], *twice]).problems] == ["segment_repeats"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule("BEG13", usage="must", why=WHY), "has 12 elements"),
        (Rule("XYZ", usage="must", why=WHY), "no such place"),
        (Rule("N9/N3", usage="must", why=WHY), "no such place"),
        (Rule("beg03", usage="must", why=WHY), "no path"),
        (Rule("BEG03", longest=30, why=WHY), "ends at 22"),
        (Rule("BEG01", shortest=1, why=WHY), "begins at 2"),
        (Rule("PO1/PO103", codes=("EA", "Q!"), why=WHY), "Q! not in the list"),
        (Rule("BEG02", usage="may", why=WHY), "it is mandatory"),
        (Rule("BEG", most=2, why=WHY), "ends at 1"),
        (Rule("BEG", most=0, why=WHY), "ends at 1"),
        (Rule("BEG03", longest=10, why=WHY, widens=True, owner="edi"), "allows all of it"),
        (Rule("BEG03", usage="not", why=WHY), "mandatory"),
        (Rule("BEG", usage="not", why=WHY), "mandatory"),
        (Rule("REF", usage="may", why=WHY), "optional already"),
        (Rule("BEG03", note="P0102", why=WHY), "neither most nor note"),
        (Rule("BEG04", usage="not", longest=3, why=WHY), "neither codes nor lengths"),
        (Rule("BEG", codes=("SA",), why=WHY), "belong to an element"),
        (Rule("N1/N4", note="Q0102", why=WHY), "no syntax note"),
        (Rule("N1/N4", note="P0299", why=WHY), "has 6 elements"),
        (Rule("BEG05", codes=("20260101",), why=WHY), "has no codes"),
        (Rule("BEG03", shortest=9, longest=5, why=WHY), "no value has"),
        (Rule("PO1/PO103", codes=("EA", "PIECES"), why=WHY), "2 characters"),
    ],
)
def test_a_rule_that_does_not_fit_stops_the_start(rule: Rule, said: str) -> None:
    with pytest.raises(Misconfigured, match=said) as raised:
        Guide("acme", {"850": (rule,)}).check()
    assert raised.value.fix


def test_every_rule_says_why_and_who() -> None:
    with pytest.raises(Misconfigured, match="does not say why"):
        Rule("BEG03", longest=5, why="")
    with pytest.raises(Misconfigured, match="nobody owns"):
        Rule("BEG03", longest=50, why=WHY, widens=True)
    with pytest.raises(Misconfigured, match="no table for 999"):
        Guide("acme", {"999": (Rule("AK1", usage="must", why=WHY),)}, releases=("004010",)).check()


def test_a_document_of_another_release_is_judged_by_x12_alone() -> None:
    guide = Guide("acme", {"850": (Rule("BEG03", longest=2, why=WHY),)}, releases=("005010",))
    (document,) = documents(sample(ORDER), agreement=Agreement(guide=guide))
    assert [(p.code, p.severity) for p in document.problems] == [("guide_of_another_release", "note")]
    assert document.verdict == "accepted"


RULES = (
    Rule("PO1/PO103", codes=("EA",), why=WHY),
    Rule("N1[ST]/N104", codes=("0043",), why=WHY),
    Rule("N1[ST]/N2", usage="must", why=WHY),
    Rule("CUR", usage="not", why=WHY),
)


def answered(style: Style) -> list[str]:
    """The acknowledgment's segments from AK2 to AK5; the acknowledgment itself must be in order."""
    agreement = Agreement(guide=Guide("acme", {"850": RULES}))
    data = sample(ORDER, version="005010")
    (answer,) = answers(read_x12(data, agreement=agreement), at_seconds=0.0, style=style, newline="")
    (document,) = documents(answer)
    assert (document.verdict, document.problems) == ("accepted", [])
    return answer.decode().split("~")[4:-5]


def test_a_999_has_the_codes_of_implementations_and_says_what_depends_on_what() -> None:
    business = "CTX*BEG03>PO123"
    assert answered("999") == [
        "AK2*850*0001",
        "IK3*CUR*3**I4",
        business,
        "IK3*N1*7*N1*8",
        business,
        "IK4*4*67*I6*0042",
        "CTX*SITUATIONAL TRIGGER*N1*7*N1*1",
        "IK3*N2*8*N1*I6",
        "CTX*SITUATIONAL TRIGGER*N1*7*N1*1",
        business,
        "IK3*PO1*12*PO1*8",
        business,
        "IK4*3*355*I6*CA",
        "IK5*R*I5",
    ]


def test_a_997_has_the_nearest_codes() -> None:
    assert answered("997") == [
        "AK2*850*0001",
        "AK3*CUR*3**2",
        "AK3*N1*7*N1*8",
        "AK4*4*67*7*0042",
        "AK3*N2*8*N1*3",
        "AK3*PO1*12*PO1*8",
        "AK4*3*355*7*CA",
        "AK5*R*5",
    ]


def test_a_loop_id_that_is_too_long_harms_nothing() -> None:
    body = ["AK1*PO*1*005010", "AK2*850*0001", "IK3*N3*6*2010BA*8", "IK4*1*166*1", "IK5*R*5*I5", "AK9*R*1*1*0"]
    segments = ["ST*999*0001*005010X231A1", *body, "SE*8*0001"]
    (document,) = documents(
        wire(interchange(group(segments, kind="FA", version="005010X231A1"), version="00501", eleven="^"))
    )
    assert [(problem.code, problem.severity) for problem in document.problems] == [("element_too_long", "warning")]
