"""Business keys, search keys and control numbers, inside one change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.ledger.chain import key_text
from hub.ledger.records import Taken
from hub.ledger.unit import Unit

__all__ = ["Keys"]

_TAKE = "INSERT INTO business_key (scope, key, fingerprint, message_id, at) VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING"
_TAKE_OVER = "UPDATE business_key SET fingerprint=?, message_id=?, at=? WHERE scope=? AND key=? AND at<?"
_HOLDER = "SELECT fingerprint, message_id FROM business_key WHERE scope=? AND key=?"
_NEXT = (
    "INSERT INTO control_number (name, value, rounds) VALUES"
    " (?,1+(SELECT COALESCE(sum(numbers),0) FROM restoration),0) ON CONFLICT (name) DO UPDATE SET"
    " value=CASE WHEN control_number.value>=? THEN 1 ELSE control_number.value+1 END,"
    " rounds=control_number.rounds+CASE WHEN control_number.value>=? THEN 1 ELSE 0 END RETURNING value"
)


class Keys:
    """The part of a change that deals with keys and numbers."""

    _unit: Unit

    def take_key(self, scope: str, key: str, fingerprint: str, message_id: str, *, since: float | None = None) -> Taken:
        """Claims a business key for a message (P2): ``("order", "bigbox/4711")``. At most one message ever has it.

        ``fingerprint``: hash of the content that matters; another one under the same key is a conflict to be shown.
        Taking the same key for the same message again is no conflict. ``since``: one that was taken before is free.
        """
        scope, key = key_text(scope), key_text(key)
        db = self._unit.direct
        if db.run(_TAKE, (scope, key, fingerprint, message_id, self._unit.now)) == 1:
            return Taken(None, True)
        if since is not None and db.run(_TAKE_OVER, (fingerprint, message_id, self._unit.now, scope, key, since)) == 1:
            return Taken(None, True)
        row = db.row(_HOLDER, (scope, key))
        if row is None:  # its holder has let go of it between the two statements
            return self.take_key(scope, key, fingerprint, message_id, since=since)
        return Taken(None if row[1] == message_id else row[1], row[0] == fingerprint)

    def take_keys(self, wanted: Sequence[tuple[str, str, str, str]]) -> set[str]:
        """As `take_key` for several at once: (scope, key, fingerprint, message id) each. Ids of those that have their
        key by this; `take_key` tells of each other one who has it."""
        rows = [(key_text(scope), key_text(key), *rest, self._unit.now) for scope, key, *rest in wanted]
        rows.sort(key=lambda row: row[:2])
        return {row[0] for row in self._unit.direct.returned(_TAKE + " RETURNING message_id", rows)}

    def give_key(self, scope: str, key: str, message_id: str) -> bool:
        """Lets go of a business key that this message holds, so that its replay may take it; False when it does not."""
        sql = "DELETE FROM business_key WHERE scope=? AND key=? AND message_id=?"
        return self._unit.direct.run(sql, (key_text(scope), key_text(key), message_id)) == 1

    def add_search_keys(self, message_id: str, order_key: str | None, keys: Iterable[tuple[str, str]]) -> None:
        """Makes a message findable: ``("po", "4711")``, ``("invoice", …)``, ``tracking``, ``isa13``, ``sscc``, …

        Values are trimmed; empty ones are left out.
        """
        order_key = key_text(order_key) if order_key else None
        for kind, value in keys:
            text = key_text(value.strip())
            if text:
                self._unit.add_search_key((text, kind, message_id, order_key))

    def orders_found(self, kind: str, value: str) -> list[str]:
        """Keys of the orders a search key leads to, sorted: one, none, or several where partners share a number."""
        sql = "SELECT DISTINCT order_key FROM search_key WHERE value=? AND kind=? AND order_key IS NOT NULL ORDER BY 1"
        return [row[0] for row in self._unit.db.rows(sql, (key_text(value.strip()), kind))]

    def found(self, kind: str, value: str) -> list[str]:
        """Ids of the messages that a search key leads to, sorted."""
        sql = "SELECT DISTINCT message_id FROM search_key WHERE value=? AND kind=? ORDER BY 1"
        return [row[0] for row in self._unit.db.rows(sql, (key_text(value.strip()), kind))]

    def next_number(self, sequence: str, *, maximum: int) -> int:
        """The next number of a sequence, from 1 (after a restore, from behind those that were left out); after
        ``maximum`` it begins at 1 again (and counts the round).

        Nobody else can get the same one: the row stays locked until commit, which is why all that was gathered is
        written before. A change that rolls back gives its number back, because nothing was sent under it.
        """
        row = self._unit.db.row(_NEXT, (sequence, maximum, maximum))
        assert row is not None
        return int(row[0])
