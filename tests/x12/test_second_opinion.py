"""pyx12 as second engine: maps made from our tables, its verdicts, and its known faults kept in."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pyx12.map_if import load_map_file
from pyx12.map_index import map_index
from pyx12.params import ParamsBase

from hub.x12 import grammar, second_opinion
from hub.x12.inspect import inspect
from hub.x12.second_opinion.pieces import pieces, smoothed
from tests.x12.bodies import GROUPS
from tests.x12.mutation import good, interchange

GOOD = interchange("850", good("850"))


def judged(data: bytes) -> list[tuple[str, str, int | None, int | None, str | None]]:
    (judgement,) = second_opinion.judge(data)
    return [(p.code, p.segment, p.position, p.element, p.value) for p in judgement.problems]


def changed(old: bytes, new: bytes) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


@pytest.mark.parametrize("release", grammar.RELEASES)
def test_a_map_directory_holds_every_set(release: str, tmp_path: Path) -> None:
    second_opinion.write_directory(tmp_path, release)
    index = map_index(str(tmp_path))
    assert {entry["abbr"] for entry in index.maps} == grammar.sets(release) | {"X12"}
    for entry in index.maps:
        assert (tmp_path / entry["map_file"]).stat().st_size > 1000
    assert index.get_filename("00401" if release == "004010" else "00501", f"{release}VICS", "PO") == "850.xml"
    loaded = load_map_file("997.xml", ParamsBase(), str(tmp_path))
    assert loaded.getnodebypath("/ISA_LOOP/GS_LOOP/ST_LOOP/AK2_LOOP/AK3_LOOP/AK4").max_use == "99"


@pytest.mark.parametrize("version", ["004010", "004010VICS", "005010"])
@pytest.mark.parametrize("document", sorted(GROUPS))
def test_good_documents_are_accepted(document: str, version: str) -> None:
    (judgement,) = second_opinion.judge(interchange(document, good(document, version), version))
    assert judgement == ("1", "0001", "accepted", ())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (changed(b"BEG*00*SA*PO123**20260115~", b""), ("segment_missing", "BEG", 2, None, None)),
        (changed(b"*SA*", b"*QQ*"), ("value_not_in_list", "BEG", 2, 2, "QQ")),
        (changed(b"20260201", b"20260230"), ("date_invalid", "DTM", 10, 2, "20260230")),
        (changed(b"PO123", b"P" * 23), ("element_too_long", "BEG", 2, 3, "P" * 23)),
        (changed(b"*92*0042", b"*92"), ("element_needed", "N1", 14, 3, None)),
        (changed(b"N9*", b"ZZZ*1~N9*"), ("segment_unexpected", "ZZZ", 12, None, None)),
        (changed(b"CTT*3", b"CTT*3****X*Y*Z*9"), ("too_many_elements", "CTT", 23, 8, "9")),
    ],
)
def test_faults_are_placed(data: bytes, expected: tuple[str, str, int, int | None, str | None]) -> None:
    data = data.replace(b"SE*25", b"SE*" + str(data[data.index(b"ST*") :].count(b"~") - 2).encode())
    assert judged(data)[0] == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (changed(b"SE*25", b"SE*26"), "document_count"),
        (changed(b"SE*25*0001", b"SE*25*0002"), "document_number_differs"),
        (changed(b"SE*25*0001~", b""), "document_unfinished"),
        (changed(b"ST*850", b"ST*998"), "document_unsupported"),
    ],
)
def test_trailers(data: bytes, code: str) -> None:
    assert code in {problem[0] for problem in judged(data)}


def test_faults_of_group_and_interchange() -> None:
    data = changed(b"GE*1*1", b"GE*2*1").replace(b"IEA*1*000000001", b"IEA*1*000000002")
    told = second_opinion.inspect(data, "x.edi")
    assert [p["code"] for p in told["interchanges"][0]["problems"]] == ["interchange_number_differs"]
    assert [p["code"] for p in told["interchanges"][0]["groups"][0]["problems"]] == ["group_count"]
    assert told["interchanges"][0]["groups"][0]["documents"][0]["verdict"] == "accepted"


def test_an_empty_segment_does_not_end_the_reading() -> None:
    assert judged(changed(b"N3*", b"~\n~N3*")) == []


def test_too_many_components_are_told_though_pyx12_raises() -> None:
    data = changed(b"SAC*C*D240***500~", b"SAC*C*D240***500~MEA**WT*1*LB" + b">A" * 15 + b"~")
    assert {problem[0] for problem in judged(data)} == {"second_opinion_failed"}


def test_each_interchange_has_its_own_delimiters() -> None:
    other = GOOD.replace(b"*", b"|").replace(b"~", b"\n")
    assert [judgement.verdict for judgement in second_opinion.judge(GOOD + b"\r\n" + other + GOOD)] == ["accepted"] * 3


def test_isa_in_data_begins_no_interchange() -> None:
    assert len(list(pieces(changed(b"MSG*LEAVE", b"MSG*ISA*LEAVE")))) == 1


@pytest.mark.parametrize(
    "header", [GOOD[:105] + b" ~", b"*".join(field.strip() for field in GOOD[:105].split(b"*")) + b"~"]
)
def test_an_isa_of_other_length_is_padded(header: bytes) -> None:
    piece = header + GOOD[106:]
    assert smoothed(piece) == smoothed(GOOD)
    assert [judgement.verdict for judgement in second_opinion.judge(piece + piece)] == ["accepted"] * 2


@pytest.mark.parametrize(("version", "expected"), [("00200", "00401"), ("00403", "00501"), ("00602", "00501")])
def test_versions_pyx12_refuses_become_the_nearest(version: str, expected: str) -> None:
    piece = GOOD.replace(b"*00401*", b"*" + version.encode() + b"*")
    assert smoothed(piece)[84:89] == expected


def test_only_the_first_repetition_is_shown() -> None:
    piece = interchange("850", [["CTX", "A\x1eB", "C"], ["REF", "A"]], "005010")
    assert "~CTX*A*C~" in smoothed(piece)


@pytest.mark.parametrize("data", [b"", b"ISA*", b"ISA*00*" * 40, b"\xff" * 500, GOOD[:106], GOOD[:400], b"hello"])
def test_anything_else_is_told_not_raised(data: bytes) -> None:
    told = second_opinion.inspect(data, "x")
    assert told["engine"] == "pyx12"
    assert told["bytes_accounted"] == told["bytes"] == len(data)
    assert set(told) - {"engine"} == set(inspect(data, "x"))
    assert told["syntax"] in {"x12", "unknown", "empty"}
    assert all(judgement.verdict == "rejected" for judgement in second_opinion.judge(data))


def test_what_pyx12_raises_is_a_problem() -> None:
    told = second_opinion.inspect(b"ISA*00*" + b" " * 200, "x")
    assert told["interchanges"][0]["problems"][0]["code"] == "second_opinion_failed"
    stray = changed(b"GE*1*1~", b"SE*1*0001~SE*1*0001~SE*1*0001~GE*1*1~")
    groups = second_opinion.inspect(stray, "x")["interchanges"][0]["groups"]
    assert groups[0]["problems"][-1]["code"] == "second_opinion_failed"
    assert groups[0]["documents"][0]["verdict"] == "accepted"


def test_the_json_has_the_shape_of_our_own() -> None:
    data = b"hello\r\n" + changed(b"*SA*", b"*QQ*")
    told, own = second_opinion.inspect(data, "x"), inspect(data, "x")
    assert [problem["code"] for problem in told["problems"]] == ["junk_outside"]
    for path in ([], ["interchanges"], ["interchanges", "groups"], ["interchanges", "groups", "documents"]):
        mine, theirs = own, told
        for step in path:
            mine, theirs = mine[step][0], theirs[step][0]
        assert set(mine) <= set(theirs)
    problem = told["interchanges"][0]["groups"][0]["documents"][0]["problems"][0]
    assert (problem["segment"], problem["position"], problem["element"], problem["value"]) == ("BEG", 2, 2, "QQ")
    assert problem["ack"] == {"AK502": "5", "AK304": "8", "AK403": "7", "AK402": "92"}


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        second_opinion.judge(changed(b"*SA*", b"*QQ*"))
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
