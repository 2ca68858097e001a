"""The catalogue is complete: every mapping has samples, a strategy, and works in every release it is written in."""

from __future__ import annotations

import pytest

from hub.canonical import MESSAGES
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.grammar import RELEASES, load, sets
from mappings import CATALOG, find
from mappings.overlays import OVERLAYS
from tests.laws.samples import JSON, X12
from tests.laws.strategies import SAYABLE

BOTH_WAYS = {name for name, mapping in CATALOG.items() if getattr(mapping, "direction", "both") == "both"}


@pytest.mark.parametrize("name", CATALOG)
def test_a_mapping_is_named_after_its_document_and_makes_a_message(name: str) -> None:
    mapping = CATALOG[name]
    assert name.partition("/")[2] == mapping.document
    assert MESSAGES[mapping.model.__name__] is mapping.model


@pytest.mark.parametrize(
    ("name", "release"),
    [(f"x12/{name}", release) for release in RELEASES for name in sorted(sets(release)) if f"x12/{name}" in CATALOG],
)
def test_every_x12_mapping_has_plain_and_full_samples_of_each_release(name: str, release: str) -> None:
    cases = {sample.path.stem for sample in X12 if (sample.mapping_id, sample.release) == (name, release)}
    assert {"plain", "full"} <= cases


@pytest.mark.parametrize("name", [name for name in CATALOG if name.startswith("json/")])
def test_every_json_mapping_has_samples(name: str) -> None:
    assert [sample for sample in JSON if sample.mapping_id == name]


def test_every_mapping_that_goes_both_ways_is_under_the_canonical_law() -> None:
    assert set(SAYABLE) == BOTH_WAYS


@pytest.mark.parametrize("name", [name for name in CATALOG if name.startswith("x12/")])
def test_the_group_is_the_one_of_the_table(name: str) -> None:
    mapping = CATALOG[name]
    assert isinstance(mapping, X12Mapping)
    assert all(
        load(release, mapping.document).group == mapping.group
        for release in RELEASES
        if mapping.document in sets(release)
    )


@pytest.mark.parametrize("partner", OVERLAYS)
def test_an_overlay_fits_its_mappings(partner: str) -> None:
    for name in OVERLAYS[partner]:
        found = find(name, partner=partner)
        assert found is not None
        assert found.overlay == partner


def test_find_gives_the_release_nearest_to_the_version() -> None:
    for version, release in (("004010VICS", "004010"), ("005010X221", "005010"), ("003060", "004010"), ("", "004010")):
        found = find("x12/850", version=version)
        assert isinstance(found, X12Mapping)
        assert found.release == release
    assert find("x12/999999") is None
    assert find("json/nothing") is None


def test_a_partner_without_overlay_takes_the_standard_mapping() -> None:
    assert find("x12/850", partner="nobody", version="004010") is find("x12/850", version="004010")
