"""Questions that the page, the API and the command ask alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from hub.errors import Misconfigured, NotFound
from hub.flow.replay_selection import Selection
from hub.ledger.message import AT_REST, Kind, Message, State
from hub.ledger.reading import Found
from hub.ledger.records import Event, Filter, Obligation, OrderRow, OrderStep, Page
from hub.web.waiting import waiting_obligations

if TYPE_CHECKING:
    from hub.ledger import Ledger

__all__ = [
    "TALLY",
    "family",
    "find_messages",
    "find_order",
    "message_filter",
    "orders_page",
    "selection",
    "states_of",
    "totals",
]

E = TypeVar("E", bound=StrEnum)

TALLY = ("received", *sorted(state.value for state in AT_REST), "in_flight")


def message_filter(
    *,
    state: str = "",
    kind: str = "",
    type: str = "",  # noqa: A002  the field's own name
    partner: str = "",
    endpoint: str = "",
    cause: str = "",
    order: str = "",
    since: str | float = "",
    until: str | float = "",
) -> Filter:
    """A filter from words. ``state`` may be several with commas; ``since``, ``until``: when it came, ``2026-11-25`` or
    ``2026-11-25T08:00Z`` (UTC without offset), or seconds since 1970. Raises Misconfigured for a word that is none."""
    return Filter(
        states=states_of(state),
        kind=_word(Kind, kind, "kind") if kind else None,
        type=type,
        partner=partner,
        endpoint=endpoint,
        cause=cause,
        order_key=order,
        created_from=_seconds(since),
        created_until=_seconds(until),
    )


def find_messages(ledger: Ledger, which: Filter, *, search: str = "", limit: int, cursor: str | None) -> Found:
    """A page of messages that match; with ``search`` those with this business key, and the orders it leads to.

    Raises Misconfigured for a cursor that no page gave.
    """
    if cursor is not None:
        _require_page(ledger, cursor)
    if search.strip():
        return ledger.search(search, which, limit=limit, cursor=cursor)
    page = ledger.messages(which, limit=limit, cursor=cursor)
    return Found(page.items, (), page.cursor)


def states_of(words: str) -> frozenset[State]:
    """States named with commas between them. Raises Misconfigured for a word that is none."""
    return frozenset(_word(State, word, "state") for word in words.split(",") if word)


def selection(
    *,
    state: str = "",
    kind: str = "",
    type: str = "",  # noqa: A002  the field's own name
    partner: str = "",
    endpoint: str = "",
    cause: str = "",
    group: str = "",
    since: float | None = None,
    until: float | None = None,
) -> Selection:
    """Which messages a replay of many takes, from words. Raises Misconfigured as `message_filter`."""
    return Selection(
        states=states_of(state),
        kind=_word(Kind, kind, "kind") if kind else None,
        type=type,
        partner=partner,
        endpoint=endpoint,
        cause=cause,
        group=group,
        since=since,
        until=until,
    )


def family(ledger: Ledger, message_id: str) -> tuple[Message, list[Event], list[Message], list[Message]]:
    """A message, its events, the messages that came of it and its replays. Raises NotFound."""
    message = ledger.message(message_id)
    return message, ledger.events(message_id), ledger.children(message_id), ledger.replays(message_id)


def totals(ledger: Ledger) -> dict[str, int]:
    """How many messages were ``received``, are ``in_flight``, and stand in each state at rest; of all kinds (P3)."""
    kinds = ledger.counts().values()
    return {name: sum(counts.get(name, 0) for counts in kinds) for name in TALLY}


def orders_page(ledger: Ledger, *, limit: int, cursor: str | None) -> Page[OrderRow]:
    """Orders, newest first. Raises Misconfigured for a cursor that no page gave."""
    try:
        return ledger.orders(limit=limit, cursor=cursor)
    except ValueError:
        raise Misconfigured(f"{cursor!r} is no cursor of a list of orders.", fix="Begin without one.") from None


def find_order(ledger: Ledger, number: str) -> tuple[OrderRow, list[Obligation], list[OrderStep], Mapping[str, str]]:
    """An order by ``partner:PO``, or by PO number where only one partner uses it.

    With it what is or was due on it, what happened, and why something that is due cannot happen yet.

    Raises NotFound, and Misconfigured where several partners use the number.
    """
    try:
        rows: Sequence[OrderRow] = (ledger.order(number),)
    except NotFound:
        rows = ledger.orders(po=number).items if number.strip() else ()
    if not rows:
        raise NotFound(f"There is no order {number}.", fix="`crossdock orders` lists them.")
    if len(rows) > 1:
        keys = ", ".join(row.key for row in rows)
        raise Misconfigured(f"Several partners have an order {number}.", fix=f"Name one of them: {keys}.")
    key = rows[0].key
    return rows[0], ledger.obligations(order_key=key), ledger.steps(key), waiting_obligations(ledger, key)


def _require_page(ledger: Ledger, cursor: str) -> None:
    try:
        ledger.message(cursor)
    except NotFound:
        raise Misconfigured(f"{cursor!r} is no cursor of a list of messages.", fix="Begin without one.") from None


def _seconds(text: str | float) -> float | None:
    if isinstance(text, float):
        return text
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Misconfigured(f"{text!r} is no time.", fix="Write 2026-11-25 or 2026-11-25T08:00Z.") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _word(words: type[E], word: str, name: str) -> E:
    try:
        return words(word)
    except ValueError:
        allowed = ", ".join(entry.value for entry in words)
        raise Misconfigured(f"{word!r} is no {name}.", fix=f"Use one of: {allowed}.") from None
