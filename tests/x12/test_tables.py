"""The grammar tables hold together, and know what the standard is known for."""

from __future__ import annotations

import pytest

from hub.x12.grammar import RELEASES, Grammar, Loop, Use, load, nearest, segments, sets, word

BOTH = "850 855 860 865 856 810 997 820 812 824 864 832 846 940 943 944 945 947 180 204 210 214 990 830 852 862 867 870"
ALL = [(release, name) for release in RELEASES for name in sorted(sets(release))]


def test_every_set_is_there() -> None:
    assert sets("004010") == set(BOTH.split())
    assert sets("005010") == {*BOTH.split(), "999", "753", "754"}


@pytest.mark.parametrize(("release", "name"), ALL)
def test_a_set_is_whole(release: str, name: str) -> None:
    grammar = load(release, name)
    assert [place.id for place in grammar.places] == list(range(len(grammar.places)))
    assert (grammar.places[0].segment, grammar.places[-1].segment) == ("ST", "SE")
    assert all(place.segment in segments(release) for place in grammar.places)
    _check(grammar.root, grammar)


def _check(loop: Loop, grammar: Grammar) -> None:
    for order, item in enumerate(loop.items):
        assert item.order == order
        if isinstance(item, Loop):
            trigger = item.items[0]
            assert isinstance(trigger, Use)
            assert trigger.required
            assert trigger.maximum == 1
            assert trigger.place.opens
            assert trigger.tag == item.name
            _check(item, grammar)
        else:
            assert item.place.opens == (order == 0 and loop is not grammar.root)


@pytest.mark.parametrize("release", RELEASES)
def test_segments_are_whole(release: str) -> None:
    for tag, segment in segments(release).items():
        assert segment.tag == tag
        for note in segment.notes:
            assert note.kind in "PRECL"
            assert max(note.positions) <= len(segment.cells)
        for cell in segment.cells:
            elements = [part.element for part in cell.parts] or [cell.element]
            for element in elements:
                assert element is not None
                assert 1 <= element.low <= element.high
                assert all(element.low <= len(code) <= element.high for code in element.codes)


def test_known_facts() -> None:
    order = load("004010", "850")
    assert (order.name, order.group) == ("Purchase Order", "PO")
    assert [place.path for place in order.places if place.segment == "PID"] == [(), ("PO1", "PID"), ("PO1", "SLN")]
    beg = segments("004010")["BEG"]
    assert [cell.required for cell in beg.cells[:5]] == [True, True, True, False, True]
    tds = segments("004010")["TDS"].cells[0].element
    assert tds is not None
    assert tds.kind == "N2"
    assert [str(note) for note in segments("004010")["N1"].notes] == ["R0203", "P0304"]
    assert word("98", "ST") == "Ship-to party"


def test_places_are_the_same_objects_each_time() -> None:
    assert load("004010", "850").places[10] is load("004010", "850").places[10]


def test_an_unknown_set_has_no_table() -> None:
    with pytest.raises(KeyError):
        load("004010", "753")
    with pytest.raises(KeyError):
        load("004020", "850")


@pytest.mark.parametrize(
    ("version", "name", "release"),
    [
        ("004010", "850", "004010"),
        ("004010VICS", "850", "004010"),
        ("005010X231", "999", "005010"),
        ("003040", "850", "004010"),
        ("004030", "856", "004010"),
        ("004060", "856", "004010"),
        ("005030", "850", "005010"),
        ("004010", "753", "005010"),
        ("", "850", "004010"),
        ("004010", "840", None),
    ],
)
def test_nearest_release(version: str, name: str, release: str | None) -> None:
    assert nearest(version, name) == release
