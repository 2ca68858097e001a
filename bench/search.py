"""How long it takes to find something: ``python -m bench.search [--messages N] [--ledger sqlite|postgresql]``.

On a ledger of `bench.data`: each business key, filters alone and together (also such that nothing matches), first pages
and following ones, and what the pages of the console count. Milliseconds of the calls that command, API and console
make, each asked many times with values that differ; ``most``: the largest of the p99s of its kind.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bench.data
from bench.data.trade import PARTNERS
from bench.servers import Postgres
from hub.clock import SystemClock
from hub.ledger import Filter, Kind, Ledger, State
from hub.web.query import totals

__all__ = ["asked", "figures", "measured"]

TIMES = 100
_KEYS = {
    "po": "PO{:010d}",
    "invoice": "INV-{:08d}",
    "shipment": "SHP-{:08d}",
    "sscc": "0086000{:011d}",
    "tracking": "1Z8A7E42{:010d}",
    "remittance": "PAY-{:08d}",
    "control number, of all partners": "{:09d}",
    "nothing": "NO-SUCH-{:08d}",
}
_DAY = 86_400.0


def asked(ledger: Ledger, dice: random.Random, most: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is measured: a name, and a call that asks with a value of its own each time. ``most``: how many POs."""
    for name, form in _KEYS.items():
        yield f"key: {name}", lambda form=form: ledger.search(form.format(dice.randrange(1, most)))
    for name, which in filters(ledger.now()):
        yield f"filter: {name}", lambda which=which: ledger.messages(which())
        page = ledger.messages(which(), limit=50)
        if page.cursor:
            yield f"next page: {name}", lambda which=which, at=page.cursor: ledger.messages(which(), cursor=at)
    yield "orders", ledger.orders
    yield "orders: partner", lambda: ledger.orders(partner=dice.choice(PARTNERS))
    yield "orders: state", lambda: ledger.orders(state="picked")
    yield "orders: partner and state, none", lambda: ledger.orders(partner=PARTNERS[0], state="no such")
    yield "console: counts", lambda: totals(ledger)
    yield "console: dead, by cause", lambda: ledger.stopped_groups((State.DEAD,))
    yield "console: all that stopped, by cause", lambda: ledger.stopped_groups((State.HELD, State.REJECTED, State.DEAD))
    yield "console: endpoints", ledger.endpoints
    yield "hub: sweep", ledger.sweep


def filters(now: float) -> Iterator[tuple[str, Callable[[], Filter]]]:
    """Filters that a person sets, and those that are hardest: much to pass over, nothing to find."""
    big, rare = PARTNERS[0], PARTNERS[-1]
    week = {"created_from": now - 60 * _DAY, "created_until": now - 53 * _DAY}
    chosen: dict[str, dict[str, Any]] = {
        "none": {},
        "partner, large": {"partner": big},
        "partner, small": {"partner": rare},
        "partner, none": {"partner": "no such"},
        "type 850": {"type": "850"},
        "type 860": {"type": "860"},
        "endpoint": {"endpoint": "erp"},
        "cause": {"cause": "rejected"},
        "order": {"order_key": f"{big}:PO{1:010d}"},
        "kind": {"kind": Kind.INTERCHANGE},
        "kind delivery, answered: none": {"kind": Kind.DELIVERY, "states": frozenset({State.ANSWERED})},
        "a week": week,
        "a week, partner": {**week, "partner": big},
        "a week, nothing": {"created_from": now - 900 * _DAY, "created_until": now - 890 * _DAY},
        "partner and type": {"partner": big, "type": "850"},
        "partner and type, none": {"partner": big, "type": "no such"},
        "partner and endpoint of another, none": {"partner": big, "endpoint": f"mailbox/{rare}"},
        "type and state, none": {"type": "997", "states": frozenset({State.DEAD, State.HELD, State.REJECTED})},
        "partner, type, answered: none": {"partner": big, "type": "810", "states": frozenset({State.ANSWERED})},
        "endpoint and cause, none": {"endpoint": "rno1", "cause": "bad_document"},
        "partner, endpoint, type, week, dead": {
            **week, "partner": big, "endpoint": "erp", "type": "erp_order", "states": frozenset({State.DEAD}),
        },
    }  # fmt: skip
    for state in State:
        chosen[f"state {state.value}"] = {"states": frozenset({state})}
        chosen[f"state {state.value}, partner"] = {"states": frozenset({state}), "partner": big}
    for name, fields in chosen.items():
        yield name, lambda fields=fields: Filter(**fields)


def measured(ledger: Ledger, times: int = TIMES) -> list[dict[str, Any]]:
    """``{asked, p50_ms, p99_ms}`` for each question; the first answer of each is not counted."""
    dice = random.Random(2)
    page = ledger.orders(limit=1)
    most = int(page.items[0].po.removeprefix("PO")) if page.items else 2
    rows = []
    for name, ask in asked(ledger, dice, most):
        ask()
        waits = []
        for _ in range(times):
            begun = time.perf_counter()
            ask()
            waits.append((time.perf_counter() - begun) * 1e3)
        ordered = sorted(waits)
        p99 = ordered[int(len(ordered) * 0.99) - 1]
        rows.append({"asked": name, "p50_ms": round(statistics.median(ordered), 1), "p99_ms": round(p99, 1)})
    return rows


def figures(messages: int = 100_000, ledgers: tuple[str, ...] = ("sqlite", "postgresql")) -> list[dict[str, Any]]:
    """The same on each engine."""
    rows = []
    for engine in ledgers:
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as place, ExitStack() as stack:
            home = Path(place).resolve()
            url = f"sqlite:///{home / 'ledger.db'}"
            if engine == "postgresql":
                server = Postgres(safe=True).start()
                stack.callback(server.stop)
                url = server.create("bench")
            bench.data.generate(url, home, messages, until=time.time())
            ledger = Ledger.open(url, home=home, clock=SystemClock())
            stack.callback(ledger.close)
            rows += [{"ledger": engine, "messages": messages, **row} for row in measured(ledger)]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--ledger", choices=("sqlite", "postgresql"), action="append")
    chosen = parser.parse_args()
    for row in figures(chosen.messages, tuple(chosen.ledger or ("sqlite", "postgresql"))):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
