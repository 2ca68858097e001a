"""Orders and what is due for them, inside one change."""

from __future__ import annotations

from collections.abc import Iterable

from hub.ledger.chain import key_text, printable
from hub.ledger.records import OrderRow
from hub.ledger.rows import json_object
from hub.ledger.transaction import Row
from hub.ledger.unit import Unit

__all__ = ["SELECT_ORDER", "Orders", "to_order"]

SELECT_ORDER = "SELECT key, partner, po, state, data, version, created_at, changed_at FROM customer_order"
_CLOSE = "UPDATE obligation SET closed_at=?, closed_by=? WHERE order_key=? AND what=? AND closed_at IS NULL"


class Orders:
    """The part of a change that deals with orders and obligations."""

    _unit: Unit

    def load_orders(self, keys: Iterable[str]) -> dict[str, OrderRow]:
        """Orders as they are now, kept so until commit; those that do not exist are left out."""
        wanted = sorted(map(key_text, set(keys)))
        if not wanted:
            return {}
        self._unit.flush_orders()
        db = self._unit.direct
        rows = db.among(SELECT_ORDER + " WHERE key IN (*) ORDER BY key" + db.lock, wanted)
        return {row[0]: to_order(row) for row in rows}

    def save_order(
        self, key: str, *, partner: str, po: str, state: str, data: str, expected_version: int | None
    ) -> int:
        """Writes an order; its new version. ``data``: its JSON. ``expected_version``: the one that was loaded, None for
        a new order.

        KeyConflict, at the end of the change at the latest, when someone else has saved it since.
        """
        key, place = key_text(key), (printable(partner), key_text(po), state, data)
        if expected_version is None:
            self._unit.add_order(key, (key, *place, self._unit.now, self._unit.now))
        else:
            self._unit.add_saved_order(key, (*place, self._unit.now, key, expected_version))
        return (expected_version or 0) + 1

    def add_steps(self, order_key: str, steps: Iterable[tuple[float, str, str, str]]) -> None:
        """What happened to an order: (seconds since 1970, what, detail, message id) each, in this order."""
        key = key_text(order_key)
        for at, what, detail, message_id in steps:
            self._unit.add_step((key, float(at), what, printable(detail), message_id))

    def open_obligation(self, order_key: str, what: str, *, due_at: float, message_id: str, partner: str = "") -> None:
        """Something must happen until ``due_at``. Nothing changes when it is open, or this message opened it before."""
        now = self._unit.now
        self._unit.add_obligation((key_text(order_key), what, printable(partner), float(due_at), now, message_id))

    def close_obligation(self, order_key: str, what: str, *, message_id: str) -> bool:
        """It has happened, by this message. False when it was not open."""
        self._unit.flush_obligations()
        return self._unit.direct.run(_CLOSE, (self._unit.now, message_id, key_text(order_key), what)) == 1


def to_order(row: Row) -> OrderRow:
    """A row selected with `SELECT_ORDER`."""
    return OrderRow(
        key=row[0],
        partner=row[1],
        po=row[2],
        state=row[3],
        data=json_object(row[4]),
        version=row[5],
        created_at=row[6],
        changed_at=row[7],
    )
