"""Orders as the ledger keeps them, read and written within one change; their steps are rows of their own."""

from __future__ import annotations

from collections.abc import Collection

from hub.ledger import Change
from hub.orders.state import OrderState, Step

__all__ = ["Book"]


class Book:
    """The orders of one change; what was loaded is saved under the version it was loaded with."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._versions: dict[str, int | None] = {}
        self._states: dict[str, OrderState | None] = {}

    def fetch(self, keys: Collection[str]) -> None:
        """Load several orders at once; asked for later, they are at hand."""
        found = self._change.load_orders(keys)
        for key in keys:
            row = found.get(key)
            self._versions[key] = row.version if row else None
            self._states[key] = OrderState.model_validate(row.data) if row else None

    def load(self, key: str) -> OrderState | None:
        """The order as it is now, locked to commit; None where there is none."""
        if key not in self._states:
            self.fetch((key,))
        state = self._states[key]
        return state.model_copy(update={"steps": ()}) if state and state.steps else state

    def save(self, state: OrderState, data: str = "") -> None:
        """Write the order, and its steps since it was loaded. ``data``: its JSON, where it is known.

        Raises KeyConflict, at the end of the change at the latest, where another change has written it since.
        """
        self._versions[state.key] = self._change.save_order(
            state.key,
            partner=state.partner,
            po=state.order.id,
            state=state.stage.value,
            data=data or state.as_json(),
            expected_version=self._versions.get(state.key),
        )
        self._states[state.key] = state
        self._change.add_steps(
            state.key, ((step.at.timestamp(), step.what, step.detail, step.message) for step in state.steps)
        )

    def note(self, key: str, step: Step) -> None:
        """Add a step to an order and leave all else as it is."""
        self._change.add_steps(key, ((step.at.timestamp(), step.what, step.detail, step.message),))
