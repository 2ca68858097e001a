"""Circuit breakers and limits of endpoints: rows of the ledger, read by every claim."""

from __future__ import annotations

from hub.ledger.chain import printable
from hub.ledger.claims import turn
from hub.ledger.message import Message
from hub.ledger.rows import SELECT_MESSAGE, to_message
from hub.ledger.unit import Unit

__all__ = ["Limits"]

_FULL_SPEED = 64
"""Deliveries at once from which on a recovering endpoint counts as well again."""
_FAILED = (
    "INSERT INTO endpoint (name, failures, open_until, ramp, cause, detail, changed_at) VALUES (?,1,?,?,?,?,?)"
    " ON CONFLICT (name) DO UPDATE SET failures=endpoint.failures+1, open_until=excluded.open_until,"
    " ramp=COALESCE(excluded.ramp, endpoint.ramp), cause=excluded.cause, detail=excluded.detail,"
    " changed_at=excluded.changed_at WHERE endpoint.open_until IS NULL OR endpoint.open_until<=excluded.changed_at"
)
_PAUSED = (
    "INSERT INTO endpoint (name, open_until, ramp, cause, detail, changed_at) VALUES (?,?,1,?,?,?)"
    " ON CONFLICT (name) DO UPDATE SET open_until=excluded.open_until, ramp=1, cause=excluded.cause,"
    " detail=excluded.detail, changed_at=excluded.changed_at"
    " WHERE endpoint.open_until IS NULL OR endpoint.open_until<excluded.open_until"
)
_SUCCEEDED = (
    "UPDATE endpoint SET failures=0, open_until=NULL, cause='', detail='', changed_at=?,"
    " ramp=CASE WHEN ramp*2>=? THEN NULL ELSE ramp*2 END WHERE name=? AND (failures>0 OR ramp IS NOT NULL)"
    " AND (open_until IS NULL OR open_until<=?)"
)
_WAKE = (
    "UPDATE message SET due_at=? WHERE state='received' AND crashes=0 AND kind='document' AND due_at>?"
    " AND cause=? AND facts LIKE ?"
)
_RESUMED = "UPDATE endpoint SET open_until=NULL, cause='', detail='', changed_at=? WHERE name=?"
_LIMITS = (
    "INSERT INTO endpoint (name, max_concurrent, per_second, burst, changed_at) VALUES (?,?,?,?,?)"
    " ON CONFLICT (name) DO UPDATE SET max_concurrent=excluded.max_concurrent, per_second=excluded.per_second,"
    " burst=excluded.burst, tokens=NULL, refilled_at=NULL, changed_at=excluded.changed_at"
)
_PARKED = (
    SELECT_MESSAGE + " WHERE state='received' AND crashes=0 AND kind='delivery' AND endpoint=?"
    " ORDER BY due_at, id LIMIT ?"
)
_OPEN_UNTIL = "SELECT open_until FROM endpoint WHERE name=?"
_FAILURES = "SELECT failures FROM endpoint WHERE name=?"


class Limits:
    """The part of a change that deals with endpoints."""

    _unit: Unit

    def endpoint_failures(self, endpoint: str) -> int:
        """How often it failed in a row, by which the caller reckons the next pause."""
        row = self._unit.db.row(_FAILURES, (endpoint,))
        return int(row[0]) if row else 0

    def endpoint_open_until(self, endpoint: str) -> float | None:
        """Nothing is claimed for it before; None where it is in use."""
        row = self._unit.db.row(_OPEN_UNTIL, (endpoint,))
        return None if row is None or row[0] is None else float(row[0])

    def endpoint_failed(
        self, endpoint: str, *, open_until: float | None, cause: str = "", detail: str = ""
    ) -> float | None:
        """It could not be reached. Until when nothing is claimed for it; None where it stays in use.

        ``open_until``: nothing is claimed for it before (the caller reckons backoff and jitter); then one delivery is
        tried, and after each success twice as many. None: it counts, but the endpoint stays in use. While nothing is
        claimed for it anyway, what was on its way and fails too counts for nothing.
        """
        ramp = None if open_until is None else 1
        until = None if open_until is None else float(open_until)
        values = (endpoint, until, ramp, printable(cause), printable(detail), self._unit.now)
        self._unit.db.run(_FAILED, values)
        return self.endpoint_open_until(endpoint)

    def pause_endpoint(self, endpoint: str, until: float, *, cause: str, detail: str) -> None:
        """Nothing is claimed for it before, though it did not fail; afterwards it begins slowly."""
        self._unit.db.run(_PAUSED, (endpoint, float(until), printable(cause), printable(detail), self._unit.now))

    def resume_endpoint(self, endpoint: str) -> None:
        """A pause is over before its time."""
        self._unit.db.run(_RESUMED, (self._unit.now, endpoint))

    def endpoint_succeeded(self, endpoint: str) -> bool:
        """It answered: the breaker closes, and documents that wait to ask it are due. False when there was nothing to
        close, or a pause has begun meanwhile."""
        now = self._unit.now
        if self._unit.db.run(_SUCCEEDED, (now, _FULL_SPEED, endpoint, now)) != 1:
            return False
        self._wake(endpoint, "unreachable")
        return True

    def take_turn(self, endpoint: str) -> float:
        """When a call may be made to it, by its rate: now, or a moment that nobody else will be given."""
        return turn(self._unit.db, endpoint, self._unit.now)

    def parked(self, endpoint: str, *, limit: int) -> list[Message]:
        """Deliveries that wait for it, those that are due longest first, kept so until commit."""
        db = self._unit.db
        return [to_message(row) for row in db.rows(_PARKED + db.skip_locked, (endpoint, limit))]

    def set_endpoint_limits(
        self,
        endpoint: str,
        *,
        max_concurrent: int | None = None,
        per_second: float | None = None,
        burst: int | None = None,
    ) -> None:
        """How many workers may deliver to it at once, and how many deliveries or questions a second may begin; None: no
        limit. Documents that wait for their turn to ask it take a new one."""
        rate = None if per_second is None else float(per_second)
        self._unit.db.run(_LIMITS, (endpoint, max_concurrent, rate, burst, self._unit.now))
        self._wake(endpoint, "throttled")

    def _wake(self, endpoint: str, cause: str) -> None:
        """Documents that could not ask it are due."""
        now = self._unit.now
        self._unit.db.run(_WAKE, (now, now, cause, f'%"endpoint":"{endpoint}"%'))
