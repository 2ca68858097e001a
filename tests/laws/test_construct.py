"""Messages made quickly: never what pydantic would refuse, always what it would make, with the same JSON."""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.canonical import MESSAGES
from hub.mapping.construct import NOT_PLAIN, as_json, constructor
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
GOOD = [sample for sample in X12 if sample.beside(".errors.json") is None]
bounded = settings(
    max_examples=int(os.environ.get("LAW_EXAMPLES", "25")) // 5, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_has_a_constructor(name: str) -> None:
    with pytest.raises(NOT_PLAIN):
        constructor(MESSAGES[name])({})


@pytest.mark.parametrize("sample", GOOD, ids=str)
def test_samples_are_made_quickly_and_written_as_the_message_writes_itself(sample: X12Sample) -> None:
    reading = sample.mapping.read(sample.document(), CONTEXT)
    assert reading.message is not None
    assert reading.write_json is not None, "a good sample must not need the slow way"
    assert json.loads(reading.json()) == json.loads(reading.message.model_dump_json(exclude_none=True))
    assert type(reading.message).model_validate_json(reading.json()) == reading.message


@pytest.mark.parametrize("name", [name for name in SAYABLE if name.startswith("x12/")])
def test_made_quickly_is_made_as_pydantic_makes_it(name: str) -> None:
    model = CATALOG[name].model
    construct = constructor(model)

    @bounded
    @given(SAYABLE[name], st.randoms(use_true_random=False))
    def law(message: Any, pick: random.Random) -> None:
        plain = message.model_dump()
        made = construct(plain)
        assert made == message
        assert repr(made) == repr(message)
        assert list(vars(made)) == list(model.model_fields)
        assert json.loads(as_json(plain)) == json.loads(message.model_dump_json(exclude_none=True))
        for _ in range(10):
            _no_more_than_pydantic(model, _spoiled(_lists(message.model_dump()), pick))

    law()


def _no_more_than_pydantic(model: Any, values: Any) -> None:
    plain = copy.deepcopy(values)
    try:
        made = constructor(model)(plain)
    except NOT_PLAIN:
        return
    try:
        full = model.model_validate(values)
    except ValidationError as error:
        pytest.fail(f"made from what pydantic refuses: {error}")
    assert repr(made) == repr(full)
    assert json.loads(as_json(plain)) == json.loads(full.model_dump_json(exclude_none=True))


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
