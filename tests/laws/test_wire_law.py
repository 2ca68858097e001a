"""Wire law: a good sample is read as its canonical JSON says and written again as it came; a bad one fails as told."""

from __future__ import annotations

from typing import Any

import pytest

from hub.x12.outgoing import COMPONENT
from mappings import CATALOG
from tests.laws.samples import CONTEXT, JSON, X12, JsonSample, X12Sample

GOOD = [sample for sample in X12 if sample.beside(".errors.json") is None]
BAD = [sample for sample in X12 if sample.beside(".errors.json") is not None]
REWRITTEN_OTHERWISE = {
    "004010-850-unmapped": "what is not mapped is not written",
    "004010-850-unnumbered": "lines get numbers; a GTIN is written under the qualifier of its length",
    "004010-856-pallets": "pallets are passed through: the notice is packed in cartons",
    "004010-856-zero_numbered": "levels are numbered without zeros",
    "004010-856-no_packs": "items without a pack get one; times are written in UT",
}
READ_ONLY = {name for name, mapping in CATALOG.items() if getattr(mapping, "direction", "both") == "read"}
WRITE_ONLY = {name for name, mapping in CATALOG.items() if getattr(mapping, "direction", "both") == "write"}
JSON_BAD = [sample for sample in JSON if sample.beside(".errors.json") is not None]
JSON_READ = [sample for sample in JSON if sample not in JSON_BAD and sample.mapping_id not in WRITE_ONLY]
JSON_WRITTEN = [
    sample
    for sample in JSON
    if sample not in JSON_BAD and sample.mapping_id not in READ_ONLY and sample.beside(".unmapped.json") is None
]


@pytest.mark.parametrize("sample", GOOD, ids=str)
def test_a_good_sample_is_read_as_its_canonical_json_says(sample: X12Sample) -> None:
    document = sample.document()
    assert (document.verdict, document.problems) == ("accepted", [])
    reading = sample.mapping.read(document, CONTEXT)
    assert reading.problems == ()
    assert reading.message is not None
    assert reading.message.model_dump(mode="json", exclude_none=True) == sample.beside(".json")
    assert [entry.as_json() for entry in reading.unmapped] == (sample.beside(".unmapped.json") or [])


@pytest.mark.parametrize("sample", GOOD, ids=str)
def test_a_good_sample_is_written_as_it_came(sample: X12Sample) -> None:
    document = sample.document()
    message = sample.mapping.model.model_validate(sample.beside(".json"))
    component = document.group.interchange.delimiters.component
    written = [
        [value.replace(COMPONENT, component) for value in segment] for segment in sample.mapping.write(message, CONTEXT)
    ]
    assert (written == document.segments[1:-1]) is (str(sample) not in REWRITTEN_OTHERWISE)


@pytest.mark.parametrize("sample", BAD, ids=str)
def test_a_bad_sample_fails_with_exactly_its_problems(sample: X12Sample) -> None:
    document = sample.document()
    problems = list(document.problems)
    if document.verdict != "rejected":
        reading = sample.mapping.read(document, CONTEXT)
        assert reading.message is None
        problems += reading.problems
    expected = sample.beside(".errors.json")
    found = [{key: problem.as_json()[key] for key in expected[0]} for problem in problems]
    assert found == expected


@pytest.mark.parametrize("sample", JSON_READ, ids=str)
def test_a_json_sample_is_read_as_its_canonical_json_says(sample: JsonSample) -> None:
    reading = sample.reading()
    assert reading.problems == ()
    assert reading.message is not None
    assert reading.message.model_dump(mode="json", exclude_none=True) == sample.beside(".canonical.json")
    assert [entry.as_json() for entry in reading.unmapped] == (sample.beside(".unmapped.json") or [])


@pytest.mark.parametrize("sample", JSON_WRITTEN, ids=str)
def test_a_json_sample_is_written_as_it_came(sample: JsonSample) -> None:
    mapping = sample.mapping
    written = mapping.loads(mapping.dumps(mapping.write(sample.message(), CONTEXT)))
    assert _said(written) == _said(sample.value())


@pytest.mark.parametrize("sample", JSON_BAD, ids=str)
def test_a_bad_json_sample_fails_with_exactly_its_problems(sample: JsonSample) -> None:
    reading = sample.reading()
    assert reading.message is None
    expected = sample.beside(".errors.json")
    assert [{key: problem.as_json()[key] for key in expected[0]} for problem in reading.problems] == expected


def test_every_exception_to_the_law_is_a_sample() -> None:
    assert set(REWRITTEN_OTHERWISE) <= {str(sample) for sample in GOOD}


def _said(value: Any) -> Any:
    """Without what says nothing: null, empty strings, lists and objects."""
    if isinstance(value, dict):
        found = {key: _said(child) for key, child in value.items()}
        return {key: child for key, child in found.items() if child not in (None, "", [], {})}
    return [_said(child) for child in value] if isinstance(value, list) else value
