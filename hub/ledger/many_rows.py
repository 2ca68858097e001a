"""PostgreSQL takes many rows in one statement, as one JSON text: a fraction of the cost of a statement for each. Rows
with bytes, which JSON would make twice as long, go as an array for each column.

``INSERT INTO t (a, b) VALUES (?,0) …`` becomes ``INSERT INTO t (a, b) SELECT r.a,0 FROM
json_populate_recordset(NULL::t, …) AS r …``: the table itself says the types, and rows go in in the order given
(https://www.postgresql.org/docs/current/functions-json.html). ``UPDATE t SET a=?, b=0 WHERE id=? …`` becomes ``UPDATE t
SET a=r.a, b=0 FROM … WHERE t.id=k.id …``, each row being two records: what is set, and by what it is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Double, LargeBinary, Text

from hub.ledger.schema import metadata

__all__ = ["Whole", "whole"]

_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(([?\d', ]+)\)")
_UPDATE = re.compile(r"UPDATE (\w+) SET (.+) WHERE ([^()]+)$")
_PART = re.compile(r"(\w+)=(\?|\d+|'\w*'|NULL|\w+\.\w+\+1)")
"""A column, and its value: a mark, a literal, or a number of the table, which is named, one higher."""
_EACH = (
    "json_array_elements(%s::json) AS row, json_populate_record(NULL::{table}, row->0) AS r,"
    " json_populate_record(NULL::{table}, row->1) AS k"
)


_ARRAYS = ((LargeBinary, "bytea[]"), (Text, "text[]"), (BigInteger, "int8[]"), (Double, "float8[]"))


@dataclass(frozen=True, slots=True)
class Columns:
    """``statement`` takes an array for each column."""

    statement: str

    def values(self, rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Rows as the arrays that the statement takes."""
        return [list(column) for column in zip(*rows, strict=True)]


@dataclass(frozen=True, slots=True)
class Whole:
    """``statement`` takes one JSON text. ``columns``: those it takes of each row, and for an UPDATE ``keys``, by which
    it finds the row."""

    statement: str
    columns: Sequence[str]
    keys: Sequence[str] | None = None

    def values(self, rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Rows as the JSON that the statement takes."""
        if self.keys is None:
            records: list[Any] = [dict(zip(self.columns, row, strict=True)) for row in rows]
        else:
            at = len(self.columns)
            records = [
                (dict(zip(self.columns, row[:at], strict=True)), dict(zip(self.keys, row[at:], strict=True)))
                for row in rows
            ]
        return (orjson.dumps(records).decode(),)


@lru_cache(maxsize=128)
def whole(sql: str) -> Whole | Columns | None:
    """The statement that does what ``sql`` does once per row; None where ``sql`` is neither a plain INSERT nor a plain
    UPDATE.

    No two rows may mean the same one, where they change one that is there.
    """
    if found := _INSERT.match(sql):
        make = _insert_columns if _has_bytes(found[1]) else _insert
        return make(found[1], found[2], found[3], sql[found.end() :])
    if found := _UPDATE.match(sql):
        set_, where = _parts(found[2].split(", ")), _parts(found[3].split(" AND "))
        return _update(found[1], set_, where) if set_ and where else None
    return None


def _insert(table: str, columns: str, marks: str, rest: str) -> Whole:
    names, values = columns.split(", "), re.split(", ?", marks)
    taken = [f"r.{name}" if value == "?" else value for name, value in zip(names, values, strict=True)]
    rows = f"SELECT {', '.join(taken)} FROM json_populate_recordset(NULL::{table}, %s::json) AS r"  # noqa: S608 - our own statement
    given = [name for name, value in zip(names, values, strict=True) if value == "?"]
    return Whole(f"INSERT INTO {table} ({columns}) {rows}{rest.replace('%', '%%')}", given)


def _has_bytes(table: str) -> bool:
    return table in metadata.tables and any(isinstance(one.type, LargeBinary) for one in metadata.tables[table].columns)


def _insert_columns(table: str, columns: str, marks: str, rest: str) -> Columns:
    names, values = columns.split(", "), re.split(", ?", marks)
    given = [name for name, value in zip(names, values, strict=True) if value == "?"]
    taken = ", ".join(name if value == "?" else value for name, value in zip(names, values, strict=True))
    arrays = ", ".join(f"%b::{_array(table, name)}" for name in given)
    rows = f"SELECT {taken} FROM unnest({arrays}) AS r ({', '.join(given)})"  # noqa: S608 - our own statement
    return Columns(f"INSERT INTO {table} ({columns}) {rows}{rest.replace('%', '%%')}")


def _array(table: str, column: str) -> str:
    type_ = metadata.tables[table].columns[column].type
    return next(name for kind, name in _ARRAYS if isinstance(type_, kind))


def _parts(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Columns and values; none where one of them is anything else."""
    found = [_PART.fullmatch(text) for text in texts]
    return [] if None in found else [(part[1], part[2]) for part in found if part]


def _update(table: str, set_: Sequence[tuple[str, str]], where: Sequence[tuple[str, str]]) -> Whole:
    new = ", ".join(f"{name}={value if value != '?' else f'r.{name}'}" for name, value in set_)
    found = " AND ".join(f"{table}.{name}={value if value != '?' else f'k.{name}'}" for name, value in where)
    statement = f"UPDATE {table} SET {new} FROM {_EACH.format(table=table)} WHERE {found}"  # noqa: S608 - our own statement
    columns, keys = ([name for name, value in parts if value == "?"] for parts in (set_, where))
    return Whole(statement, columns, keys)
