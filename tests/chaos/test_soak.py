"""Memory over time: what grows is told from what is flat, and a short run of the real program is measured."""

from __future__ import annotations

from pathlib import Path

from bench.chaos.run import Settings
from bench.soak import HEAD, Samples, soak

MB = 1 << 20
SECONDS = 6.0


def _samples(*megabytes: float) -> Samples:
    values = [round(each * MB) for each in megabytes]
    return Samples(rss=values, uss=values)


def test_a_process_that_leaks_is_told_from_one_that_warms_up() -> None:
    assert _samples(*range(100, 140)).grown() > 0
    assert _samples(50, 80, 95, 99, *[100] * 16).grown() <= 0
    assert _samples(*[100, 104] * 10).grown() <= 0


def test_each_process_of_a_hub_is_measured(tmp_path: Path) -> None:
    settings = Settings(messages=30, kills=0, drop=0.0, send_seconds=SECONDS)
    samples, done = soak(settings, tmp_path / "run", 0.5)
    assert list(samples) == ["hub"]
    found = samples["hub"]
    assert len(found.rss) > 5
    assert all(0 < own <= resident for own, resident in zip(found.uss, found.rss, strict=True))
    assert found.row("hub").count("|") == HEAD.splitlines()[0].count("|")
    assert (done["balanced"], done["dead"]) == (True, 0)
