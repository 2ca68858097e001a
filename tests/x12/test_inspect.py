"""`inspect`: the contract's JSON, whole and piece by piece."""

from __future__ import annotations

import io
import json

import pytest

from hub.x12.inspect import inspect, pieces
from tests.x12.making import NOTICE, ORDER, changed, document, group, interchange, sample, wire

BAD = changed(ORDER, ORDER[0], "BEG*00*SA*PO123**20260230")
FILES = {
    "good": sample(ORDER),
    "bad": wire(interchange(group(document(ORDER), document(BAD, number="0002")), group(document(NOTICE, "856")))),
    "two": sample(ORDER) + b"junk" + sample(NOTICE, "856"),
    "open": sample(ORDER)[:300],
    "empty": b"",
    "edifact": b"UNB+UNOA:1+A+B'",
}


@pytest.mark.parametrize("name", FILES)
def test_pieces_make_the_same_object(name: str) -> None:
    data = FILES[name]
    assert json.loads("".join(pieces(data, name))) == inspect(data, name) == inspect(io.BytesIO(data), name)


def test_the_object_has_what_the_contract_says() -> None:
    result = inspect(FILES["bad"], "bad.edi")
    assert list(result) == ["file", "syntax", "bytes", "bytes_accounted", "problems", "interchanges"]
    (one,) = result["interchanges"]
    assert list(one) == ["control_number", "sender", "receiver", "version", "delimiters", "problems", "groups"]
    assert (one["sender"], one["receiver"], one["version"]) == ("BIGBOX", "CROSSDOCK", "00401")
    first = one["groups"][0]
    assert list(first) == ["type", "control_number", "version", "problems", "documents"]
    good, bad = first["documents"]
    assert (good["document"], good["control_number"], good["segments"], good["verdict"]) == (
        "850",
        "0001",
        15,
        "accepted",
    )
    (problem,) = bad["problems"]
    assert problem == {
        "code": "date_invalid",
        "severity": "error",
        "message": "BEG05 (Date) is '20260230', which is no date CCYYMMDD.",
        "fix": "Send a date of the calendar.",
        "segment": "BEG",
        "position": 2,
        "element": 5,
        "component": None,
        "value": "20260230",
        "loop": "",
        "ack": {"AK502": "5", "AK304": "8", "AK403": "8", "AK402": "373"},
    }
