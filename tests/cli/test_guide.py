"""guide: a partner guide made from a mapping; and doctor on exceptions that end."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from hub.cli.checks import exceptions
from hub.cli.exits import Exit
from hub.mapping.overlay import exception, require, variation
from mappings import CATALOG
from tests.cli.conftest import Command

SETS = [name.removeprefix("x12/") for name in CATALOG if name.startswith("x12/")]
VOID = {"meta"}


class Tree(HTMLParser):
    """Every element is closed where it was opened; nothing is loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.counts: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {"src", "href"} & dict(attrs).keys()
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", SETS)
def test_every_document_has_a_guide_as_markdown_html_and_json(crossdock: Command, name: str) -> None:
    facts = crossdock("guide", name, "--json").json
    assert facts["document"] == name
    elements = [element for segment in facts["segments"] for element in segment["elements"]]
    assert all(element["name"] and element["shortest"] <= element["longest"] for element in elements)
    page = crossdock("guide", name).text
    rows = re.findall(r"^\| (\w+\d\d) (?:\|.*){7}\|$", page, re.MULTILINE)
    assert rows == [element["reference"] for element in elements]
    tree = Tree()
    tree.feed(crossdock("guide", name, "--html").text)
    assert tree.open == []
    assert tree.counts["table"] == tree.counts["caption"] == len(facts["segments"])


def test_the_guide_of_a_partner_tells_what_differs_and_why(crossdock: Command) -> None:
    facts = crossdock("guide", "850", "--partner", "bigbox", "--json").json
    changes = [(change["path"], change["grade"]) for change in facts["changes"]]
    assert changes == [
        ("BEG03", "guide"),
        ("N1[ST]/N104", "guide"),
        ("PO1/PO103", "guide"),
        ("REF[DP]02", "standard"),
        ("N1[ST]", "standard"),
        ("PO1/PO104", "variation"),
    ]
    used = {
        element["reference"]: element
        for segment in facts["segments"]
        if segment["segment"] in ("PO1", "REF[DP]", "BEG")
        for element in segment["elements"]
    }
    assert (used["PO104"]["standard"], used["PO104"]["usage"]) == ("may", "must")
    assert used["PO104"]["changes"][0]["owner"] == "edi-operations"
    assert used["REF02"]["usage"] == "must"
    assert used["BEG01"]["codes"]["00"] == "ORIGINAL"
    assert (used["BEG03"]["type"], used["BEG03"]["shortest"], used["BEG03"]["longest"]) == ("AN", 1, 20)
    assert list(used["PO103"]["codes"]) == ["EA", "CA", "DZ"]
    ship_to = next(segment for segment in facts["segments"] if segment["segment"] == "N1[ST]")
    assert (ship_to["standard"], ship_to["usage"], ship_to["fills"]) == ("may", "must", "ship_to")
    places = {
        s["segment"]: next(e for e in s["elements"] if e["reference"] == "N104")
        for s in facts["segments"]
        if s["segment"] in ("N1[ST]", "N1[BT]")
    }
    assert {name: element["usage"] for name, element in places.items()} == {"N1[ST]": "must", "N1[BT]": "may"}
    page = crossdock("guide", "850", "--partner", "bigbox").text
    assert "guide 4.2" in page
    assert "PO1/PO103 codes EA, CA, DZ: orders are in pieces, cases or dozens (guide 5.2) (guide)" in page
    assert crossdock("guide", "850", "--json").json["changes"] == []


def test_the_example_is_a_document_of_the_release(crossdock: Command) -> None:
    example = crossdock("guide", "850", "--release", "005010", "--json").json["example"]
    assert example.startswith("ST*850*")
    assert example.splitlines()[-1].startswith("SE*")


@pytest.mark.parametrize("arguments", [("851",), ("850", "--release", "009999")])
def test_what_is_not_there_is_told(crossdock: Command, arguments: tuple[str, ...]) -> None:
    result = crossdock("guide", *arguments)
    assert result.code == Exit.NOT_FOUND
    assert result.out == b""
    assert "Name one of" in result.err


def test_doctor_tells_exceptions_that_have_ended_or_end_soon() -> None:
    today = date(2026, 7, 1)
    edits = [
        require("REF[DP]02", why="always", grade=variation("edi")),
        require("BEG03", why="gone", grade=exception("ada", date(2026, 6, 30))),
        require("BEG04", why="soon", grade=exception("bob", date(2026, 7, 30))),
        require("BEG05", why="later", grade=exception("cyd", date(2026, 7, 31))),
    ]
    overlays = {"bigbox": {"x12/850": edits}, "other": {"x12/850": edits}}
    found = list(exceptions(overlays, ["bigbox"], today))
    assert [(check["check"], check["ok"]) for check in found] == [
        ("exception bigbox", False),
        ("exception bigbox", True),
    ]
    assert "ended on 2026-06-30: gone" in found[0]["detail"]
    assert "ada" in found[0]["fix"]
    assert "ends on 2026-07-30: soon" in found[1]["detail"]
    assert found[1]["fix"] == ""
