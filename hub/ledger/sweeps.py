"""Looking after what is in flight: leases that ran out are taken back, and what is due is found.

Sweeping is safe from any number of processes at once; it is what makes hints of the queue dispensable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from hub.ledger.chain import canonical_json
from hub.ledger.message import Kind, Message, State
from hub.ledger.ordering import put_behind
from hub.ledger.records import Swept
from hub.ledger.replays import next_job
from hub.ledger.rows import SELECT_MESSAGE, to_message
from hub.ledger.transaction import Transaction
from hub.ledger.unit import Unit

__all__ = ["due_endpoints", "find_due", "has_expired", "owners", "recover"]

_DEATHS_ALONE = 2
"""After so many deaths a message is given up at the next one that it met alone: its process held no other message."""
_DEATHS_MAX = 6
"""After so many it is given up in any case. A process that does all the work of a busy hub never dies with one message
in its hands only, and who kills it from outside must not have its messages taken for the cause."""
_PAUSES_SECONDS = (1.0, 3.0, 8.0, 15.0, 20.0, 20.0)
"""How long a message waits after each death: a hub that is killed again as soon as it has started must not meet the
same message each time."""
_HANDS = "SELECT owner, count(*) FROM message WHERE state='working' GROUP BY owner"
_EXPIRED = " WHERE state='working' AND lease_until<? ORDER BY id"
_NEXT_EXPIRY = "SELECT min(lease_until) FROM message WHERE state='working'"
_TAKE_BACK = (
    "UPDATE message SET state=?, crashes=crashes+1, fence=fence+1, owner='', due_at=?, lease_until=NULL, changed_at=?,"
    " cause=?, detail=?, chain=?, facts=? WHERE id=?"
)
_NEXT = {
    Kind.INTERCHANGE: ("SELECT min(due_at) FROM message WHERE state='received' AND crashes=0 AND kind='interchange'"),
    Kind.DOCUMENT: "SELECT min(due_at) FROM message WHERE state='received' AND crashes=0 AND kind='document'",
}
_NEXT_SOLO = "SELECT min(due_at) FROM message WHERE state='received' AND crashes>0 AND kind=?"
_ENDPOINTS = (
    "WITH RECURSIVE waiting(endpoint) AS ("
    " SELECT min(endpoint) FROM message WHERE state='received' AND crashes=0 AND kind='delivery'"
    " UNION ALL SELECT (SELECT min(m.endpoint) FROM message m WHERE m.state='received' AND m.crashes=0"
    " AND m.kind='delivery' AND m.endpoint>waiting.endpoint) FROM waiting WHERE waiting.endpoint IS NOT NULL)"
    " SELECT w.endpoint, (SELECT min(m.due_at) FROM message m WHERE m.state='received' AND m.crashes=0"
    " AND m.kind='delivery' AND m.endpoint=w.endpoint) FROM waiting w WHERE w.endpoint IS NOT NULL"
)
_NOT_BEFORE = (
    "SELECT name, open_until, per_second, tokens, refilled_at FROM endpoint"
    " WHERE open_until>? OR (per_second IS NOT NULL AND tokens<1)"
)


def has_expired(db: Transaction, now: float) -> bool:
    """Whether a lease ran out."""
    return db.row("SELECT 1 FROM message WHERE state='working' AND lease_until<? LIMIT 1", (now,)) is not None


def owners(db: Transaction) -> set[str]:
    """The instances that hold leases (see `hub.ledger.alive`)."""
    return {_instance(row[0]) for row in db.rows("SELECT DISTINCT owner FROM message WHERE state='working'")}


def recover(unit: Unit, dead: Collection[str]) -> tuple[int, int]:
    """Takes back messages whose lease ran out or whose process is known to be dead; (how many, how many given up)."""
    db, now = unit.db, unit.now
    expired = [to_message(row) for row in db.rows(SELECT_MESSAGE + _EXPIRED + db.skip_locked, (now,))]
    if dead:
        sql = SELECT_MESSAGE + " WHERE state='working' AND lease_until>=? ORDER BY id" + db.skip_locked
        held = [to_message(row) for row in db.rows(sql, (now,))]
        expired += [message for message in held if _instance(message.owner) in dead]
    hands: Counter[str] = Counter()
    if expired:
        for owner, count in db.rows(_HANDS):
            hands[_instance(owner)] += count
    given_up = sum(_take_back(unit, message, alone=hands[_instance(message.owner)] <= 1) for message in expired)
    return len(expired), given_up


def find_due(db: Transaction, now: float) -> Swept:
    """The stages with work that is due, and how long until there is more."""
    stages: list[str] = []
    later: list[float] = []
    for kind, sql in _NEXT.items():
        _sort_in(db.row(sql), kind.value, now, stages, later)
    for endpoint, due_at in _endpoint_times(db, now):
        _sort_in((due_at,), f"delivery:{endpoint}", now, stages, later)
    solo: list[str] = []
    for kind in Kind:
        _sort_in(db.row(_NEXT_SOLO, (kind.value,)), "solo", now, solo, later)
    _sort_in(next_job(db), "replay", now, stages, later)
    _sort_in(db.row(_NEXT_EXPIRY), "", now, [], later)
    seconds = max(0.0, min(later) - now) if later else None
    return Swept(stages=(*stages, *solo[:1]), next_seconds=seconds)


def due_endpoints(db: Transaction, now: float) -> list[str]:
    """Endpoints with deliveries that can be claimed now."""
    return [endpoint for endpoint, due_at in _endpoint_times(db, now) if due_at <= now]


def _endpoint_times(db: Transaction, now: float) -> list[tuple[str, float]]:
    """Each endpoint that has deliveries waiting, and when the first can go: not before its breaker closes, nor before
    its rate allows one."""
    not_before = {row[0]: _not_before(*row[1:]) for row in db.rows(_NOT_BEFORE, (now,))}
    return [(endpoint, max(due_at, not_before.get(endpoint, due_at))) for endpoint, due_at in db.rows(_ENDPOINTS)]


def _not_before(
    open_until: float | None, per_second: float | None, tokens: float | None, refilled_at: float | None
) -> float:
    if per_second is None or tokens is None or refilled_at is None:
        return open_until or 0.0
    return max(open_until or 0.0, refilled_at + (1.0 - tokens) / per_second)


def _sort_in(
    row: tuple[float | None, ...] | None, stage: str, now: float, stages: list[str], later: list[float]
) -> None:
    at = row[0] if row else None
    if at is None:
        return
    if at <= now:
        stages.append(stage)
    else:
        later.append(at)


def _instance(owner: str) -> str:
    """The process in an owner's name (see `hub.ledger.alive`)."""
    return owner.partition("/")[0]


