"""The generated ledger: as good as one that a hub wrote."""

from __future__ import annotations

from pathlib import Path

from bench.data import generate
from hub.clock import SystemClock
from hub.ledger import Ledger, State

UNTIL = 1_800_000_000.0


def test_a_generated_ledger_balances(ledger_url: str, tmp_path: Path) -> None:
    generate(ledger_url, tmp_path, 10_000, until=UNTIL)
    ledger = Ledger.open(ledger_url, home=tmp_path, clock=SystemClock())
    try:
        report = ledger.audit()
        assert report["problems"] == []
        assert report["balanced"]
        assert report["chain_ok"]
        assert 10_000 <= report["received"] < 10_100
        for state in ("delivered", "answered", "held", "rejected", "dead", "in_flight"):
            assert report[state] > 0
        assert {name: report["kinds"][name] for name in report["kinds"]} == {
            kind: {**dict.fromkeys(report["kinds"][kind], 0), **counts} for kind, counts in ledger.counts().items()
        }
        assert ledger.stopped_groups((State.DEAD,))
    finally:
        ledger.close()


def test_the_same_seed_gives_the_same_trade(tmp_path: Path) -> None:
    heads = []
    for place in (tmp_path / "one", tmp_path / "other"):
        place.mkdir()
        url = f"sqlite:///{place / 'ledger.db'}"
        generate(url, place, 1_000, seed=7, until=UNTIL)
        ledger = Ledger.open(url, home=place, clock=SystemClock())
        heads.append([(message.id, message.chain) for message in ledger.messages(limit=1000).items])
        ledger.close()
    assert heads[0] == heads[1]
