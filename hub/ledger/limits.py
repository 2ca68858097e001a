"""Circuit breakers and limits of endpoints: rows of the ledger, read by every claim."""

from __future__ import annotations

from hub.ledger.chain import printable
from hub.ledger.unit import Unit

__all__ = ["Limits"]

_FULL_SPEED = 64
"""Deliveries at once from which on a recovering endpoint counts as well again."""
_FAILED = (
    "INSERT INTO endpoint (name, failures, open_until, ramp, cause, detail, changed_at) VALUES (?,1,?,?,?,?,?)"
    " ON CONFLICT (name) DO UPDATE SET failures=endpoint.failures+1, open_until=excluded.open_until,"
    " ramp=COALESCE(excluded.ramp, endpoint.ramp), cause=excluded.cause, detail=excluded.detail,"
    " changed_at=excluded.changed_at RETURNING failures"
)
_SUCCEEDED = (
    "UPDATE endpoint SET failures=0, open_until=NULL, cause='', detail='', changed_at=?,"
    " ramp=CASE WHEN ramp*2>=? THEN NULL ELSE ramp*2 END WHERE name=? AND (failures>0 OR ramp IS NOT NULL)"
)
_LIMITS = (
    "INSERT INTO endpoint (name, max_concurrent, per_second, burst, changed_at) VALUES (?,?,?,?,?)"
    " ON CONFLICT (name) DO UPDATE SET max_concurrent=excluded.max_concurrent, per_second=excluded.per_second,"
    " burst=excluded.burst, changed_at=excluded.changed_at"
)
_FAILURES = "SELECT failures FROM endpoint WHERE name=?"


class Limits:
    """The part of a change that deals with endpoints."""

    _unit: Unit

    def endpoint_failures(self, endpoint: str) -> int:
        """How often it failed in a row, by which the caller reckons the next pause."""
        row = self._unit.db.row(_FAILURES, (endpoint,))
        return int(row[0]) if row else 0

    def endpoint_failed(self, endpoint: str, *, open_until: float | None, cause: str = "", detail: str = "") -> int:
        """It could not be reached: how often now in a row.

        ``open_until``: nothing is claimed for it before (the caller reckons backoff and jitter); then one delivery is
        tried, and after each success twice as many. None: it counts, but the endpoint stays in use.
        """
        ramp = None if open_until is None else 1
        until = None if open_until is None else float(open_until)
        values = (endpoint, until, ramp, printable(cause), printable(detail), self._unit.now)
        row = self._unit.db.row(_FAILED, values)
        assert row is not None
        return int(row[0])

    def endpoint_succeeded(self, endpoint: str) -> bool:
        """It answered: the breaker closes. False when there was nothing to close."""
        return self._unit.db.run(_SUCCEEDED, (self._unit.now, _FULL_SPEED, endpoint)) == 1

    def set_endpoint_limits(
        self,
        endpoint: str,
        *,
        max_concurrent: int | None = None,
        per_second: float | None = None,
        burst: int | None = None,
    ) -> None:
        """How many workers may deliver to it at once, and how many deliveries a second may begin; None: no limit."""
        rate = None if per_second is None else float(per_second)
        self._unit.db.run(_LIMITS, (endpoint, max_concurrent, rate, burst, self._unit.now))