def _take_back(unit: Unit, message: Message, *, alone: bool) -> int:
    given_up = message.crashes >= (_DEATHS_ALONE if alone else _DEATHS_MAX)
    state = State.DEAD if given_up else State.RECEIVED
    detail = (
        "its worker died each time it was worked on; it was given up"
        if given_up
        else "its worker died or lost its lease; it is tried again alone"
    )
    told = {"owner": message.owner, "attempt": message.attempts, "crashes": message.crashes + 1, "reading": ""}
    doubt = _doubt(message)
    chain = unit.add_event(
        message.id,
        message.kind,
        message.chain,
        "given_up" if given_up else "worker_died",
        actor="sweeper",
        state_from=State.WORKING.value,
        state_to=state.value,
        cause="worker_died",
        detail=detail,
        facts=canonical_json({**doubt, **told}),
    )
    due_at = unit.now if given_up else unit.now + _PAUSES_SECONDS[message.crashes]
    facts = canonical_json({**message.facts, **doubt})
    unit.db.run(_TAKE_BACK, (state.value, due_at, unit.now, "worker_died", detail, chain, facts, message.id))
    put_behind(unit, message, state)
    return int(given_up)


def _doubt(message: Message) -> Mapping[str, Any]:
    """A delivery may have been sent by who had it, which is remembered beyond its crashes: those are counted anew once
    somebody had it without dying."""
    return {"look_first": True} if message.kind is Kind.DELIVERY else {}
