"""Reading X12 to the canonical message and its JSON beside the plain split floor: ``python -m bench.x12_map``.

Process CPU time, all in turns in one process on the same seeded input; the least of many turns counts, as a multiple of
the floor's. ``read`` is tokenising and full validation. ``json`` is the rows and the canonical message as JSON, every
value proven to be what the message's model takes; ``object`` is the same with the message made as an object, too, which
those need who look into it. ``all`` is read and json, ``all, object`` read and object.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable

from bench.x12_read import floor, interchange, invoice, notice, order, ours
from hub.contracts.mapping import Context
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.document import Document
from hub.x12.reader import read
from mappings import CATALOG

CONTEXT = Context()
TURNS = 60


def least(works: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of CPU of each, the least of its turns."""
    best = dict.fromkeys(works, float("inf"))
    gc.collect()
    for _ in range(TURNS):
        for name, work in works.items():
            start = time.process_time()
            work()
            best[name] = min(best[name], time.process_time() - start)
    return best


def measure(group: str, bodies: list[list[str]]) -> dict[str, float]:
    """Multiples of the floor; ``floor`` itself in microseconds a document."""
    data = interchange(group, bodies)
    texts = ["~".join([f"ST*{body[0]}*0001", *body[1:], "SE*1*0001"]) for body in bodies]
    read_ones = [event for event in read(data) if isinstance(event, Document)]
    mapping = CATALOG[f"x12/{bodies[0][0]}"]
    assert isinstance(mapping, X12Mapping)
    found = [problem for one in read_ones for problem in mapping.read(one, CONTEXT).problems]
    if found:
        raise SystemExit(f"{bodies[0][0]}: {found[0].message}")

    def store_all() -> None:
        for one in read_ones:
            mapping.read(one, CONTEXT).json()

    def make_all() -> None:
        for one in read_ones:
            reading = mapping.read(one, CONTEXT)
            reading.json()
            assert reading.message

    best = least({"floor": lambda: floor(texts), "read": lambda: ours(data), "json": store_all, "object": make_all})
    low = best["floor"]
    ratios = {name: seconds / low for name, seconds in best.items() if name != "floor"}
    return {
        "floor us": low / len(bodies) * 1e6,
        **ratios,
        "all": ratios["read"] + ratios["json"],
        "all, object": ratios["read"] + ratios["object"],
    }


def main() -> None:
    pick = random.Random(850)
    for name, group, documents in (
        ("850, 20 lines", "PO", [order(pick) for _ in range(60)]),
        ("856, 100 items", "SH", [notice(pick) for _ in range(12)]),
        ("810, 20 lines", "IN", [invoice(pick) for _ in range(60)]),
    ):
        found = measure(group, documents)
        if name.startswith("850"):
            print(f"{'document':16}{''.join(f'{heading:>12}' for heading in found)}")
        print(f"{name:16}{''.join(f'{value:>12.1f}' for value in found.values())}", flush=True)


if __name__ == "__main__":
    main()
