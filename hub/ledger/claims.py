"""Claims: a guarded update gives rows that are due to one worker, under a lease and with a new fence.

Order per key (P4) is a condition of the claim: no earlier message of the same kind and key may be in flight, nor stand
held or dead when it says that those behind it wait. Rows whose worker died are claimed one at a time in a lane of
their own, so that a message that kills its worker takes no other with it.
"""

from __future__ import annotations

from hub.errors import Broken
from hub.ledger.message import Kind, Message
from hub.ledger.rows import MESSAGE_COLUMNS, to_message
from hub.ledger.transaction import Row, Transaction
from hub.ledger.unit import Unit

__all__ = ["claim", "open_endpoint", "turn"]

FIRST_IN_ORDER = (
    "CASE WHEN m.order_key IS NULL THEN TRUE ELSE (SELECT p.id FROM message p"
    " WHERE p.kind=m.kind AND p.order_key=m.order_key AND p.seq<m.seq"
    " AND p.order_key IS NOT NULL AND p.state IN ('received','working','held','dead')"
    " AND (p.state IN ('received','working') OR p.order_hold=1) LIMIT 1) IS NULL END"
)
"""Not an EXISTS, which PostgreSQL turns into a join that reads every row in flight for each row it claims while the
table's statistics are old; and inside a CASE, because it takes a bare IS NULL to be rare and then sorts all rows."""
_CLAIM = (
    "WITH due AS MATERIALIZED (SELECT m.id AS due_id FROM message m WHERE m.state='received' AND {condition}"
    " AND m.due_at<=? AND {first} ORDER BY m.due_at, m.id LIMIT ?{lock})"
    " UPDATE message SET state='working', attempts=attempts+1, fence=fence+1, owner=?, lease_until=?"
    " FROM due WHERE id=due_id AND state='received' RETURNING {columns}"
)


def _statement(condition: str, lock: str) -> str:
    return _CLAIM.format(condition=condition, first=FIRST_IN_ORDER, lock=lock, columns=MESSAGE_COLUMNS)


def _statements(lock: str) -> dict[str, str]:
    normal = {
        kind.value: _statement(f"m.crashes=0 AND m.kind='{kind.value}'", lock)
        for kind in (Kind.INTERCHANGE, Kind.DOCUMENT)
    }
    return {
        **normal,
        "delivery": _statement("m.crashes=0 AND m.kind='delivery' AND m.endpoint=?", lock),
        "solo": _statement("m.crashes>0 AND m.kind=?", lock),
        "solo_delivery": _statement("m.crashes>0 AND m.kind='delivery' AND m.endpoint=?", lock),
    }


_BY_LOCK = {
    "": _statements(""),
    " FOR UPDATE SKIP LOCKED": _statements(" FOR UPDATE OF m SKIP LOCKED"),
}
_ENDPOINT = "SELECT open_until, ramp, max_concurrent, per_second, burst, tokens, refilled_at FROM endpoint WHERE name=?"
_OWNERS = (
    "SELECT DISTINCT owner FROM message WHERE state='working' AND kind='delivery' AND endpoint=? AND lease_until>=?"
)
_WORKING = "SELECT count(*) FROM message WHERE state='working' AND kind='delivery' AND endpoint=?"
_REFILL = "UPDATE endpoint SET tokens=?, refilled_at=? WHERE name=?"
_SOLO_ENDPOINTS = (
    "SELECT DISTINCT endpoint FROM message WHERE state='received' AND crashes>0 AND kind='delivery' AND due_at<=?"
)


def claim(
    unit: Unit,
    kind: Kind,
    limit: int,
    *,
    lease_seconds: float,
    owner: str,
    solo: bool,
    endpoint: str | None,
) -> list[Message]:
    """At most ``limit`` rows that are due, earliest first; see `Ledger.claim`."""
    limit = min(limit, 1) if solo else limit
    if limit < 1:
        return []
    statements = _BY_LOCK[unit.direct.skip_locked]
    lease = (owner, unit.now + lease_seconds)
    if kind is Kind.DELIVERY:
        if endpoint is None and not solo:
            raise Broken("deliveries are claimed for one endpoint at a time")
        return _claim_deliveries(unit, statements["solo_delivery" if solo else "delivery"], limit, lease, endpoint)
    values: Row = (kind.value, unit.now, limit, *lease) if solo else (unit.now, limit, *lease)
    return _in_order(unit.db.rows(statements["solo" if solo else kind.value], values))


def open_endpoint(row: Row | None, now: float) -> bool:
    """Whether deliveries for an endpoint may be claimed at all, by its ``open_until``."""
    return row is None or row[0] is None or row[0] <= now


def _claim_deliveries(
    unit: Unit, statement: str, limit: int, lease: tuple[str, float], endpoint: str | None
) -> list[Message]:
    db, now = unit.db, unit.now
    names = [endpoint] if endpoint is not None else [row[0] for row in db.rows(_SOLO_ENDPOINTS, (now,))]
    for name in names:
        allowed = _allowed(db, name, limit, lease[0], now)
        if allowed < 1:
            continue
        found = _in_order(db.rows(statement, (name, now, allowed, *lease)))
        if found:
            _spend(db, name, len(found))
            return found
    return []


def _allowed(db: Transaction, name: str, limit: int, owner: str, now: float) -> int:
    """How many deliveries may be claimed now: breaker, ramp, workers at once, rate."""
    row = db.row(_ENDPOINT + db.lock, (name,))
    if row is None:
        return limit
    if not open_endpoint(row, now):
        return 0
    _, ramp, max_concurrent, per_second, burst, tokens, refilled_at = row
    if max_concurrent is not None:
        others = {found[0] for found in db.rows(_OWNERS, (name, now))} - {owner}
        if len(others) >= max_concurrent:
            return 0
    if ramp is not None:
        working = db.row(_WORKING, (name,))
        limit = min(limit, ramp - (working[0] if working else 0))
    if per_second is not None:
        level = _refilled(per_second, burst, tokens, refilled_at, now)
        db.run(_REFILL, (level, now, name))
        limit = min(limit, int(level))
    return limit


def turn(db: Transaction, name: str, now: float) -> float:
    """When one more call to an endpoint may be made, which is then spoken for: now, or later where its rate is used
    up."""
    row = db.row(_ENDPOINT + db.lock, (name,))
    if row is None or row[3] is None:
        return now
    per_second, burst, tokens, refilled_at = row[3:]
    level = _refilled(per_second, burst, tokens, refilled_at, now) - 1.0
    db.run(_REFILL, (level, now, name))
    return now + max(0.0, -level / float(per_second))


def _refilled(
    per_second: float, burst: int | None, tokens: float | None, refilled_at: float | None, now: float
) -> float:
    """How many calls may be made at once by now; below 0 where some are spoken for that are not due yet."""
    most = float(burst or max(1.0, per_second))
    return most if tokens is None or refilled_at is None else min(most, tokens + (now - refilled_at) * per_second)


def _spend(db: Transaction, name: str, count: int) -> None:
    db.run("UPDATE endpoint SET tokens=tokens-? WHERE name=? AND per_second IS NOT NULL", (count, name))


def _in_order(rows: list[Row]) -> list[Message]:
    return sorted(map(to_message, rows), key=lambda message: (message.due_at, message.id))
