"""inspect, translate, write, ack: files in, verdicts and documents out; nothing is stored."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hub.cli.exits import Exit
from tests.cli.conftest import FAULTY, GOOD, Command

DOCUMENT = {"document", "control_number", "segments", "verdict", "problems"}
PROBLEM = {"code", "severity", "message", "fix", "segment", "position", "element", "component", "value", "loop", "ack"}


def test_inspect_gives_a_line_a_file(crossdock: Command, good: Path, faulty: Path) -> None:
    result = crossdock("inspect", "--json", good, faulty)
    assert result.code == Exit.PROBLEMS
    first, second = result.lines
    assert first["file"] == str(good)
    assert (first["syntax"], first["bytes"], first["bytes_accounted"]) == ("x12", len(GOOD), len(GOOD))
    interchange = first["interchanges"][0]
    assert (interchange["control_number"], interchange["sender"], interchange["receiver"]) == (
        "000000101",
        "BIGBOX",
        "CROSSDOCK",
    )
    assert interchange["delimiters"]["element"] == "*"
    document = interchange["groups"][0]["documents"][0]
    assert document.keys() == DOCUMENT
    assert (document["document"], document["verdict"], document["problems"]) == ("850", "accepted", [])
    rejected = second["interchanges"][0]["groups"][0]["documents"][0]
    assert rejected["verdict"] == "rejected"
    assert {problem["position"] for problem in rejected["problems"]} == {6, 8}
    assert all(problem.keys() == PROBLEM for problem in rejected["problems"])


def test_a_file_without_faults_leaves_with_0(crossdock: Command, good: Path) -> None:
    result = crossdock("inspect", good)
    assert result.code == 0
    assert "850 0001  ACCEPTED  11 segments" in result.text
    assert result.err == "1 file, 1 document, 0 problems\n"


def test_inspect_says_where_what_and_how_to_mend_it(crossdock: Command, faulty: Path) -> None:
    text = crossdock("inspect", faulty).text
    for expected in (
        "interchange 000000101  BIGBOX to CROSSDOCK",
        "850 0001  REJECTED",
        "segment 6, DTM02",
        "DTM*010*20261345~",
        '"20261345"',
        "how to mend it:",
        "AK403 8",
        "segment 8, PO103 in loop PO1",
        "PO1*1*10*QQ*9.95**VN*SKU-RED*UP*012345678905~",
    ):
        assert expected in text


def test_inspect_shows_what_stands_where_something_is_missing(crossdock: Command, tmp_path: Path) -> None:
    file = tmp_path / "order.edi"
    at = GOOD.index(b"BEG*")
    file.write_bytes(GOOD[:at] + GOOD[GOOD.index(b"CUR*") :])
    text = crossdock("inspect", file).text
    assert "BEG (Beginning Segment for Purchase Order) is missing before CUR (Currency)." in text
    assert "stands there:   CUR*" in text


def test_both_engines_are_laid_side_by_side(crossdock: Command, faulty: Path) -> None:
    result = crossdock("inspect", "--json", "--engine", "both", faulty).lines[0]
    assert result["agree"] is True
    other = result["second_opinion"]["interchanges"][0]["groups"][0]["documents"][0]
    assert other["verdict"] == "rejected"
    assert "pyx12 agrees" in crossdock("inspect", "--engine", "both", faulty).text
    assert crossdock("inspect", "--engine", "pyx12", faulty).code == Exit.PROBLEMS


def test_known_differences_of_the_engines_are_explained(crossdock: Command, tmp_path: Path) -> None:
    file = tmp_path / "trailing.edi"
    file.write_bytes(GOOD.replace(b"CUR*BY*USD~", b"CUR*BY*USD*~"))
    result = crossdock("inspect", "--json", "--engine", "both", file).lines[0]
    (row,) = result["compared"]
    assert (row["ours"], row["theirs"], row["agree"], result["agree"]) == (
        "accepted_with_errors",
        "rejected",
        True,
        True,
    )
    said = crossdock("inspect", "--engine", "both", file).text
    assert "pyx12 agrees" in said
    assert f"a known difference. {row['because'][0]}" in said


@pytest.mark.parametrize(("verb", "said"), [("inspect", "guide_value"), ("ack", "AK4*3*355*7*BX"), ("translate", "BX")])
def test_a_partner_s_guide_is_laid_over_its_documents(
    crossdock: Command, home: Path, tmp_path: Path, verb: str, said: str
) -> None:
    file = tmp_path / "boxes.edi"
    file.write_bytes(GOOD.replace(b"*EA*", b"*BX*"))
    assert home
    if verb == "inspect":
        assert crossdock(verb, file).code == Exit.OK
        told = crossdock(verb, file, "--partner", "bigbox")
        assert told.code == Exit.PROBLEMS
        assert "the guide agreed with bigbox allows EA (Each), CA" in told.text
        assert "guide 5.2" in crossdock(verb, file, "--json", "--partner", "bigbox").text
    told = crossdock(verb, file, "--partner", "bigbox")
    assert said in told.text


def test_folders_are_walked_and_standard_input_is_read(crossdock: Command, tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "b.edi").write_bytes(GOOD)
    (tmp_path / "in" / "deep" / "a.edi").write_bytes(GOOD)
    (tmp_path / "in" / ".hidden").write_bytes(GOOD)
    result = crossdock("inspect", "--json", tmp_path / "in", "-", stdin=FAULTY)
    names = [Path(line["file"]).name for line in result.lines]
    assert names == ["b.edi", "a.edi", "-"]
    assert result.code == Exit.PROBLEMS


def test_what_cannot_be_read_does_not_stop_the_rest(crossdock: Command, good: Path, tmp_path: Path) -> None:
    result = crossdock("inspect", "--json", tmp_path / "missing", good)
    assert result.code == Exit.PARTLY
    assert len(result.lines) == 1
    assert json.loads(result.err)["error"] == "not_found"
    assert crossdock("inspect", tmp_path / "missing").code == Exit.NOT_FOUND


def test_what_is_no_file_is_not_waited_for(crossdock: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = crossdock("inspect", tmp_path / "pipe")
    assert result.code == Exit.FAILED
    assert "not a plain file" in result.err


@pytest.mark.parametrize(
    "data", [b"", b"\x01" * 4096, bytes(range(256)) * 16, b"\x89PNG\r\n\x1a\n", b"ISA", "é".encode("utf-16")]
)
def test_any_bytes_get_an_answer(crossdock: Command, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(data)
    result = crossdock("inspect", "--json", path)
    assert result.code == Exit.PROBLEMS
    assert result.lines[0]["bytes"] == len(data)
    assert result.lines[0]["interchanges"] == []
    assert crossdock("inspect", path).out
    assert crossdock("ack", path).out == b""


def test_escape_sequences_in_a_document_do_not_reach_the_terminal(crossdock: Command, tmp_path: Path) -> None:
    path = tmp_path / "hostile.edi"
    path.write_bytes(FAULTY.replace(b"20261345", b"\x1b[2J\xe2\x80\xae").replace(b"STORE 42", b"\x1b]0;owned\x07"))
    for verb in ("inspect", "translate"):
        out = crossdock(verb, path).out
        assert b"\x1b" not in out
        assert b"\x07" not in out
        assert b"\xe2\x80\xae" not in out


def test_ack_writes_the_997_that_would_be_sent(crossdock: Command, faulty: Path, tmp_path: Path) -> None:
    result = crossdock("ack", faulty)
    assert result.code == 0
    assert b"AK3*DTM*6**8~" in result.out
    assert b"AK5*R*5~" in result.out
    answer = tmp_path / "997.edi"
    answer.write_bytes(result.out)
    verdict = crossdock("inspect", "--json", answer)
    assert verdict.code == 0
    document = verdict.lines[0]["interchanges"][0]["groups"][0]["documents"][0]
    assert (document["document"], document["verdict"]) == ("997", "accepted")
    assert crossdock("ack", "--json", faulty).json[0]["bytes"] == len(result.out)


@pytest.mark.parametrize("data", [b"hello", b"", b"UNA:+.? 'UNB+UNOA:1+A+B+260101:1200+1'UNZ+0+1'"])
def test_for_what_is_no_x12_no_acknowledgment_is_made_up(crossdock: Command, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "note.txt"
    path.write_bytes(data)
    result = crossdock("ack", "--json", path)
    assert (result.code, result.out) == (Exit.PROBLEMS, b"")
    assert "holds no X12 interchange" in result.err


def test_translate_gives_a_line_a_document(crossdock: Command, good: Path) -> None:
    result = crossdock("translate", "--json", good)
    assert result.code == 0
    line = result.lines[0]
    assert line.keys() == {"document", "control_number", "type", "message", "unmapped", "problems"}
    assert (line["document"], line["control_number"], line["type"]) == ("850", "0001", "Order")
    assert line["message"]["id"] == "4500087213"
    assert [entry["quantity"]["value"] for entry in line["message"]["lines"]] == ["10", "3"]
    assert line["message"]["lines"][0]["price"] == {"amount": "9.95", "currency": "USD"}


def test_a_rejected_document_has_problems_and_no_message(crossdock: Command, faulty: Path) -> None:
    result = crossdock("translate", "--json", faulty)
    assert result.code == Exit.PROBLEMS
    assert result.lines[0]["message"] is None
    assert len(result.lines[0]["problems"]) == 2


def test_what_is_no_document_is_said_to_be_none(crossdock: Command, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("hello")
    result = crossdock("translate", path)
    assert result.code == Exit.PROBLEMS
    assert "holds no X12 interchange" in result.err
    path.write_text("{}")
    assert crossdock("translate", path).code == Exit.USAGE


def test_what_is_translated_can_be_written_and_read_again(crossdock: Command, good: Path, tmp_path: Path) -> None:
    line = crossdock("translate", "--json", good).out
    written = crossdock("write", "-", "--as", "850", stdin=line)
    assert written.code == 0
    again = tmp_path / "again.edi"
    again.write_bytes(written.out)
    assert crossdock("inspect", again).code == 0
    assert crossdock("translate", "--json", again).lines[0]["message"] == json.loads(line)["message"]


def test_write_takes_the_partners_identifiers(crossdock: Command, good: Path, home: Path) -> None:
    line = crossdock("translate", "--json", good, "--partner", "bigbox").out
    written = crossdock("write", "-", "--as", "850", "--partner", "bigbox", stdin=line).out
    assert b"*ZZ*CROSSDOCK      *ZZ*BIGBOX         *" in written
    assert home.exists()


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("--as", "999X"), b"{}", Exit.USAGE),
        (("--as", "850"), b"{}", Exit.PROBLEMS),
        (("--as", "850"), b"not json", Exit.PROBLEMS),
        (("--as", "850"), b'{"id": 1.5}', Exit.PROBLEMS),
        (("--as", "850", "--partner", "nobody"), b"{}", Exit.NOT_FOUND),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(
    crossdock: Command, home: Path, arguments: tuple[str, ...], stdin: bytes, code: Exit
) -> None:
    result = crossdock("write", "-", *arguments, stdin=stdin)
    assert result.code == code
    assert result.out == b""
    assert "Traceback" not in result.err
    assert home.exists()


def test_a_file_that_holds_no_document_does_not_stop_the_rest(crossdock: Command, good: Path, tmp_path: Path) -> None:
    other = tmp_path / "note.txt"
    other.write_text("hello")
    result = crossdock("translate", "--json", other, good)
    assert result.code == Exit.PARTLY
    assert [line["document"] for line in result.lines] == ["850"]
    assert "note.txt" in result.err


@pytest.mark.parametrize("release", ["004010", "005010"])
def test_maps_are_written_for_pyx12(crossdock: Command, tmp_path: Path, release: str) -> None:
    folder = tmp_path / "maps"
    written = crossdock("maps", folder, "--release", release, "--json").json
    assert {"850.xml", "997.xml", "dataele.xml", "codes.xml", "maps.xml"} <= set(written["files"])
    assert set(written["files"]) == {path.name for path in folder.iterdir()}
    again = crossdock("maps", folder)
    assert again.code == Exit.FAILED
    assert "is not an empty folder" in again.err
    assert crossdock("maps", tmp_path / "other", "--release", "003040").code == Exit.NOT_FOUND
