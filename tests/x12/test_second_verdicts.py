"""Both engines over spoilt documents: the same verdict or a known difference, the same segments, the same elements."""

from __future__ import annotations

import os

import pytest

from hub.x12 import grammar, second_opinion
from hub.x12.inspect import inspect
from hub.x12.second_opinion.differences import KNOWN, compare, unexplained
from tests.x12.bodies import GROUPS
from tests.x12.duel import Duel, both
from tests.x12.making import sample
from tests.x12.mutation import good, interchange

SEEDS = range(int(os.environ.get("CROSSDOCK_MUTATIONS", "12")))
"""Documents spoilt of each set and release; `make mutations` takes many more than a test run."""


@pytest.mark.parametrize("version", grammar.RELEASES)
@pytest.mark.parametrize("document", sorted(GROUPS))
def test_verdicts_agree_or_the_reason_is_known(document: str, version: str) -> None:
    duel = Duel().run(document, version, SEEDS)
    print(f"{document} {version}: {duel}")
    assert duel.odd == []
    assert duel.rejected > 0.3 * duel.documents
    # the rest are HL parents, which pyx12 judges by its own count, and blanks
    assert duel.segments >= 0.95 * duel.rejected - 1
    assert duel.elements >= 0.95 * duel.with_elements - 1


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"*10*EA", b"*10.*EA", "character_invalid"),
        (b"*0042~", b"*0042*~", "trailing_separators"),
        (b"20260201", b"17260201", "date_invalid"),
        (b"BIGBOX STORE 42", b"BIGBOX STORE 42 ", "character_invalid"),
        (b"BIGBOX STORE 42", b"BIGBOX\x07STORE", "character_invalid"),
        (b"BIGBOX STORE 42", b"BIGBOX^STORE", "character_invalid"),
        (b"BIGBOX STORE 42", b"BIGBOX>STORE", "character_invalid"),
    ],
)
def test_what_pyx12_alone_rejects(old: bytes, new: bytes, code: str) -> None:
    data = interchange("850", good("850"))
    assert old in data
    ((ours, theirs),) = both(data.replace(old, new, 1))
    assert ours.verdict != "rejected"
    assert [problem.code for problem in theirs.problems] == [code]
    assert unexplained((ours.verdict, ours.problems), (theirs.verdict, theirs.problems)) == []


@pytest.mark.parametrize(
    ("before", "segment", "code"),
    [(b"PER*", b"REF*DP*038**DP>1>IA~", "element_needed"), (b"TD5*", b"MEA**WT*1*>2~", "element_missing")],
)
def test_what_we_alone_reject_in_composites(before: bytes, segment: bytes, code: str) -> None:
    data = interchange("850", good("850")).replace(before, segment + before, 1).replace(b"SE*25", b"SE*26")
    ((ours, theirs),) = both(data)
    assert [problem.code for problem in ours.problems] == [code]
    assert theirs.verdict == "accepted"
    assert unexplained((ours.verdict, ours.problems), (theirs.verdict, theirs.problems)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"HL*6*5*I", b"HL*6*3*I"), (b"HL*6*5*I", b"HL*7*5*I"), (b"HL*2*1*O", b"HL*02*1*O"), (b"HL*6*5*I", b"HL*6*5*AG")],
)
def test_levels_are_judged_differently(old: bytes, new: bytes) -> None:
    data = interchange("856", good("856"))
    assert old in data
    ((ours, theirs),) = both(data.replace(old, new, 1))
    assert unexplained((ours.verdict, ours.problems), (theirs.verdict, theirs.problems)) == []


def test_a_repetition_where_none_may_be() -> None:
    ((ours, theirs),) = both(interchange("850", good("850", "005010"), "005010").replace(b"*DP*", b"*DP^IA*", 1))
    assert (ours.verdict, theirs.verdict) == ("accepted_with_errors", "rejected")
    assert unexplained((ours.verdict, ours.problems), (theirs.verdict, theirs.problems)) == []


def test_dates_before_004010() -> None:
    data = (
        interchange("850", good("850"), "003040").replace(b"*20260115~", b"*260115~").replace(b"*20260201", b"*260201")
    )
    ((ours, theirs),) = both(data)
    assert ours.verdict != "rejected"
    assert {problem.code for problem in theirs.problems} == {"element_too_short"}
    assert unexplained((ours.verdict, ours.problems), (theirs.verdict, theirs.problems)) == []


def test_every_difference_has_its_reason() -> None:
    for row in KNOWN:
        assert row.why.endswith(".")
        assert row.engine in {"crossdock", "pyx12"}


def test_an_unknown_difference_is_not_explained() -> None:
    ((_, theirs),) = both(interchange("850", [row for row in good("850") if row[0] != "BEG"]))
    assert unexplained(("accepted", ()), (theirs.verdict, theirs.problems)) == list(theirs.problems)


def test_two_results_side_by_side() -> None:
    fine = interchange("850", good("850"))
    style = fine.replace(b"*0042~", b"*0042*~")
    bad = fine.replace(b"*SA*", b"*QQ*")
    data = fine + style + bad + b"ISA*00*"
    rows = compare(inspect(data, "x"), second_opinion.inspect(data, "x"))
    assert [(row["ours"], row["theirs"], row["agree"]) for row in rows] == [
        ("accepted", "accepted", True),
        ("accepted_with_errors", "rejected", True),
        ("rejected", "rejected", True),
    ]
    assert [row["because"] for row in rows] == [[], ["Separators at the end of a segment are a warning to us."], []]
    (row,) = compare(inspect(fine, "x"), {"interchanges": []})
    assert (row["theirs"], row["agree"]) == (None, False)
    (row,) = compare(inspect(fine, "x"), second_opinion.inspect(bad, "x"))
    assert [problem["code"] for problem in row["unexplained"]] == ["value_not_in_list"]


def test_a_segment_missed_at_the_next_pass_is_a_known_difference() -> None:
    data = sample(["AK1*PO*1", "AK2*850*0001", "AK2*850*0002", "AK5*A", "AK9*A*2*2*2"], "997")
    (row,) = compare(inspect(data, ""), second_opinion.inspect(data, ""))
    assert row["agree"]
    assert len(row["because"]) == 1
