"""The notation: what is wrong in a declaration fails when it is declared, and says which row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical import Order, Purpose
from hub.contracts.mapping import Context
from hub.errors import BadDocument, Misconfigured
from hub.mapping.codecs import Codec, an, cents, code, date8, gtin, money, n0, n2, percent, r
from hub.mapping.json_codecs import amount, at, date_iso, decimal, flag, integer, number, text
from hub.mapping.json_mapping import json_document
from hub.mapping.moments import read_moment, write_moment
from hub.mapping.notation import M, Node, const, count, currency, each, loop, pairs, row, spread
from hub.mapping.wire import parse
from hub.mapping.x12_mapping import document
from tests.laws import values as messages

CONTEXT = Context()


def order(*rows: Node) -> Any:
    return document("850", group="PO", model=Order, rows=rows)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (row("BEG03", "ident", an), "Order has no field 'ident'"),
        (row("BEG03", "ship_to.address.street", an), "Order has no field 'ship_to.address.street'"),
        (row("BEG03", "lines", an), "lines of Order is a list"),
        (row("BEG03", "id[]", an), "id[] of Order is no list"),
        (row("BEG03", "issue_date", an), "codec an does not fit issue_date"),
        (row("BEG03", "total", r), "codec r does not fit total"),
        (row("BEG03", "id", money), "codec money does not fit id"),
        (row("BEG3", "id", an), "'BEG3' is no element path"),
        (loop("PO1", "id"), "id is no object"),
        (loop("PO1", "lines[]", row("PO102", "amount", r)), "OrderLine has no field 'amount'"),
        (spread("N301", "id", an, across=2), "id is no list"),
        (pairs("PO106", ("UP", "gtin", an)), "Order has no field 'gtin'"),
        (loop("PO101", "lines[]", row("PO101", "line_id", an)), "is no loop path"),
    ],
)
def test_a_wrong_row_fails_at_declaration_and_is_named(node: Node, said: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        order(node)
    assert said in caught.value.message


def test_one_element_is_read_by_one_row() -> None:
    with pytest.raises(Misconfigured, match="BEG03 is read by two rows"):
        order(row("BEG03", "id", an), row("BEG03", "release_id", an))


@pytest.mark.parametrize("node", [row("ZZZ01", "id", an), loop("PO1", "lines[]", row("BEG03", "line_id", an))])
def test_a_segment_without_a_place_in_any_release_is_refused(node: Node) -> None:
    mapping = order(node)
    with pytest.raises(Misconfigured, match="has no place in"):
        mapping.write(Order.model_construct(lines=()), CONTEXT)


def test_a_code_table_must_be_one_to_one() -> None:
    with pytest.raises(Misconfigured, match="not one to one"):
        code({"00": Purpose.ORIGINAL, "06": Purpose.ORIGINAL})
    with pytest.raises(Misconfigured, match="aliases 07"):
        code({"00": Purpose.ORIGINAL}, also={"07": Purpose.CHANGE})
    assert code({"00": Purpose.ORIGINAL}, also={"06": Purpose.ORIGINAL}).to_value("06") is Purpose.ORIGINAL


decimals = st.decimals(min_value=-99_999, max_value=99_999, places=2).map(lambda value: value + 0)
PAIRS: list[tuple[Codec, st.SearchStrategy[Any]]] = [
    (an, messages.text(30)),
    (r, decimals),
    (n0, st.integers(-(10**9), 10**9).map(Decimal)),
    (n2, decimals),
    (money, decimals),
    (cents, decimals),
    (percent, st.decimals(min_value=0, max_value=1, places=6)),
    (date8, messages.dates),
    (code({"A": True, "C": False}), st.booleans()),
    (code({"LB": "LBR"}, others=True), st.sampled_from(["LBR", "EA", "X"])),
    (gtin(14), messages.gtins),
    (text, messages.words),
    (decimal, decimals),
    (number, decimals),
    (amount, decimals),
    (integer, st.integers()),
    (flag, st.booleans()),
    (date_iso, messages.dates),
    (at, messages.zoned),
]


@pytest.mark.parametrize(("codec", "values"), PAIRS, ids=[codec.name for codec, _ in PAIRS])
def test_a_codec_is_a_pair(codec: Codec, values: st.SearchStrategy[Any]) -> None:
    @given(values)
    def law(value: Any) -> None:
        said = codec.to_text(value)
        back = codec.to_value(said)
        assert (Decimal(back) if isinstance(value, Decimal) else back) == value

    law()


@pytest.mark.parametrize(
    ("codec", "text_"),
    [
        (date8, "20260230"),
        (date8, "2026W011"),
        (date8, "260101"),
        (n2, "1.5"),
        (n2, ""),
        (gtin(12), "12345678901"),
        (code({"A": True}), "B"),
        (decimal, 1.5),
        (decimal, True),
        (at, "2026-11-20T15:04:05"),
        (date_iso, "20261120"),
        (flag, "true"),
    ],
)
def test_a_codec_refuses_what_it_does_not_know(codec: Codec, text_: Any) -> None:
    with pytest.raises((ValueError, KeyError)):
        codec.to_value(text_)


@pytest.mark.parametrize(
    ("codec", "value"), [(n2, Decimal("1.005")), (n0, Decimal("1.5")), (gtin(12), "10614141000019")]
)
def test_a_codec_does_not_cut_what_it_cannot_say(codec: Codec, value: Any) -> None:
    with pytest.raises(ValueError):
        codec.to_text(value)


@given(messages.moments, st.sampled_from(["", "-05:00", "+05:30"]), st.booleans())
def test_a_moment_is_the_same_in_every_zone(moment: Any, offset: str, zoned: bool) -> None:
    context = Context(values={"utc_offset": offset})
    day, time, zone = write_moment(moment, context, zoned=zoned)
    assert read_moment(day, time, zone, context) == moment


@pytest.mark.parametrize("path", ["BEG03", "REF[DP]02", "HL[S]01", "DTM[02=X]03", "N104", "TD503"])
def test_a_wire_path_is_written_as_it_was_read(path: str) -> None:
    assert str(parse(path)) == path


def test_text_that_does_not_fit_is_refused_with_element_and_value() -> None:
    mapping = order(
        row("BEG03", "id", an, M),
        row("BEG04", "release_id", an),
        currency("CUR02", "currency"),
        loop("PO1", "lines[]", row("PO101", "line_id", an)),
        count("CTT01", of="PO1"),
    )
    message = Order.model_construct(id="X" * 23, release_id=None, currency="USD", lines=())
    with pytest.raises(BadDocument) as caught:
        mapping.write(message, CONTEXT)
    (problem,) = caught.value.problems
    assert (problem.code, problem.segment, problem.position, problem.element) == ("bad_length", "BEG", 2, 3)
    assert problem.value == "X" * 23
    assert "BEG03 takes 1 to 22 characters" in problem.message


def test_all_that_is_wrong_with_a_message_is_told_at_once() -> None:
    mapping = order(row("BEG03", "id", an, M), row("BEG04", "release_id", an), row("BEG05", "issue_date", date8, M))
    message = Order.model_construct(id="", release_id="R" * 31, issue_date=None, currency="USD")
    with pytest.raises(BadDocument) as caught:
        mapping.write(message, CONTEXT)
    assert [problem.code for problem in caught.value.problems] == ["missing_value", "bad_length", "missing_value"]


def test_a_constant_comes_with_its_segment_and_never_alone() -> None:
    mapping = order(row("BEG03", "id", an), const("ITD01", "01"), row("ITD07", "payment_terms.net_days", n0))
    without = Order.model_construct(id="1", payment_terms=None, currency="USD")
    assert mapping.write(without, CONTEXT) == [["BEG", "", "", "1"]]


def test_a_one_way_document_says_why() -> None:
    with pytest.raises(Misconfigured, match="one way only"):
        json_document("x", model=Order, rows=(), direction="write")


def test_a_segment_that_comes_several_times_makes_an_object_each() -> None:
    with pytest.raises(Misconfigured, match="AllowanceCharge has no field 'line_id'"):
        order(each("SAC", "allowance_charges[]", row("SAC05", "line_id", an)))
