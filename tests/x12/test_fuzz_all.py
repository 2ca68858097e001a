"""A bounded run of the fuzzers' check: reader, mappings, acknowledgments and writer against damaged samples."""

from __future__ import annotations

import random

import pytest

from tests.x12.attack import attack
from tests.x12.damage import damaged, seeds

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
    for data in seeds():
        attack(data, turn)
