"""How a page of messages is found: which index each part of a filter goes by, so that no page reads the whole table.

Messages in flight and messages at rest are looked up apart and merged: what is in flight is little and changes, what is
at rest is much and stays, so its indexes are written once a message. Those of partner, type, endpoint and cause also
hold whatever else can be asked for, so that what does not match is passed over without reading its row. A business key
is looked up kind by kind, because within one kind its messages stand in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hub.clock import id_bound
from hub.ledger.message import AT_REST, IN_FLIGHT, State
from hub.ledger.records import Filter
from hub.ledger.rows import MESSAGE_COLUMNS

__all__ = ["KINDS_OF_KEY", "page_statement"]

KINDS_OF_KEY = (
    "WITH RECURSIVE found(kind) AS (SELECT min(kind) FROM search_key WHERE value=?"
    " UNION ALL SELECT (SELECT min(s.kind) FROM search_key s WHERE s.value=? AND s.kind>found.kind) FROM found"
    " WHERE found.kind IS NOT NULL) SELECT kind FROM found WHERE kind IS NOT NULL"
)
"""The kinds of key that a value is, each found by one look into the index; the value twice."""
_PAGE = "SELECT {columns} FROM message WHERE id IN ({union}) ORDER BY id DESC LIMIT {limit}"
_LANE = "SELECT * FROM ({lane}) AS lane{number}"
_NEWEST = "SELECT {order} FROM {tables} WHERE {where} ORDER BY {order} DESC LIMIT {limit}"
_DRIVERS = ("order_key", "parent", "cause", "endpoint", "type", "partner")
"""Fields with an index that begins with them and is in the order of ids."""
_OPEN = "m.state IN ('received','working')"
_REST = "m.state NOT IN ('received','working')"
_STATE = {
    State.HELD: "m.state IN ('held','rejected','dead') AND m.state='held'",
    State.REJECTED: "m.state IN ('held','rejected','dead') AND m.state='rejected'",
    State.DEAD: "m.state IN ('held','rejected','dead') AND m.state='dead'",
    State.ANSWERED: "m.state='answered'",
    State.DELIVERED: "m.state='delivered'",
}
"""Literals, and those of the partial indexes; see `hub.ledger.schema`."""
_CLOCKS_SECONDS = 86_400.0
"""Ids are made before their rows, by another clock: they tell times apart no better than this."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of SQL with the values for its marks."""

    sql: str
    values: tuple[Any, ...] = ()


def page_statement(
    which: Filter, *, limit: int, cursor: str | None, kinds: Sequence[str] = ()
) -> tuple[str, tuple[Any, ...]]:
    """The statement for at most ``limit`` rows with ids below ``cursor``, newest first, and its values.

    ``kinds``: the kinds of key that ``which.key`` is. ``limit`` is part of the text: PostgreSQL's plan for any
    limit would be one for a tenth of the table.
    """
    shared = [*_fields(which), *_times(which)]
    if cursor is not None:
        shared.append(_Part("m.id<?", (cursor,)))
    if which.key:
        lanes = [_found_by_key(which, kind, shared, limit) for kind in kinds]
    else:
        lanes = [_newest("message m", "m.id", [part, *shared], limit) for part in _parts_of_table(which)]
    union = " UNION ALL ".join(_LANE.format(lane=lane.sql, number=number) for number, lane in enumerate(lanes))
    sql = _PAGE.format(columns=MESSAGE_COLUMNS, union=union, limit=int(limit))
    return sql, tuple(value for lane in lanes for value in lane.values)


def _newest(tables: str, order: str, conditions: Iterable[_Part], limit: int) -> _Part:
    found = list(conditions)
    where = " AND ".join(part.sql for part in found)
    values = tuple(value for part in found for value in part.values)
    return _Part(_NEWEST.format(tables=tables, where=where, order=order, limit=int(limit)), values)


def _found_by_key(which: Filter, kind: str, shared: Iterable[_Part], limit: int) -> _Part:
    key = _Part("k.value=? AND k.kind=? AND m.id=k.message_id", (which.key, kind))
    states = [_Part(_any_of(which.states))] if which.states else []
    return _newest("search_key k CROSS JOIN message m", "k.message_id", [key, *shared, *states], limit)


def _parts_of_table(which: Filter) -> list[_Part]:
    """Conditions that each pick an index, and together all messages in the states asked for."""
    driven = any(getattr(which, name) for name in _DRIVERS)
    if not driven and not which.states:
        return [_Part("m.id>''")]
    states = which.states or frozenset(State)
    parts = [_Part(f"{_OPEN} AND {_any_of(states & IN_FLIGHT)}")] if states & IN_FLIGHT else []
    if not driven:
        return parts + [_Part(_STATE[state]) for state in sorted(states & AT_REST)]
    if states & AT_REST:
        parts.append(_Part(f"{_REST} AND {_any_of(states)}" if which.states else _REST))
    return parts


def _any_of(states: Iterable[State]) -> str:
    return "m.state IN ({})".format(",".join(f"'{state.value}'" for state in sorted(states)))


def _fields(which: Filter) -> list[_Part]:
    found = [(name, getattr(which, name)) for name in (*_DRIVERS, "kind")]
    parts = [_Part(f"m.{name}=?", (str(wanted),)) for name, wanted in found if wanted]
    return [*parts, _Part("m.cause<>''")] if which.cause else parts


def _times(which: Filter) -> list[_Part]:
    """By time, and by what the ids tell of it, because all indexes are in the order of ids."""
    found = []
    if which.created_from is not None:
        found.append(_Part("m.id>=?", (id_bound(which.created_from - _CLOCKS_SECONDS),)))
        found.append(_Part("m.created_at>=?", (float(which.created_from),)))
    if which.created_until is not None:
        found.append(_Part("m.id<?", (id_bound(which.created_until + _CLOCKS_SECONDS),)))
        found.append(_Part("m.created_at<?", (float(which.created_until),)))
    return found
