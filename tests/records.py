"""Short ways to put things on record in a hub's ledger."""

from __future__ import annotations

from typing import Any

from hub.clock import SystemClock, TimeIds
from hub.ledger import Change, Kind, Ledger, NewMessage, State
from hub.orders.state import OrderState

__all__ = ["Records"]


class Records:
    """Messages and orders in any state, as the stages would have left them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._ids = TimeIds(SystemClock())

    def message(self, state: State = State.DELIVERED, *, payload: bytes = b"", **fields: Any) -> str:
        """A message in a state; its id."""
        values: dict[str, Any] = {"kind": Kind.DOCUMENT, "type": "850", "partner": "bigbox", **fields}
        if payload:
            values["payload"] = self.ledger.store(payload)
        new = NewMessage(id=self._ids.new(), state=state, **values)
        self.ledger.write(lambda change: change.insert(new))
        return new.id

    def order(self, state: OrderState) -> None:
        """An order as `hub.orders` keeps it."""

        def work(change: Change) -> None:
            change.save_order(
                state.key,
                partner=state.partner,
                po=state.order.id,
                state=state.stage.value,
                data=state.model_dump_json(exclude_none=True),
                expected_version=None,
            )

        self.ledger.write(work)
