"""A bounded run of the chaos harness: the real program killed again and again, judged by what its far ends have.

P1: nothing that was answered is lost; P2: one effect a key, and what nobody can know is marked; P3: the audit balances;
P4: of one order all in order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.chaos.disk import why_not
from bench.chaos.plan import make, read_plan
from bench.chaos.run import HEAD, Settings, fire, table_row

MESSAGES = 70
KILLS = 3


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="crossdock-fire-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.mark.parametrize(
    ("ledger", "broker", "source", "warehouse"),
    [("sqlite", "memory", "sftp", "held"), ("postgresql", "valkey", "folder", "asked")],
)
def test_nothing_is_lost_doubled_or_out_of_order(
    ledger: str, broker: str, source: str, warehouse: str, place: Path
) -> None:
    settings = Settings(
        ledger=ledger,
        broker=broker,
        workers=2 if broker == "valkey" else 0,
        source=source,
        warehouse=warehouse,
        messages=MESSAGES,
        kills=KILLS,
        cuts=1,
        fulls=1,
        jumps=1,
        seed=9,
        pace=(0.1, 0.5),
        batch_max=10 if source == "folder" else 1,
    )
    result = fire(settings, place)
    assert result["clean"], result
    assert result["happened"] == result["expected"] > 2 * MESSAGES
    assert sum(result["kills"].values()) == KILLS
    if result["disk"]:
        assert (result["power_cuts"], result["disk_full"]) == (settings.cuts, settings.fulls)
    else:
        print(f"no power cut, no full disk: {why_not() or result['no_disk']}")
    assert table_row(result).count("|") == HEAD.splitlines()[0].count("|")


def test_a_plan_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    one, other = make(tmp_path / "one", 50, 7), make(tmp_path / "other", 50, 7)
    assert one == other == read_plan(tmp_path / "one")
    assert len(one.orders) == len(set(one.orders)) == 50
    for drop in one.drops:
        assert (tmp_path / "one" / drop.name).read_bytes() == (tmp_path / "other" / drop.name).read_bytes()
