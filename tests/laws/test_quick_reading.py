"""What is read quickly: never what pydantic would refuse, always the JSON and the message that it would make."""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.canonical import MESSAGES
from hub.contracts.mapping import Reading
from hub.mapping.construct import constructor
from hub.mapping.prove import NOT_PLAIN, proof
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.document import Document
from mappings import CATALOG
from tests.laws.samples import CONTEXT, X12, X12Sample
from tests.laws.strategies import SAYABLE

WRONG: tuple[Any, ...] = (
    None,
    "",
    "x",
    "x" * 5000,
    "-1",
    "1.50",
    " 7 ",
    1.5,
    True,
    10**40,
    [],
    {},
    "2026-02-30",
    "US\n",
    b"EA",
    "٣",
)
TEXTS = (
    "",
    "x",
    "x" * 5000,
    "-1",
    "1.50",
    "007",
    " 7 ",
    "1E5",
    "٣",
    "EA",
    "ZZ",
    "USD",
    "20260230",
    "20260228",
    "99" * 20,
)
GOOD = [sample for sample in X12 if sample.beside(".errors.json") is None]
bounded = settings(
    max_examples=int(os.environ.get("LAW_EXAMPLES", "25")) // 5, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("name", MESSAGES)
def test_nothing_is_no_message(name: str) -> None:
    with pytest.raises(NOT_PLAIN):
        proof(MESSAGES[name]).prove({})


@pytest.mark.parametrize("sample", GOOD, ids=str)
def test_good_samples_are_read_quickly(sample: X12Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(X12Mapping, "read_traced", None)
    _agrees(sample.mapping.model, sample.mapping.read(sample.document(), CONTEXT))


@pytest.mark.parametrize("sample", GOOD, ids=str)
def test_spoiled_samples_are_read_as_slowly(sample: X12Sample) -> None:
    mapping, pick = sample.mapping, random.Random(str(sample))
    for _ in range(int(os.environ.get("LAW_EXAMPLES", "25")) // 2):
        document = _spoiled_document(sample.document(), pick)
        quick, slow = mapping.read(document, CONTEXT), mapping.read_traced(document, CONTEXT)
        assert quick.stopped == slow.stopped
        assert quick.problems == slow.problems
        assert quick.unmapped == slow.unmapped
        if not quick.stopped:
            assert quick.message == slow.message
            _agrees(mapping.model, quick)


@pytest.mark.parametrize("name", [name for name in SAYABLE if name.startswith("x12/")])
def test_what_is_proven_is_what_pydantic_takes(name: str) -> None:
    model = CATALOG[name].model

    @bounded
    @given(SAYABLE[name], st.randoms(use_true_random=False))
    def law(message: Any, pick: random.Random) -> None:
        plain = message.model_dump()
        made = constructor(model)(proof(model).prove(plain))
        assert made == message
        assert _digits(made) == _digits(message)
        assert list(vars(made)) == list(model.model_fields)
        assert json.loads(orjson.dumps(plain)) == message.model_dump(mode="json", exclude_none=True)
        for _ in range(10):
            _no_more_than_pydantic(model, _spoiled(_lists(message.model_dump()), pick))

    law()


def _agrees(model: Any, reading: Reading) -> None:
    """The message is the one of the JSON, and the JSON that of the message."""
    taken = model.model_validate_json(reading.json())
    assert reading.message == taken
    assert _digits(reading.message) == _digits(taken)
    assert json.loads(reading.json()) == taken.model_dump(mode="json", exclude_none=True)


def _digits(message: Any) -> str:
    """Every value to its last digit: 1.50 equals 1.5, but does not look like it. UTC has two names."""
    return repr(message).replace("TzInfo(0)", "datetime.timezone.utc").replace("TzInfo(UTC)", "datetime.timezone.utc")


def _no_more_than_pydantic(model: Any, values: Any) -> None:
    plain = copy.deepcopy(values)
    try:
        made = constructor(model)(proof(model).prove(plain))
    except NOT_PLAIN:
        return
    try:
        full = model.model_validate(values)
    except ValidationError as error:
        pytest.fail(f"made from what pydantic refuses: {error}")
    assert _digits(made) == _digits(full)
    assert json.loads(orjson.dumps(plain)) == full.model_dump(mode="json", exclude_none=True)


def _spoiled_document(document: Document, pick: random.Random) -> Document:
    """With some elements replaced, segments left out, or segments that come twice."""
    for _ in range(pick.randrange(1, 4)):
        at = pick.randrange(1, max(2, len(document.segments) - 1))
        segment, place = document.segments[at], document.places[at]
        match pick.randrange(6):
            case 0 if place is None or not place.opens:
                del document.segments[at], document.places[at]
            case 1:
                document.segments.insert(at, list(segment))
                document.places.insert(at, place)
            case _ if len(segment) > 1:
                segment[pick.randrange(1, len(segment))] = pick.choice(TEXTS)
    return document


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(entry) for key, entry in value.items()}
    return [_lists(entry) for entry in value] if isinstance(value, tuple) else value


def _spoiled(values: Any, pick: random.Random) -> Any:
    """The values with one of them replaced, left out or added, anywhere in the tree."""
    holders = [values]
    for holder in holders:
        inner = holder.values() if isinstance(holder, dict) else holder
        holders += [entry for entry in inner if isinstance(entry, dict | list) and entry]
    holder = pick.choice(holders)
    key = pick.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    match pick.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder["no_such_field"] = "x"
        case _:
            holder[key] = copy.copy(pick.choice(WRONG))
    return values
