"""Every rule with a document that breaks it: one fault, one problem, with its place and its acknowledgment codes."""

from __future__ import annotations

import pytest

from hub.x12.elements import Note
from hub.x12.problems import KINDS
from tests.x12.making import (
    INVOICE,
    NOTICE,
    ORDER,
    changed,
    codes,
    document,
    documents,
    group,
    interchange,
    only,
    sample,
    wire,
)

BEG, PO1, N1 = ORDER[0], ORDER[9], ORDER[6]

FAULTS = [
    # name, body, code, segment, position, element, ack
    ("mandatory segment", changed(ORDER, BEG, None), "segment_missing", "BEG", 2, None, {"AK304": "3"}),
    ("mandatory loop", [*ORDER[:9], "CTT*0"],
     "segment_missing", "PO1", 11, None, {"AK304": "3"}),
    ("unknown segment", changed(ORDER, "REF*DP*038", "ZZZ*1"), "segment_unknown", "ZZZ", 4, None, {"AK304": "1"}),
    ("mistyped mandatory segment", changed(ORDER, BEG, BEG.replace("BEG", "BGE")), "segment_unknown", "BGE", 2, None,
     {"AK304": "1"}),
    ("segment of another set", changed(ORDER, "REF*DP*038", "W05*N*1"), "segment_not_in_document", "W05", 4, None,
     {"AK304": "6"}),
    ("segment after its place", changed(ORDER, "DTM*002*20260120", "DTM*002*20260120\nFOB*PP"), "segment_out_of_order",
     "FOB", 6, None, {"AK304": "7"}),
    ("header and second segment changed places", [ORDER[1], ORDER[0], *ORDER[2:]], "segment_out_of_order", "BEG", 3,
     None, {"AK304": "7"}),
    ("misplaced loop is told once", changed(ORDER, "CTT*2*36", "CTT*2*36\nN1*BT*X*92*1\nN3*Y\nN4*Z"),
     "segment_unexpected", "N1", 15, None, {"AK304": "2"}),
    ("too often", changed(ORDER, "N3*1 MAIN ST", "N3*A\nN3*B\nN3*C\nN3*D"), "segment_repeats", "N3", 11, None,
     {"AK304": "5"}),
    ("twice what may come once", changed(ORDER, BEG, f"{BEG}\n{BEG}"), "segment_repeats", "BEG", 3, None,
     {"AK304": "5"}),
    ("loop too often", [*ORDER[:6], *["N1*ST*ACME*92*0042"] * 201, *ORDER[9:]], "loop_repeats", "N1", 208, None,
     {"AK304": "4"}),
    ("mandatory element", changed(ORDER, BEG, "BEG*00*SA*PO123"), "element_missing", "BEG", 2, 5,
     {"AK304": "8", "AK403": "1", "AK402": "373"}),
    ("conditional element P", changed(ORDER, N1, "N1*ST*ACME*92"), "element_needed", "N1", 8, 4, {"AK403": "2"}),
    ("conditional element R", changed(ORDER, "REF*DP*038", "REF*DP"), "element_needed", "REF", 4, 2, {"AK403": "2"}),
    ("conditional element C", changed(ORDER, PO1, "PO1*1**EA*9.95"), "element_needed", "PO1", 11, 2, {"AK403": "2"}),
    ("two conditions that one element keeps", changed(ORDER, N1, "N1*ST***0042"), "element_needed", "N1", 8, 3,
     {"AK403": "2", "AK402": "66"}),
    ("a separator in a value", changed(ORDER, "PID*F****WIDGET BLUE", "PID*F****WIDGET*BLUE*A*B*C*D"),
     "too_many_elements", "PID", 12, 10, {"AK403": "3"}),
    ("too many elements", changed(ORDER, "REF*DP*038", "REF*DP*038***X"), "too_many_elements", "REF", 4, 5,
     {"AK403": "3"}),
    ("too short", changed(ORDER, "N4*DALLAS*TX*75001*US", "N4*D*TX*75001*US"), "element_too_short", "N4", 10, 1,
     {"AK403": "4"}),
    ("too long", changed(ORDER, BEG, f"BEG*00*SA*{'P' * 23}**20260105"), "element_too_long", "BEG", 2, 3,
     {"AK403": "5", "AK402": "324"}),
    ("number", changed(ORDER, PO1, "PO1*1*twelve*EA*9.95"), "character_invalid", "PO1", 11, 2, {"AK403": "6"}),
    ("code", changed(ORDER, N1, "N1*@@*ACME*92*0042"), "value_not_in_list", "N1", 8, 1, {"AK403": "7", "AK402": "98"}),
    ("no such day", changed(ORDER, BEG, "BEG*00*SA*PO123**20260230"), "date_invalid", "BEG", 2, 5, {"AK403": "8"}),
    ("no leap year", changed(ORDER, BEG, "BEG*00*SA*PO123**21000229"), "date_invalid", "BEG", 2, 5, {"AK403": "8"}),
    ("no such time", changed(ORDER, "DTM*002*20260120", "DTM*002*20260120*2460"), "time_invalid", "DTM", 5, 3,
     {"AK403": "9"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "code", "segment", "position", "element", "ack"), FAULTS)
def test_one_fault_one_problem(
    name: str, body: list[str], code: str, segment: str, position: int, element: int | None, ack: dict[str, str]
) -> None:
    found = only(sample(body))
    assert codes(found.problems) == [code], [problem.message for problem in found.problems]
    problem = found.problems[0]
    assert (problem.segment, problem.position, problem.element) == (segment, position, element)
    assert problem.severity == "error"
    assert problem.ack.items() >= {"AK502": "5", **ack}.items()
    assert problem.message
    assert problem.fix
    assert found.verdict == "rejected"


@pytest.mark.parametrize(
    ("body", "name", "version"),
    [
        (ORDER, "850", "004010"),
        (ORDER, "850", "005010"),
        (ORDER, "850", "004010VICS"),
        (NOTICE, "856", "004010"),
        (NOTICE, "856", "005010"),
        (INVOICE, "810", "004010"),
        (["AK1*PO*1", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"], "997", "004010"),
        (changed(ORDER, BEG, "BEG*00*SA*PO123**20240229"), "850", "004010"),
        (changed(ORDER, PO1, "PO1*1*12*EA*9.**UP*012345678905"), "850", "004010"),
        (changed(ORDER, PO1, "PO1*1*12.0*EA*.95**UP*012345678905"), "850", "004010"),
        (changed(ORDER, "REF*DP*038", "REF*DP*038**IA>1"), "850", "004010"),
        (changed(ORDER, "N3*1 MAIN ST", "N3*1 MAIN ST\nN3*BUILDING 4"), "850", "004010"),
    ],
)
def test_right_documents_are_accepted(body: list[str], name: str, version: str) -> None:
    found = only(sample(body, name, version))
    assert codes(found.problems) == []
    assert found.verdict == "accepted"
    assert None not in found.places


def test_places_follow_position_not_name() -> None:
    """F-51, F-52: PID, MSG and N9 stand in the heading and in PO1; each belongs where it is sent."""
    body = changed(
        ORDER, "PID*F****WIDGET BLUE", "PID*F****WIDGET BLUE\nPO4*12\nN9*ZZ*1\nMSG*LINE NOTE\nN1*ST*X*92*0001"
    )
    found = only(sample(body))
    paths = {
        f"{row[0]}:{row[1]}": "/".join(place.path)
        for row, place in zip(found.segments, found.places, strict=True)
        if place is not None
    }
    assert found.verdict == "accepted"
    assert paths["MSG:DELIVER TO DOCK 4"] == "N9"
    assert paths["MSG:LINE NOTE"] == "PO1/N9"
    assert paths["PID:F"] == "PO1/PID"
    assert paths["PO4:12"] == "PO1"
    assert paths["N1:ST"] == "PO1/N1"


def test_a_bad_qualifier_does_not_move_a_loop() -> None:
    """F-61: a bad N101 is one bad element; N3 and N4 stay in their loop."""
    found = only(sample(changed(ORDER, N1, "N1*??*ACME*92*0042")))
    assert codes(found.problems) == ["value_not_in_list"]
    assert [place.path for place in found.places if place and place.segment == "N3"] == [("N1",)]


def test_unknown_segments_stay_addressable() -> None:
    """F-50, F-57: what has no place is told, kept, and reading goes on."""
    found = only(sample(changed(ORDER, "PID*F****WIDGET BLUE", "XYZ*1\nPID*F****WIDGET BLUE")))
    assert codes(found.problems) == ["segment_unknown"]
    at = [row[0] for row in found.segments].index("XYZ")
    assert found.places[at] is None
    after = found.places[at + 1]
    assert after is not None
    assert after.path == ("PO1", "PID")


def test_all_kinds_of_notes() -> None:
    """E and L; P, R and C are above."""
    assert Note.parse("E0103").broken([True, True, False, True])
    assert not Note.parse("E0103").broken([True, True, True])
    assert not Note.parse("L010203").broken([True, True, False, True])
    assert Note.parse("L010203").broken([True, True, False, False])
    terms = only(sample(changed(ORDER, "DTM*002*20260120", "ITD*01*3*2"), "850"))
    assert [(p.code, p.element) for p in terms.problems] == [("element_needed", 4)]


def test_notes_are_those_of_the_release() -> None:
    """AT702 may stand without AT701 in neither, but AT701 without AT702 in 005010."""
    body = ["B10*S1*SID1*UPSN", "LX*1", "AT7*X3****20260105*1200", "MS1*DALLAS*TX"]
    for version, verdict in (("004010", "rejected"), ("005010", "accepted")):
        assert only(sample(body, "214", version=version)).verdict == verdict


def test_composites_and_repetition() -> None:
    missing = only(sample(changed(ORDER, "REF*DP*038", "REF*DP*038**IA")))
    assert [(p.code, p.element, p.component) for p in missing.problems] == [("element_missing", 4, 2)]
    many = only(sample(changed(ORDER, "REF*DP*038", "REF*DP*038**IA>1>IA>1>IA>1>IA"), version="005010"))
    assert [(p.code, p.ack["AK403"]) for p in many.problems] == [("too_many_components", "13")]
    older = only(sample(changed(ORDER, "REF*DP*038", "REF*DP*038**IA>1>IA>1>IA>1>IA")))
    assert [(p.code, p.ack["AK403"]) for p in older.problems] == [("too_many_components", "3")]
    plain = only(sample(changed(ORDER, "MSG*DELIVER TO DOCK 4", "MSG*CALL>ME")))
    assert [(p.code, p.severity) for p in plain.problems] == [("separator_in_data", "warning")]
    repeated = only(sample(changed(ORDER, "REF*DP*038", "REF*DP*A^B"), version="005010"))
    assert codes(repeated.problems) == ["separator_in_data"]


def test_trailing_separators_and_blanks_warn() -> None:
    trailing = only(sample(changed(ORDER, "REF*DP*038", "REF*DP*038**")))
    assert codes(trailing.problems) == ["trailing_separators"]
    blank = only(sample(changed(ORDER, N1, "N1*ST*ACME*92* ")))
    assert [(p.code, p.element) for p in blank.problems] == [("element_needed", 4)]
    only_blanks = only(sample(changed(ORDER, BEG, "BEG*00*SA* **20260105")))
    assert [(p.code, p.element) for p in only_blanks.problems] == [("element_missing", 3)]


def test_tag_without_data() -> None:
    """F-59: CTT alone is told, not fatal."""
    assert codes(only(sample([*ORDER[:-1], "CTT"])).problems) == ["element_missing"]


HL_FAULTS = [
    ("HL*3*2*P", "HL*3*9*P", "hl_parent_unknown", "error"),
    ("HL*3*2*P", "HL*3*3*P", "hl_parent_unknown", "error"),
    ("HL*3*2*P", "HL*2*1*P", "hl_number_repeats", "error"),
    ("HL*4*3*I", "HL*7*3*I", "hl_number_order", "warning"),
    ("HL*2*1*O", "HL**1*O", "element_missing", "error"),
    ("HL*2*1*O", "HL*9*1*O", "hl_number_order", "error"),
    ("HL*2*1*O", "HL*1*1*O", "hl_number_repeats", "error"),
    ("HL*1**S", "HL***S", "element_missing", "error"),
    ("HL*1**S", "HL*7**S", "hl_number_order", "error"),
    ("HL*4*3*I", "HL*4**I", "hl_parent_absent", "warning"),
    ("HL*4*3*I", "HL*4*3*I*1", "hl_children", "note"),
    ("HL*4*3*I", "HL*4*3*@", "value_not_in_list", "warning"),
]


@pytest.mark.parametrize(("old", "new", "code", "severity"), HL_FAULTS)
def test_levels(old: str, new: str, code: str, severity: str) -> None:
    """F-53 to F-56: parents, repeats, order, absent parents and unknown levels."""
    body = changed(NOTICE, old, new)
    found = only(sample(body, "856"))
    assert [(p.code, p.severity) for p in found.problems] == [(code, severity)]


def test_level_numbers_are_numbers() -> None:
    body = changed(changed(NOTICE, "HL*2*1*O", "HL*02*1*O"), "HL*4*3*I", "HL*4*0003*I")
    assert only(sample(body, "856")).problems == []


def test_a_level_that_is_gone_is_told_once() -> None:
    items = [row for n in range(3, 9) for row in (f"HL*{n}*2*I", "LIN*1*UP*012345678905", "SN1**1*EA")]
    found = only(sample([NOTICE[0], "HL*1**S", *items, "CTT*7"], "856"))
    assert [(p.code, p.position) for p in found.problems] == [("hl_parent_unknown", 4)]


def test_a_gap_in_level_numbers_is_told_once() -> None:
    rows = [f"HL*{n}*1*I" for n in (4, 5, 6)]
    found = only(sample([NOTICE[0], "HL*1**S", "HL*2*1*I", *rows, "CTT*5"], "856"))
    assert [(p.code, p.position) for p in found.problems] == [("hl_number_order", 5)]


@pytest.mark.parametrize("order", ["SOPI", "SOI", "SOTPI", "STOPI", "SPOI"])
def test_any_hierarchy(order: str) -> None:
    """F-56"""
    levels = [f"HL*{n}*{n - 1 or ''}*{level}" for n, level in enumerate(order, 1)]
    assert only(sample([NOTICE[0], *levels, f"CTT*{len(order)}"], "856")).verdict == "accepted"


def test_totals() -> None:
    wrong = only(sample([*ORDER[:-1], "CTT*3*35"]))
    assert codes(wrong.problems) == ["count_differs", "hash_differs"]
    assert wrong.verdict == "accepted_with_errors"
    assert "there are 2 PO1" in wrong.problems[0].message
    assert only(sample([*ORDER[:-1], "CTT*2*36.00"])).verdict == "accepted"


@pytest.mark.parametrize(
    ("quantities", "total", "told"),
    [
        (("1.5", "10"), "11.5", []),
        (("1.5", "10"), "25", []),
        (("1.5", "10"), "26", ["hash_differs"]),
        (("9999999999", "12"), "11", []),
        (("1E912", "12"), "12", ["character_invalid"]),
        (("9" * 4_000, "12"), "12", ["element_too_long"]),
    ],
    ids=["with points", "without points", "neither", "cut", "an exponent", "no end"],
)
def test_hash_totals(quantities: tuple[str, str], total: str, told: list[str]) -> None:
    """Element 347: summed without regard to decimal points; most partners add up what is there."""
    lines = [f"PO1*{n}*{quantity}*EA*9.95**UP*012345678905" for n, quantity in enumerate(quantities, 1)]
    found = only(sample([ORDER[0], *lines, f"CTT*2*{total}"]))
    assert codes(found.problems) == told


def test_counts_and_control_numbers() -> None:
    """F-29: declared against found, and the codes of AK5."""
    data = wire(
        interchange(
            group(
                document(ORDER, count=99),
                [*document(ORDER, number="0002")[:-1], "SE*15*0009"],
                document(ORDER, number="0003"),
                document(ORDER, number="0003"),
                document(ORDER, number="1"),
            )
        )
    )
    found = documents(data)
    assert [(codes(d.problems), d.verdict) for d in found] == [
        (["document_count"], "rejected"),
        (["document_number_differs"], "rejected"),
        ([], "accepted"),
        (["document_repeats"], "accepted_with_errors"),
        (["document_number_invalid"], "accepted_with_errors"),
    ]
    assert [d.problems[0].ack["AK502"] for d in found if d.problems] == ["4", "3", "23", "7"]
    assert "'99'" in found[0].problems[0].message
    assert "there are 15" in found[0].problems[0].message


def test_what_a_cut_left_over_is_not_judged() -> None:
    whole = sample(ORDER)
    for cut in (b"CTT*2*3", b"PID*F****WIDGET", b"PO1*2*24*C"):
        found = only(whole[: whole.index(cut) + len(cut)])
        assert codes(found.problems) == ["document_unfinished"]


def test_a_missing_se_rejects_one_document() -> None:
    data = wire(interchange(group(document(ORDER)[:-1], document(ORDER, number="0002"))))
    found = documents(data)
    assert [(codes(d.problems), d.verdict) for d in found] == [
        (["document_unfinished"], "rejected"),
        ([], "accepted"),
    ]
    assert found[0].problems[0].ack == {"AK502": "2"}


def test_unsupported_sets_are_refused_in_words() -> None:
    found = only(sample(["BQT*00*1*20260105"], "840"))
    assert codes(found.problems) == ["document_unsupported"]
    assert found.problems[0].ack == {"AK502": "1"}
    assert found.verdict == "rejected"
    assert len(found.segments) == 3


def test_wrong_group_and_borrowed_table() -> None:
    wrong = documents(wire(interchange(group(document(ORDER), kind="IN"))))[0]
    assert [(p.code, p.severity) for p in wrong.problems] == [("document_wrong_group", "warning")]
    near = documents(wire(interchange(group(document(ORDER), version="004030"))))[0]
    assert near.verdict == "accepted"
    assert near.release == "004010"
    assert codes(near.group.problems) == ["release_nearest"]
    body = ["BGN*00*1*20260105", "N1*SF*X*92*1"]
    borrowed = documents(wire(interchange(group(document(body, "753"), kind="RF"))))[0]
    assert borrowed.release == "005010"
    assert "table_borrowed" in codes(borrowed.problems)


def test_dates_before_004010_have_six_digits() -> None:
    body = changed(ORDER, BEG, "BEG*00*SA*PO123**970105")
    for version, verdict, told in (("003040", "accepted", []), ("004010", "rejected", ["group_value"])):
        found = documents(
            wire(interchange(group(document(body), version=version))).replace(b"*20260105*1200*1*", b"*260105*1200*1*")
        )[0]
        assert found.verdict == verdict
        assert [p.code for p in found.group.problems if p.severity != "note"] == told


def test_a_near_release_is_not_rejected_for_its_own_codes() -> None:
    body = changed(ORDER, N1, "N1*@@*ACME*92*0042")
    found = documents(wire(interchange(group(document(body), version="004060"))))[0]
    assert [(p.code, p.severity) for p in found.problems] == [("value_not_in_list", "warning")]


@pytest.mark.parametrize(
    ("version", "body", "code"),
    [
        ("003050", [BEG, "NTE*ADD*FOLLOWS UP", *ORDER[1:]], "segment_not_in_document"),
        ("004030", changed(ORDER, "MSG*DELIVER TO DOCK 4", "MTX**DELIVER TO DOCK 4"), "segment_unexpected"),
        ("003010", [BEG, "RMT*IV*0900*8136.13", *ORDER[1:]], "segment_unknown"),
        ("004060", [BEG, *["CUR*BY*USD"] * 2, *ORDER[1:]], "segment_repeats"),
    ],
)
def test_a_near_release_is_not_rejected_for_its_own_segments(version: str, body: list[str], code: str) -> None:
    """What the 850 of those releases has and that of 004010 has not."""
    found = documents(wire(interchange(group(document(body), version=version))))[0]
    assert [(p.code, p.severity) for p in found.problems] == [(code, "warning")]
    assert f"{version} may allow it" in found.problems[0].message
    same = documents(wire(interchange(group(document(body)))))[0]
    assert [(p.code, p.severity) for p in same.problems] == [(code, "error")]


def test_problems_are_limited() -> None:
    body = [BEG, *["PO1*1*x*EA*9.95"] * 500]
    found = only(sample(body))
    assert len(found.problems) == 201
    assert found.problems[-1].code == "too_many_problems"


def test_messages_name_what_is_allowed() -> None:
    found = only(sample(changed(ORDER, BEG, "BEG*98*SA*PO123**20260105")))
    assert "BEG01 (Transaction Set Purpose Code)" in found.problems[0].message
    lower = only(sample(changed(ORDER, N1, "N1*st*ACME*92*0042")))
    assert "Did you mean ST (Ship-to party)?" in lower.problems[0].message
    assert lower.problems[0].fix == "Use ST."


def test_every_kind_says_what_to_do() -> None:
    assert all(kind.meaning and kind.fix and kind.scope for kind in KINDS.values())
    assert {kind.severity for kind in KINDS.values()} == {"error", "warning", "note"}
