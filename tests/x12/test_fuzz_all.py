"""A bounded run of the fuzzers' check: reader, mappings, acknowledgments and writer against damaged samples."""

from __future__ import annotations

import random

import pytest

from tests.x12.attack import attack
from tests.x12.damage import SAMPLES, damaged, seeds

INPUTS = 600
"""In each of four parts; `make fuzz` runs a million."""


@pytest.mark.parametrize("seed", range(4))
def test_damaged_samples_keep_every_promise(seed: int) -> None:
    bases, dice = seeds(), random.Random(1_000_000 + seed)
    assert len(bases) > 40
    for turn in range(INPUTS):
        data = damaged(dice.choice(bases), dice.choice(bases), dice)
        try:
            attack(data, turn)
        except Exception as error:
            error.add_note(f"turn {turn}: {data!r}")
            raise


@pytest.mark.parametrize("turn", [0, 1, 2, 3, 11])
def test_samples_themselves_keep_every_promise(turn: int) -> None:
    bases = seeds()
    assert len(bases) > 40
    for data in bases:
        attack(data, turn)


@pytest.mark.parametrize(
    ("sample", "old", "new"),
    [
        ("004010/997", b"AK4*", b"AK4*EA"),
        ("005010/999", b"CTX*", b"CTX*-.5"),
        ("005010/999", b"IK4*", b"IK4*EA"),
        ("004010/850", b"PO1*1*", b"PO1*1*1E912"),
    ],
)
def test_values_that_broke_a_promise_once(sample: str, old: bytes, new: bytes) -> None:
    whole = [data for path in sorted((SAMPLES / sample).glob("*.edi")) if old in (data := path.read_bytes())]
    assert whole
    for data in whole:
        for turn in range(4):
            attack(data.replace(old, new), turn)
