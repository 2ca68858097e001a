"""SDQ: how much of a line goes to, or lies at, each store ⇄ a list of StoreQuantity.

A segment has one unit, one kind of store number (92, the buyer's) and up to ten pairs of store and quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from pydantic import create_model

from hub.canonical import StoreQuantity
from hub.canonical.values import Canonical
from hub.mapping.codecs import an, r
from hub.mapping.notation import Loop, M, Via, const, row
from mappings.x12.codes import UNIT

__all__ = ["STORE_QUANTITIES"]

PLACES = range(10)

_FIELDS: dict[str, Any] = {
    "uom": (str, ...),
    "location": (str | None, None),
    **{f"store_{place}": (str | None, None) for place in PLACES},
    **{f"quantity_{place}": (Decimal | None, None) for place in PLACES},
}

Stores = create_model("Stores", __base__=Canonical, **_FIELDS)
"""One SDQ."""


def _unfold(segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for segment in segments:
        shared = {"location": segment["location"]} if "location" in segment else {}
        for place in PLACES:
            store, value = segment.get(f"store_{place}"), segment.get(f"quantity_{place}")
            if store is not None or value is not None:
                found.append({"store": store, "quantity": {"value": value, "uom": segment.get("uom")}, **shared})
    return found


def _fold(entries: Sequence[StoreQuantity]) -> list[Canonical]:
    made: list[Canonical] = []
    for (uom, location), run in groupby(entries, key=lambda entry: (entry.quantity.uom, entry.location)):
        every = list(run)
        for start in range(0, len(every), len(PLACES)):
            values: dict[str, Any] = {"uom": uom, "location": location}
            for place, entry in enumerate(every[start : start + len(PLACES)]):
                values[f"store_{place}"] = entry.store
                values[f"quantity_{place}"] = entry.quantity.value
            made.append(Stores.model_validate(values))
    return made


STORE_QUANTITIES = Loop(
    head="SDQ",
    field="stores[]",
    single=True,
    via=Via(model=Stores, read=_unfold, write=_fold),
    rows=(
        row("SDQ01", "uom", UNIT, M),
        const("SDQ02", "92", also=("54",), why="stores are numbered by the buyer"),
        *(row(f"SDQ{3 + 2 * place:02d}", f"store_{place}", an) for place in PLACES),
        *(row(f"SDQ{4 + 2 * place:02d}", f"quantity_{place}", r) for place in PLACES),
        row("SDQ23", "location", an),
    ),
)
