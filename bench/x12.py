"""Reading and judging X12: ours, a plain split of the same text as the floor, and pyx12, in one run on one machine."""

from __future__ import annotations

import random
from typing import Any

from bench.x12_read import interchange, invoice, measure, notice, order, seconds
from hub.x12 import second_opinion

__all__ = ["figures"]

PEER_DOCUMENTS = 10
"""pyx12 is so much slower that it gets fewer of the same documents."""


def figures() -> list[dict[str, Any]]:
    """Microseconds a document, and ours as a multiple of the floor and pyx12 as a multiple of ours."""
    pick = random.Random(850)
    sets = (
        ("850, 20 lines", "PO", [order(pick) for _ in range(500)]),
        ("856, 100 items", "SH", [notice(pick) for _ in range(60)]),
        ("810, 20 lines", "IN", [invoice(pick) for _ in range(500)]),
    )
    return [_figure(name, group, documents) for name, group, documents in sets]


def _figure(name: str, group: str, documents: list[list[str]]) -> dict[str, Any]:
    _, segments, floor, ours = measure(name, group, documents, runs=5)
    few = interchange(group, documents[:PEER_DOCUMENTS])
    peer = seconds(lambda: second_opinion.judge(few), 3) / PEER_DOCUMENTS * 1e6
    return {
        "document": name,
        "segments": segments,
        "floor_us": round(floor, 1),
        "crossdock_us": round(ours, 1),
        "pyx12_us": round(peer, 1),
        "crossdock_per_floor": round(ours / floor, 1),
        "pyx12_per_crossdock": round(peer / ours, 1),
    }
