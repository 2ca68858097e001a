"""What the events of a message say of its row, for the audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub.ledger.chain import event_hash, row_digest, short
from hub.ledger.message import AT_REST, IN_FLIGHT
from hub.ledger.rows import object_in
from hub.ledger.transaction import Row

__all__ = ["EVENT_COLUMNS", "ROW_COLUMNS", "Told"]

EVENT_COLUMNS = "message_id, id, at, what, actor, kind, state_from, state_to, cause, detail, facts, hash"
ROW_COLUMNS = (
    "id, kind, type, partner, endpoint, order_key, seq, order_hold, unique_key, payload, parent, replay_of, created_at,"
    " state, reading, cause, detail, changed_at, chain, facts"
)
"""First those that stay as they are, in the order of `hub.ledger.unit`."""
_UNCHANGING = 13
_ORDER_HOLD = 7
_REST = frozenset(state.value for state in AT_REST)
_OF_THE_EVENT = frozenset({"attempt", "owner", "crashes", "row", "reading", "seal"})
"""Facts of an event that do not go into the message's."""


@dataclass(slots=True)
class Told:
    """``whole``: each event follows from the one before it. ``row``: digest of what stays as it arrived, empty where an
    older version took the message over. ``reading``: short hash of what it was read as, None where an older version
    worked on it, which does not say whether it was read anew. ``stands``: state, cause, detail and time of the last
    event that set them. ``seal``: the number of one that was on record, or 0."""

    message_id: str
    whole: bool = True
    chain: str = ""
    kind: str = ""
    row: str = ""
    reading: str | None = None
    skipped: bool = False
    stands: Row = ("", "", "", 0.0)
    facts: dict[str, Any] = field(default_factory=dict)
    seal: int = 0

    def add(self, event: Row) -> None:
        """The next event, a row of `EVENT_COLUMNS`."""
        _, _, at, what, _, kind, state_from, state_to, cause, detail, text, digest = event
        self.whole = self.whole and event_hash(self.chain, event[0], *event[2:11]) == digest
        self.chain, self.kind = digest, kind
        facts = object_in(text) or {}
        if what == "received" and not state_from:
            self.row = facts.get("row", "")
            self.reading = facts.get("reading", "") if self.row else None
            self.seal = seal if isinstance(seal := facts.get("seal"), int) else 0
        elif state_from == "working":
            anew = facts.get("reading")
            self.reading = self.reading if anew == "" else anew
        elif what == "skipped":
            self.skipped = True
        if state_to:
            self.stands = (state_to, cause, detail, at)
            self.facts.update((name, value) for name, value in facts.items() if name not in _OF_THE_EVENT)

    def denies(self, row: Row, facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """What of a row of `ROW_COLUMNS` is not as the events say, as slug and words. ``facts``: those of the row."""
        state, reading, cause, detail, changed_at = row[_UNCHANGING : _UNCHANGING + 5]
        last = self.stands[0]
        if last and last != state and not (state in IN_FLIGHT and last in IN_FLIGHT):
            yield "state_changed", f"its row says {state}, its events say {last}"
        if self.kind != row[1]:
            yield "message_changed", f"its row says {row[1]}, its events say {self.kind}"
        if not self.row:
            return
        if row_digest(self._arrived(row)) != self.row:
            named = "type, partner, endpoint, order, place, unique key, payload, parent, original or time"
            yield "message_changed", f"its {named} is not that with which it was taken over"
        if self.reading is not None and self.reading != short(reading):
            yield "message_changed", "its reading is not what it was read as"
        if state in _REST and (state, cause, detail, changed_at) != self.stands:
            yield "message_changed", "its cause, detail or time is not what its events say"
        if wrong := [name for name, value in self.facts.items() if name not in facts or facts[name] != value]:
            yield "message_changed", f"its facts are not what its events say: {', '.join(sorted(wrong))}"

    def _arrived(self, row: Row) -> Row:
        """What stays as it is, with ``order_hold`` as it was before somebody skipped the message, which clears it."""
        hold = 1 - row[_ORDER_HOLD] if self.skipped else row[_ORDER_HOLD]
        return (*row[:_ORDER_HOLD], hold, *row[_ORDER_HOLD + 1 : _UNCHANGING])
