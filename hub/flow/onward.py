"""Documents of a file that can be carried out in the commit that puts them on record, without a claim of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hub.canonical import Canonical, Order
from hub.contracts.route import Route
from hub.errors import Misconfigured
from hub.flow.desk import Desk
from hub.flow.document import Ready, route_of
from hub.flow.entries import Entry
from hub.flow.thought import Thought, think_ahead
from hub.ledger.message import Message, NewMessage, State, Stored

__all__ = ["Onward", "onward_of"]

DOCUMENTS_MAX = 100
"""Of one file; those behind are claimed and shared out as usual, so that no commit keeps others waiting for long."""


class Onward(NamedTuple):
    """What is known of such a document before it is on record."""

    canonical: Canonical
    route: Route | None
    ahead: Thought | None

    def ready(self, message: Message) -> Ready:
        """The same, once it is on record and begun."""
        return Ready(message, self.canonical, self.route, ahead=self.ahead)


def onward_of(desk: Desk, documents: Sequence[NewMessage], entries: Sequence[Entry]) -> Mapping[str, Onward]:
    """By message id: those that nothing stops so far and that need no answer from elsewhere."""
    onward: dict[str, Onward] = {}
    for new, entry in zip(documents, entries, strict=True):
        found = _onward(desk, new, entry) if new.state is State.RECEIVED else None
        if found is not None:
            onward[new.id] = found
        if len(onward) == DOCUMENTS_MAX:
            break
    return onward


def _onward(desk: Desk, new: NewMessage, entry: Entry) -> Onward | None:
    canonical = entry.reading.message if entry.reading else None
    if canonical is None:
        return None
    try:
        route = route_of(desk, canonical)
    except Misconfigured:
        return None  # the stage of documents tells it
    if route is not None and route.ask is not None:
        return None
    text = new.reading.data if isinstance(new.reading, Stored) else None
    ahead = think_ahead(desk, new.id, canonical, route, new.partner, text)
    return None if ahead is None and isinstance(canonical, Order) else Onward(canonical, route, ahead)
