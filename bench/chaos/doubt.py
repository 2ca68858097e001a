"""Deliveries to a warehouse that cannot be asked: which the hub says may have arrived, and the clerk who looks there.

What is held is looked up in the warehouse's own records, and closed or sent again as the clerk's command. A delivery
that reached the warehouse twice must be one that the hub has marked; one whose answer was cut must be marked, too.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from bench.chaos.scene import Scene
from bench.chaos.sink import read_records
from hub.clock import SystemClock
from hub.ledger import Kind, Ledger, State
from hub.ledger.message import Message
from hub.ledger.records import Filter

__all__ = ["Doubts"]

_REASON = "looked up at the warehouse"
_IDS_MAX = 200


@dataclass(slots=True)
class Doubts:
    """``held``: key of each delivery that stood held as unknown -> whether its worker died over it."""

    scene: Scene
    held: dict[str, bool] = field(default_factory=dict)
    closed: int = 0

    def settle(self) -> int:
        """The clerk deals with all that stand held as unknown; how many."""
        with closing(self._ledger()) as ledger:
            found = [m for m in _all(ledger, State.HELD) if m.cause == "outcome_unknown"]
            for message in found:
                died = any(event.what == "worker_died" for event in ledger.events(message.id))
                self.held.setdefault(message.unique_key or message.id, died)
        there = {record["key"] for record in read_records(self.scene.far.warehouse)}
        arrived = [message.id for message in found if message.unique_key in there]
        absent = [message.id for message in found if message.unique_key not in there]
        for verb, ids in (("close", arrived), ("replay", absent)):
            for begin in range(0, len(ids), _IDS_MAX):
                told = self.scene.hub.command(verb, *ids[begin : begin + _IDS_MAX], "--reason", _REASON)
                assert told.returncode == 0, told.stderr.decode(errors="replace")[-1000:]
        self.closed += len(arrived)
        return len(found)

    def result(self) -> dict[str, Any]:
        """Counts, and the keys that show a fault; ``clean`` where there is none."""
        with closing(self._ledger()) as ledger:
            delivered = [m for m in _all(ledger, State.DELIVERED) if m.facts.get("unknown") == "sent_again"]
        marked = {*self.held, *(message.unique_key or "" for message in delivered)}
        records = read_records(self.scene.far.warehouse)
        cut = {record["key"] for record in records if record.get("cut")}
        twice = {key for key, count in Counter(record["key"] for record in records).items() if count > 1}
        faults = {"resent_silently": sorted(twice - marked), "not_marked": sorted(cut - marked)}
        if self.scene.settings.warehouse == "held":
            faults["held_without_reason"] = sorted(
                key for key, died in self.held.items() if not died and key not in cut
            )
        return {
            "marked_unknown": len(marked),
            "answers_cut": len(cut),
            "worker_died_over": len(marked - cut),
            "arrived_and_closed": self.closed,
            "arrived_twice": len(twice),
            **{name: len(keys) for name, keys in faults.items()},
            **({"faults": {name: keys[:5] for name, keys in faults.items() if keys}} if any(faults.values()) else {}),
            "clean": not any(faults.values()),
        }

    def _ledger(self) -> Ledger:
        return Ledger.open(self.scene.database_url, home=self.scene.home, clock=SystemClock())


def _all(ledger: Ledger, state: State) -> list[Message]:
    """Deliveries to the warehouse in a state."""
    found: list[Message] = []
    cursor = None
    while True:
        page = ledger.messages(
            Filter(states=frozenset({state}), kind=Kind.DELIVERY, type="warehouse_order"), limit=1000, cursor=cursor
        )
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found
