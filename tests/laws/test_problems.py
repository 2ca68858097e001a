"""Faults in words (P5) and nothing dropped silently (P8): where each value came from is known, and told."""

from __future__ import annotations

import pytest

from hub.contracts.mapping import Context, Reading
from hub.errors import BadDocument
from hub.mapping.x12_mapping import X12Mapping
from mappings import CATALOG, find
from tests.laws.samples import CONTEXT, X12, X12Sample

SAMPLES = {str(sample): sample for sample in X12}
FULL = SAMPLES["004010-850-full"]


def read(sample: X12Sample, position: int, element: int, value: str, partner: str = "") -> Reading:
    """The sample with one element changed; positions count from ST, which is 1."""
    document = sample.document()
    segment = document.segments[position - 1]
    segment += [""] * (element + 1 - len(segment))
    segment[element] = value
    mapping = find(sample.mapping_id, partner=partner, version=sample.release)
    assert isinstance(mapping, X12Mapping)
    return mapping.read(document, CONTEXT)


def position(sample: X12Sample, tag: str, *, nth: int = 1) -> int:
    found = [index for index, segment in enumerate(sample.document().segments, 1) if segment[0] == tag]
    return found[nth - 1]


@pytest.mark.parametrize(
    ("tag", "nth", "element", "value", "code", "words"),
    [
        ("BEG", 1, 1, "14", "code_not_mapped", "BEG01 (purpose) is '14', which is not one of 00, 01, 04, 05, 06."),
        ("BEG", 1, 3, "", "missing_value", "BEG03 (id) is missing."),
        ("BEG", 1, 5, "20260230", "bad_value", "BEG05 (issue_date) is '20260230', which is not a date as CCYYMMDD."),
        ("CUR", 1, 2, "cad", "bad_value", "CUR02 (currency) is 'cad', which is not a currency code"),
        ("PO1", 2, 2, "TEN", "bad_value", "PO102 (quantity.value) is 'TEN': a number is expected"),
        ("PO1", 2, 2, "1E99", "bad_value", "PO102 (quantity.value) is '1E99': a finite number of at most 28 digits"),
        ("PO1", 3, 3, "XX", "code_not_mapped", "PO103 (quantity.uom) is 'XX', which is not one of EA, CA"),
        ("PO1", 1, 7, "012345678906", "bad_value", "PO107 (item.gtin) is '012345678906': '012345678906' is not a GTIN"),
        ("PO1", 1, 7, "1234", "bad_value", "PO107 (item.gtin) is '1234', which is not 8, 12, 13 or 14 digits."),
        ("PO1", 1, 4, "9,95", "bad_value", "PO104 (price) is '9,95': a number is expected"),
        ("SAC", 1, 5, "5.97", "bad_value", "SAC05 (amount) is '5.97', which is not digits with two implied decimals"),
        ("N4", 1, 4, "Canada", "bad_value", "N404 (address.country) is 'Canada'"),
        ("SAC", 2, 2, "", "missing_value", "SAC02 (reason_code) is missing."),
    ],
)
def test_a_fault_is_told_by_segment_position_and_element(
    tag: str, nth: int, element: int, value: str, code: str, words: str
) -> None:
    where = position(FULL, tag, nth=nth)
    reading = read(FULL, where, element, value)
    assert reading.message is None
    problems = [problem for problem in reading.problems if problem.code == code]
    assert problems, reading.problems
    (problem, *_) = problems
    assert words in problem.message
    assert (problem.segment, problem.position, problem.element) == (tag, where, element)
    assert problem.value == value
    assert problem.fix


def test_one_fault_gives_one_problem() -> None:
    assert len(read(FULL, position(FULL, "PO1"), 2, "TEN").problems) == 1
    assert len(read(FULL, position(FULL, "BEG"), 1, "14").problems) == 1


def test_a_second_of_what_may_come_once_is_unmapped() -> None:
    document = FULL.document()
    at = position(FULL, "N1", nth=3)
    assert document.segments[at - 1][:2] == ["N1", "ST"]
    document.segments[at - 1][1] = "BY"
    mapping = CATALOG["x12/850"]
    reading = mapping.read(document, CONTEXT)
    assert reading.message is not None
    assert reading.message.ship_to is None
    lost = [(entry.path, entry.value) for entry in reading.unmapped]
    assert lost == [
        ("N1", "N1*BY*BIGBOX STORE 0042*92*0042"),
        ("N1/N3", "N3*1 MAIN ST*SUITE 200"),
        ("N1/N3", "N3*BEHIND THE MALL"),
        ("N1/N4", "N4*TORONTO*ON*M5H 2N2*CA"),
    ]


def test_a_segment_without_a_place_is_unmapped_too() -> None:
    document = FULL.document()
    document.segments.insert(2, ["ZZZ", "1"])
    document.places.insert(2, None)
    reading = CATALOG["x12/850"].read(document, CONTEXT)
    assert reading.message is not None
    assert [entry.as_json() for entry in reading.unmapped] == [{"path": "ZZZ", "position": 3, "value": "ZZZ*1"}]


@pytest.mark.parametrize("sample", X12, ids=str)
def test_the_traced_reading_is_the_fast_one(sample: X12Sample) -> None:
    """Both readers are made from the same rows; they must make the same of every document."""
    document, mapping = sample.document(), sample.mapping
    fast, traced = mapping.read(document, CONTEXT), mapping.read_traced(document, CONTEXT)
    assert (traced.message, traced.unmapped, traced.problems) == (fast.message, fast.unmapped, fast.problems)


def test_amounts_of_another_currency_are_not_written() -> None:
    message = CATALOG["x12/810"].model.model_validate(SAMPLES["004010-810-full"].beside(".json"))
    charge = message.allowance_charges[0]
    other = charge.model_copy(update={"amount": charge.amount.model_copy(update={"currency": "EUR"})})
    mixed = message.model_copy(update={"allowance_charges": (other,)})
    with pytest.raises(BadDocument, match="SAC05 is an amount in EUR, the document is in CAD"):
        CATALOG["x12/810"].write(mixed, CONTEXT)


def test_the_partners_currency_stands_where_the_document_names_none() -> None:
    reading = SAMPLES["004010-850-plain"].mapping.read(SAMPLES["004010-850-plain"].document(), Context(currency="MXN"))
    assert reading.message is not None
    assert reading.message.currency == "MXN"
    assert reading.message.lines[0].price.currency == "MXN"
