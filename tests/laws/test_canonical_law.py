"""Canonical law: reading what was written gives the same message, nothing is unmapped, and X12 finds no fault."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.contracts.mapping import Context
from hub.errors import BadDocument
from hub.mapping.json_mapping import JsonMapping
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.document import Document
from hub.x12.grammar import RELEASES, sets
from hub.x12.outgoing import DocumentBody, Envelope, GroupBody
from hub.x12.reader import read
from hub.x12.write import write_interchange
from mappings import CATALOG
from tests.laws.strategies import SAYABLE

CONTEXT = Context(currency="USD")
X12 = [
    (name, release)
    for name, mapping in CATALOG.items()
    if isinstance(mapping, X12Mapping)
    for release in RELEASES
    if mapping.document in sets(release)
]
JSON = [name for name, mapping in CATALOG.items() if isinstance(mapping, JsonMapping) and mapping.direction == "both"]
bounded = settings(
    max_examples=int(os.environ.get("LAW_EXAMPLES", "25")), deadline=None, suppress_health_check=list(HealthCheck)
)


def sent(mapping: X12Mapping, segments: list[list[str]], release: str) -> Document:
    """The segments as a partner would get them: an interchange, read again."""
    envelope = Envelope(
        sender_qualifier="ZZ",
        sender="US",
        receiver_qualifier="ZZ",
        receiver="THEM",
        control=1,
        at_seconds=0.0,
        version=release,
    )
    body = DocumentBody(document=mapping.document, control_number="0001", segments=segments)
    data = write_interchange(envelope, [GroupBody(type=mapping.group, control=1, documents=[body])])
    (document,) = [item for item in read(data) if isinstance(item, Document)]
    return document


@pytest.mark.parametrize(("name", "release"), X12)
def test_x12_is_read_as_it_was_written(name: str, release: str) -> None:
    base = CATALOG[name]
    assert isinstance(base, X12Mapping)
    mapping = base.at(release)

    @bounded
    @given(SAYABLE[name])
    def law(message: Any) -> None:
        document = sent(mapping, mapping.write(message, CONTEXT), release)
        assert [problem.message for problem in document.problems] == []
        assert document.verdict == "accepted"
        reading = mapping.read(document, CONTEXT)
        assert reading.problems == ()
        assert reading.message == message
        assert reading.unmapped == ()

    law()


@pytest.mark.parametrize("name", JSON)
def test_json_is_read_as_it_was_written(name: str) -> None:
    mapping = CATALOG[name]
    assert isinstance(mapping, JsonMapping)

    @bounded
    @given(SAYABLE[name])
    def law(message: Any) -> None:
        reading = mapping.read(mapping.loads(mapping.dumps(mapping.write(message, CONTEXT))), CONTEXT)
        assert reading.problems == ()
        assert reading.message == message
        assert reading.unmapped == ()

    law()


@bounded
@given(st.data())
def test_any_document_is_read_without_an_exception(data: st.DataObject) -> None:
    """A document with elements thrown about gives a message or problems, never an exception."""
    name = data.draw(st.sampled_from(sorted({name for name, _ in X12})))
    mapping = CATALOG[name]
    assert isinstance(mapping, X12Mapping)
    segments = mapping.write(data.draw(SAYABLE[name]), CONTEXT)
    junk = st.sampled_from(["", "X", "0", "-1", "20269999", "9" * 40, "é", "1E9", "NaN", "00", "ST"])
    for _ in range(data.draw(st.integers(1, 6))):
        segment = data.draw(st.sampled_from(segments))
        if len(segment) > 1:
            segment[data.draw(st.integers(1, len(segment) - 1))] = data.draw(junk)
    try:
        document = sent(mapping, segments, mapping.release)
    except BadDocument:
        return  # the writer refuses it; that is another test's business
    reading = mapping.read(document, CONTEXT)
    assert (reading.message is None) == bool(reading.problems)
    assert all(problem.message and problem.fix and problem.code for problem in reading.problems)
