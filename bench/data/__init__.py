"""A ledger as a busy hub has it after some months, of any size: ``python -m bench.data --messages N --url …``.

Orders of forty partners from 850 to payment, with acknowledgments, repeats, faults, dead letters and what is still on
its way; the same seed gives the same trade. Written in bulk, but as the hub writes: its schema, its hash chain, its
seals, so that `crossdock audit` proves it.
"""

from __future__ import annotations

import random
from pathlib import Path

from bench.data.load import loader
from bench.data.rows import Rows
from bench.data.trade import Trade
from hub.clock import SystemClock
from hub.ledger import Ledger

__all__ = ["SPAN_SECONDS", "generate"]

SPAN_SECONDS = 90 * 86_400.0
_AT_ONCE = 20_000


def generate(url: str, home: Path, messages: int, *, seed: int = 1, until: float) -> None:
    """Fills the empty ledger at ``url`` with at least so many messages, none after ``until`` (seconds since 1970)."""
    Ledger.open(url, home=home, clock=SystemClock()).close()
    dice = random.Random(seed)
    rows = Rows(dice, until - SPAN_SECONDS)
    trade = Trade(rows, dice)
    with loader(url) as load:
        for _ in trade.run(messages, until, SPAN_SECONDS):
            if len(rows.tables["event"]) > _AT_ONCE:
                load.take(rows)
        load.take(rows)
        load.settle()
    ledger = Ledger.open(url, home=home, clock=SystemClock())
    try:
        while ledger.seal():
            pass
    finally:
        ledger.close()
