"""What `crossdock bench x12` measures is right X12, and libraries that are not there are told, not needed."""

from __future__ import annotations

import sys

import pytest

from bench import x12, x12_peers


def test_each_work_is_measured_and_absent_libraries_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x12, "TURNS", 1)
    monkeypatch.setattr(x12, "KINDS", [kind._replace(documents=2, for_peers=1) for kind in x12.KINDS])
    absent = [peer for peer in x12_peers.PEERS if peer.name == "mock-edi"]
    monkeypatch.setattr(x12, "PEERS", absent)
    monkeypatch.setitem(sys.modules, "mockedi", None)
    rows = x12.figures()
    assert {row["document"][:3] for row in rows} == {"850", "856", "810"}
    for row in rows:
        if row["work"] in ("split", "join"):
            assert row["per_floor"] == 1.0
        elif row["work"] == "mock-edi":
            assert (row["us"], row["does"].split(" (")[0]) == (None, "pip install mock-edi")
        else:
            assert row["us"] > 0
