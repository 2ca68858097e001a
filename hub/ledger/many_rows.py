"""PostgreSQL takes many rows in one statement, as one JSON text: a fraction of the cost of a statement for each.

``INSERT INTO t (a, b) VALUES (?,0) …`` becomes ``INSERT INTO t (a, b) SELECT r.a,0 FROM
json_populate_recordset(NULL::t, …) AS r …``: the table itself says the types, and rows go in in the order given
(https://www.postgresql.org/docs/current/functions-json.html).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

__all__ = ["as_json", "from_json"]

_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(([?\d', ]+)\)")


@lru_cache(maxsize=128)
def from_json(sql: str) -> tuple[str, tuple[str, ...]] | None:
    """The statement that takes one JSON text, and the columns it takes from it; None for what is no plain INSERT.

    With ON CONFLICT DO UPDATE no two rows may have the same key.
    """
    found = _INSERT.match(sql)
    if found is None:
        return None
    table, names, values = found[1], found[2].split(", "), re.split(", ?", found[3])
    taken = [f"r.{name}" if value == "?" else value for name, value in zip(names, values, strict=True)]
    rows = f"SELECT {', '.join(taken)} FROM json_populate_recordset(NULL::{table}, %s::json) AS r"  # noqa: S608 - our own statement
    columns = tuple(name for name, value in zip(names, values, strict=True) if value == "?")
    return f"INSERT INTO {table} ({found[2]}) {rows}{sql[found.end() :].replace('%', '%%')}", columns


def as_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as the JSON that `from_json` takes; bytes as PostgreSQL writes them."""
    return orjson.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=_hex).decode()


def _hex(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return "\\x" + value.hex()
    raise TypeError(f"{type(value).__name__} is not a value of the ledger")
