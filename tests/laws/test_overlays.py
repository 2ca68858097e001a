"""Overlays: named edits that hit their row, with the reason in the problem they cause."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hub.errors import BadDocument, Misconfigured
from hub.mapping.codecs import an
from hub.mapping.notation import row
from hub.mapping.overlay import (
    STANDARD,
    Edit,
    add,
    constant,
    default,
    exception,
    expired,
    forbid,
    limit,
    overlay,
    recode,
    remove,
    require,
    variation,
    widen,
)
from hub.mapping.x12_mapping import X12Mapping
from mappings.x12.p850_purchase_order import PURCHASE_ORDER
from tests.laws.samples import CONTEXT, X12

WHY = "their guide, page 1"
(PLAIN,) = [sample for sample in X12 if str(sample) == "004010-850-plain"]


def edited(*edits: Edit) -> X12Mapping:
    return overlay(PURCHASE_ORDER, "acme", edits)


def read(mapping: X12Mapping, **changes: Any) -> Any:
    """The plain order with segments replaced: ``REF=[...]`` changes the first REF; None removes it."""
    document = PLAIN.document()
    for tag, segment in changes.items():
        index = next(i for i, found in enumerate(document.segments) if found[0] == tag)
        if segment is None:
            del document.segments[index], document.places[index]
        else:
            document.segments[index] = segment
    return mapping.read(document, CONTEXT)


def written(mapping: X12Mapping, **changes: Any) -> list[list[str]]:
    message = PURCHASE_ORDER.read(PLAIN.document(), CONTEXT).message
    assert message is not None
    return mapping.write(message.model_copy(update=changes), CONTEXT)


def test_require_refuses_both_ways_and_says_why() -> None:
    mapping = edited(require("REF[DP]02", why=WHY))
    assert read(mapping).problems == ()
    (problem,) = read(mapping, REF=None).problems
    assert problem.code == "missing_value"
    assert problem.segment == "REF"
    assert WHY in problem.message
    with pytest.raises(BadDocument, match=r"REF\[DP\]02 must be sent"):
        written(mapping, department=None)


def test_require_of_a_loop() -> None:
    mapping = edited(require("N1[ST]", why=WHY))
    reading = read(mapping, N1=["N1", "BT", "ELSEWHERE"])
    assert [(problem.code, problem.segment) for problem in reading.problems] == [("missing_value", "N1")]


def test_forbid() -> None:
    mapping = edited(forbid("REF[DP]02", why=WHY))
    (problem,) = read(mapping).problems
    assert (problem.code, problem.segment, problem.element, problem.value) == ("not_allowed", "REF", 2, "038")
    assert WHY in problem.message
    assert ["REF", "DP", "038"] not in written(mapping)


def test_recode_reads_theirs_and_writes_theirs() -> None:
    mapping = edited(recode("PO1/PO103", {"CT": "CS", "EACH": "EA"}, why=WHY, grade=variation("edi")))
    order = read(mapping, PO1=["PO1", "1", "12", "CT", "9.95", "", "VN", "A"]).message
    assert order.lines[0].quantity.uom == "CS"
    assert order.lines[1].quantity.uom == "EA", "EA is still understood"
    assert mapping.rows is not PURCHASE_ORDER.rows
    with pytest.raises(BadDocument, match="PO103 takes 2 to 2 characters"):
        mapping.write(order, CONTEXT)


def test_limit_narrows_both_ways() -> None:
    mapping = edited(limit("BEG03", 1, 5, why=WHY))
    (problem,) = read(mapping).problems
    assert (problem.code, problem.segment, problem.element) == ("bad_length", "BEG", 3)
    with pytest.raises(BadDocument, match="BEG03 takes 1 to 5 characters"):
        written(mapping)


def test_widen_lets_more_through_and_is_never_standard() -> None:
    mapping = edited(widen("BEG03", 1, 30, why=WHY, grade=variation("edi")))
    assert written(mapping, id="X" * 26)[0][3] == "X" * 26
    with pytest.raises(Misconfigured, match="departs from the standard"):
        widen("BEG03", 1, 30, why=WHY, grade=STANDARD)


def test_default_stands_for_an_absent_element() -> None:
    mapping = edited(default("PO1/PO103", "EA", why=WHY))
    order = read(mapping, PO1=["PO1", "1", "12", "", "9.95", "", "VN", "A"]).message
    assert order.lines[0].quantity.uom == "EA"


def test_constant_remove_and_add() -> None:
    mapping = edited(
        constant("CUR01", "SE", why=WHY),
        remove("REF[IA]02", why=WHY),
        add("REF[DP]02", row("REF[VR]02", "vendor_id", an), why=WHY),
    )
    segments = written(mapping, currency="CAD", lines=())
    assert ["CUR", "SE", "CAD"] in segments
    assert ["REF", "VR", "77012"] in segments
    assert ["REF", "IA", "77012"] not in segments
    reading = read(mapping)
    assert [entry.path for entry in reading.unmapped] == ["REF"]


@pytest.mark.parametrize("path", ["REF[XX]02", "PO103", "N1[ST]/PO103", ""])
def test_an_edit_that_hits_no_row_fails(path: str) -> None:
    with pytest.raises(Misconfigured, match="hits 0 rows"):
        edited(require(path, why=WHY))


def test_every_edit_says_why_and_who() -> None:
    with pytest.raises(Misconfigured, match="does not say why"):
        require("BEG03", why="")
    with pytest.raises(Misconfigured, match="owner"):
        variation("")
    with pytest.raises(Misconfigured, match="approver"):
        exception("", date(2026, 12, 31))


def test_exceptions_end() -> None:
    edits = [
        require("BEG03", why=WHY, grade=exception("jane", date(2026, 6, 30))),
        require("BEG05", why=WHY),
    ]
    assert expired(edits, date(2026, 6, 30)) == []
    assert expired(edits, date(2026, 7, 1)) == edits[:1]
