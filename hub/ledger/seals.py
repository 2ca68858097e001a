"""Seals: every so often, one hash over all events since the last seal, chained to it, with the counts they add up to.

The chain of a message cannot tell that the message was removed together with its events; a seal can, because it covers
the events of all messages in the order of their ids. Its tally makes counting quick: the last seal plus what came
after it. What was removed between two seals is not missed; they are seconds apart. The first event of a message names
a seal that is on record, in its fact ``seal``, so that seals are missed as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

from hub.ledger.chain import canonical_json
from hub.ledger.message import IN_FLIGHT
from hub.ledger.rows import json_object
from hub.ledger.transaction import Row, Transaction

__all__ = ["Tally", "add_seal", "events_between", "last_seal", "next_seal", "seal_hash", "tally_since"]

Tally = dict[str, dict[str, int]]
"""kind -> ``received``, ``in_flight`` and each state at rest -> how many messages."""

_AT_ONCE = 5000
_MOST_AT_ONCE = 20_000
_LAST = "SELECT id, upto, events, tally, hash FROM seal ORDER BY id DESC LIMIT 1"
_NEWEST = "SELECT max(id) FROM event"
_EVENTS = "SELECT id, hash, kind, state_from, state_to FROM event WHERE id>? AND id<=? ORDER BY id LIMIT ?"
_ADD = "INSERT INTO seal (id, at, upto, events, tally, hash) VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING"
_IN_FLIGHT = frozenset(state.value for state in IN_FLIGHT)


def last_seal(db: Transaction) -> tuple[int, int, int, Tally, str]:
    """The newest seal: its number, last event id it covers, how many events since the first, their tally, its hash."""
    row = db.row(_LAST)
    return (row[0], row[1], row[2], json_object(row[3]), row[4]) if row else (0, 0, 0, {}, "")


def next_seal(db: Transaction, now: float, upto: int) -> Row | None:
    """The seal over the events up to an id below which none can be added any more; None when there are none."""
    number, covered, count, tally, previous = last_seal(db)
    events = list(islice(events_between(db, covered, upto), _MOST_AT_ONCE))
    if not events:
        return None
    upto = events[-1][0]
    _count_in(tally, events)
    digest = seal_hash(previous, upto, tally, (event[1] for event in events))
    return (number + 1, now, upto, count + len(events), canonical_json(tally), digest)


def add_seal(db: Transaction, seal: Row) -> bool:
    """Writes a seal; False when another process was quicker."""
    return db.run(_ADD, seal) == 1


def seal_hash(previous: str, upto: int, tally: Tally, hashes: Iterable[str]) -> str:
    """``sha256(previous seal, upto, tally, event hashes)``."""
    digest = hashlib.sha256(f"{previous}|{upto}|{canonical_json(tally)}|".encode())
    for each in hashes:
        digest.update(each.encode())
    return digest.hexdigest()


def tally_since(db: Transaction) -> Tally:
    """The counts of now: those of the last seal, and the events after it."""
    _, covered, _, tally, _ = last_seal(db)
    newest = db.row(_NEWEST)
    _count_in(tally, events_between(db, covered, (newest[0] if newest else None) or 0))
    return tally


def events_between(db: Transaction, after: int, upto: int) -> Iterator[Row]:
    """``(id, hash, kind, state_from, state_to)`` of events with ``after < id <= upto``, in order."""
    while after < upto:
        rows = db.rows(_EVENTS, (after, upto, _AT_ONCE))
        if not rows:
            return
        yield from rows
        after = rows[-1][0]


def _count_in(tally: Tally, events: Iterable[Row]) -> None:
    for _, _, kind, state_from, state_to in events:
        if not state_to:
            continue
        counts = tally.setdefault(kind, {})
        if state_from:
            before = "in_flight" if state_from in _IN_FLIGHT else state_from
            counts[before] = counts.get(before, 0) - 1
        else:
            counts["received"] = counts.get("received", 0) + 1
        after = "in_flight" if state_to in _IN_FLIGHT else state_to
        counts[after] = counts.get(after, 0) + 1
