"""JSON as bytes: bounded and exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import BadDocument
from hub.mapping.json_text import dumps, loads
from tests.laws.values import words


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a":1} x', "not JSON"),
        (b'\xff{"a":1}', "not UTF-8"),
        (b'{"a":1,"a":2}', "'a' stands twice"),
        (b'{"a":NaN}', "NaN is not JSON"),
        (b'{"a":-Infinity}', "-Infinity is not JSON"),
        (b'{"a":' + b"9" * 65 + b"}", "more than 64 digits"),
        (b'{"a":1e999999999}', "more than 64 digits"),
        (b"[" * 70 + b"]" * 70, "nested more than 64 deep"),
        (b"[" * 100_000, "nested more than 64 deep"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "nested more than 64 deep"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_unsound_documents_are_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(BadDocument) as caught:
        loads(data)
    assert said in caught.value.message
    assert caught.value.fix


def test_among_very_many_keys_the_one_that_stands_twice_is_found_at_once() -> None:
    keys = b",".join(b'"%d":1' % number for number in range(200_000))
    with pytest.raises(BadDocument, match="'199999' stands twice"):
        loads(b"{" + keys + b',"199999":1}')


def test_a_document_may_not_be_larger_than_the_limit() -> None:
    with pytest.raises(BadDocument, match="has 12 bytes; at most 10 are taken"):
        loads(b'{"a": "bcd"}', largest=10)


def test_depth_is_counted_at_the_limit() -> None:
    assert loads(b"[" * 64 + b"]" * 64) is not None
    assert loads(b"[[1]]", deepest=2) == [[1]]
    with pytest.raises(BadDocument):
        loads(b"[[[1]]]", deepest=2)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert loads(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12))
def test_numbers_are_exact_both_ways(value: Decimal) -> None:
    assert Decimal(loads(dumps({"a": value}))["a"]) == value


def test_numbers_keep_their_digits() -> None:
    assert dumps({"amount": Decimal("125.50"), "text": "9.95"}) == b'{"amount":125.50,"text":"9.95"}'
    assert loads(b"[125.50]") == [Decimal("125.50")]
    assert isinstance(loads(b"[125.50]")[0], Decimal)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**18), 10**18) | words,
        lambda x: st.lists(x) | st.dictionaries(words, x),
        max_leaves=20,
    )
)
def test_any_value_comes_back(value: object) -> None:
    assert loads(dumps(value)) == value


def test_what_is_no_json_value_is_refused() -> None:
    with pytest.raises(TypeError):
        dumps({"a": {1, 2}})
