"""The quick patterns say neither more nor less than the exact judge, for every segment and every note."""

from __future__ import annotations

import random

import pytest

from hub.x12.document import Delimiters
from hub.x12.elements import Cell, Segment
from hub.x12.grammar import RELEASES, segments
from hub.x12.judge import Where, judge
from hub.x12.shapes import Form, form_of, learn

DELIMITERS = Delimiters()
ROUNDS = 12


def right(cell: Cell) -> str:
    """A value that is right by itself."""
    element = cell.element or cell.parts[0].element
    assert element is not None
    if element.codes:
        return min(element.codes)
    if element.kind in ("DT", "TM"):
        return "1200" if element.kind == "TM" else "20260101"[-element.high :]
    return ("A" if element.kind in ("AN", "ID") else "1") * element.low


def quick(form: Form, raw: str, row: list[str]) -> bool:
    if form.match(raw) is None:
        return False
    return form.pick is None or form.pick(row) in form.seen or learn(form.checks, form.pick, form.seen, row)


def compare(segment: Segment, pick: random.Random) -> None:
    forms: dict[int, Form] = {}
    for _ in range(ROUNDS):
        count = pick.randint(1, len(segment.cells))
        row = [segment.tag]
        for number, cell in enumerate(segment.cells[:count], 1):
            filled = number == count or cell.required or pick.random() < 0.5
            row.append(right(cell) if filled else "")
        form = forms.setdefault(count, form_of(segment, count, DELIMITERS))
        raw = "*".join(row)
        exact = judge(segment, row, Where(1, ""), DELIMITERS)
        assert quick(form, raw, row) == (not exact), (raw, [str(note) for note in segment.notes])


@pytest.mark.parametrize("release", RELEASES)
def test_notes(release: str) -> None:
    pick = random.Random(release)
    for tag, segment in segments(release).items():
        if tag not in {"ISA", "BIN"}:
            compare(segment, pick)


@pytest.mark.parametrize(
    ("raw", "good"),
    [
        ("PO1*1*24*EA*9.95**UP*012345678905", True),
        ("PO1*1*24*EA*.95**UP*012345678905", False),
        ("PO1*1*24*EA*9.9.5**UP*012345678905", False),
        ("PO1*1*24*@@*9.95**UP*012345678905", False),
        ("PO1*1*24*EA*9.95**UP*", False),
        ("PO1*1*24*EA*9.95**UP*" + "1" * 49, False),
        ("PO1*1**EA*9.95**UP*012345678905", False),
        ("PO1*1*24*EA*9.95***012345678905", False),
    ],
)
def test_an_order_line(raw: str, good: bool) -> None:
    """.95 is right, but rare enough to go the exact way."""
    row = raw.split("*")
    form = form_of(segments("004010")["PO1"], len(row) - 1, DELIMITERS)
    assert quick(form, raw, row) is good
