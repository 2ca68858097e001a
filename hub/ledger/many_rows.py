"""PostgreSQL takes many rows in one statement, as one array for each column: a fraction of the cost of a statement for
each.

``INSERT INTO t (a, b) VALUES (?,0) …`` becomes ``INSERT INTO t (a, b) SELECT r.a, 0 FROM unnest(…) AS r (a) …``; rows
go in in the order given (https://www.postgresql.org/docs/current/functions-array.html). ``UPDATE t SET a=?, b=0 WHERE
id=? …`` becomes ``UPDATE t SET a=r.a, b=0 FROM unnest(…) AS r (a, k_id) WHERE t.id=r.k_id …``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hub.ledger.arrays import Array, array_of
from hub.ledger.schema import metadata

__all__ = ["Whole", "whole"]

_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(([?\d', ]+)\)")
_UPDATE = re.compile(r"UPDATE (\w+) SET (.+) WHERE ([^()]+)$")
_PART = re.compile(r"(\w+)=(\?|\d+|'\w*'|NULL|\w+\.\w+\+1)")
"""A column, and its value: a mark, a literal, or a number of the table, which is named, one higher."""

Parts = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Whole:
    """``statement`` takes an array for each column that is given, as ``arrays`` make them."""

    statement: str
    arrays: Sequence[Callable[[Sequence[Any]], Array]]

    def values(self, rows: Sequence[Sequence[Any]]) -> list[Array]:
        """Rows as the arrays that the statement takes."""
        columns = zip(*rows, strict=True) if rows else [()] * len(self.arrays)
        return [array(column) for array, column in zip(self.arrays, columns, strict=True)]


@lru_cache(maxsize=128)
def whole(sql: str) -> Whole | None:
    """The statement that does what ``sql`` does once per row; None where ``sql`` is neither a plain INSERT into nor a
    plain UPDATE of a table of the ledger.

    No two rows may mean the same one, where they change one that is there.
    """
    if (found := _INSERT.match(sql)) and found[1] in metadata.tables:
        parts = list(zip(found[2].split(", "), re.split(", ?", found[3]), strict=True))
        return _insert(found[1], parts, sql[found.end() :])
    if (found := _UPDATE.match(sql)) and found[1] in metadata.tables:
        set_, where = _parts(found[2].split(", ")), _parts(found[3].split(" AND "))
        return _update(found[1], set_, where) if set_ and where else None
    return None


def _insert(table: str, parts: Parts, rest: str) -> Whole:
    names = ", ".join(name for name, _ in parts)
    taken = ", ".join(f"r.{name}" if value == "?" else value for name, value in parts)
    rows = _rows([name for name, value in parts if value == "?"])
    statement = f"INSERT INTO {table} ({names}) SELECT {taken} FROM {rows}{rest.replace('%', '%%')}"  # noqa: S608 - our own statement
    return Whole(statement, _arrays(table, parts))


def _update(table: str, set_: Parts, where: Parts) -> Whole:
    new = ", ".join(f"{name}={value if value != '?' else f'r.{name}'}" for name, value in set_)
    found = " AND ".join(f"{table}.{name}={value if value != '?' else f'r.k_{name}'}" for name, value in where)
    given = [name for name, value in set_ if value == "?"] + [f"k_{name}" for name, value in where if value == "?"]
    statement = f"UPDATE {table} SET {new} FROM {_rows(given)} WHERE {found}"  # noqa: S608 - our own statement
    return Whole(statement, _arrays(table, [*set_, *where]))


def _rows(columns: Sequence[str]) -> str:
    return f"unnest({', '.join(['%b'] * len(columns))}) AS r ({', '.join(columns)})"


def _arrays(table: str, parts: Parts) -> list[Callable[[Sequence[Any]], Array]]:
    columns = metadata.tables[table].columns
    return [array_of(columns[name].type) for name, value in parts if value == "?"]


def _parts(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Columns and values; none where one of them is anything else."""
    found = [_PART.fullmatch(text) for text in texts]
    return [] if None in found else [(part[1], part[2]) for part in found if part]
