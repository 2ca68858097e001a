"""The quick patterns say neither more nor less than the exact judge, for every segment and every note."""

from __future__ import annotations

import random
from collections import deque

import pytest

from hub.x12.document import Delimiters
from hub.x12.elements import Cell, Segment
from hub.x12.grammar import RELEASES, segments
from hub.x12.judge import Where, judge
from hub.x12.shapes import Shapes, learn, table_of

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


def quick(shapes: Shapes, raw: str) -> bool:
    """What the quick way says of a segment, asked twice: the second time it only remembers."""
    fields = raw.split("*")
    shape = raw.encode().translate(table_of(DELIMITERS)).decode()

    def said() -> bool:
        left = shapes[shape]
        return left is None or left[0](fields) in left[1] or learn(left, fields)

    first = said()
    assert said() is first
    return first


def compare(segment: Segment, pick: random.Random) -> None:
    shapes = Shapes(segment, DELIMITERS)
    for _ in range(ROUNDS):
        count = pick.randint(1, len(segment.cells))
        row = [segment.tag]
        for number, cell in enumerate(segment.cells[:count], 1):
            filled = number == count or cell.required or pick.random() < 0.5
            row.append(right(cell) if filled else "")
        raw = "*".join(row)
        exact = judge(segment, row, Where(1, ""), DELIMITERS)
        assert quick(shapes, raw) == (not exact), (raw, [str(note) for note in segment.notes])


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
    assert quick(Shapes(segments("004010")["PO1"], DELIMITERS), raw) is good


def test_codes_and_dates_are_looked_at_each_time() -> None:
    """The same shape, with codes and dates right and wrong, in either order."""
    shapes = Shapes(segments("004010")["DTM"], DELIMITERS)
    for raw, good in (
        ("DTM*002*20240229", True),
        ("DTM*002*20230229", False),
        ("DTM*000*20240229", False),
        ("DTM*010*20240228", True),
    ):
        assert quick(shapes, raw) is good


def test_shapes_are_forgotten_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.x12.shapes._MOST", 3)
    monkeypatch.setattr("hub.x12.shapes._known", deque())
    shapes = Shapes(segments("004010")["REF"], DELIMITERS)
    for text in ("A", "AB", "A", "ABC", "ABCD", "X" * 200, "X" * 30):
        assert quick(shapes, f"REF*DP*{text}") is (len(text) <= 30)
    assert list(shapes) == ["AAA*AA*" + "A" * length for length in (3, 4, 30)]


@pytest.mark.parametrize("broken", ["REF*DP*1\x01", "REF*DP*1\n", "REF*DP*1~\r"])
def test_what_must_be_cut_with_care_has_no_shape(broken: str) -> None:
    shapes = Shapes(segments("004010")["REF"], DELIMITERS)
    with pytest.raises(LookupError):
        shapes[broken]
