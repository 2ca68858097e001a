"""SQLite takes many rows in one statement, so that the writer lets go of the interpreter once for all of them and not
once for each: whenever it does, another thread may keep it waiting for milliseconds, and all other writers with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, count
from typing import Any

from hub.ledger.transaction import Row

__all__ = ["in_one"]

_MOST = 64
"""Rows in one statement; fewer come in halves of it, so that there are few statements to keep prepared."""
_VALUES = re.compile(r"VALUES (\([^()]*\))")


def in_one(sql: str, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, Row]]:
    """Statements and their values, that together do what ``sql`` does once per row. No two rows of an UPDATE may mean
    the same one."""
    at = 0
    while at < len(rows):
        size = min(_MOST, 1 << (len(rows) - at).bit_length() - 1)
        part = rows[at : at + size]
        yield _of(sql, size), tuple(chain.from_iterable(part))
        at += size


@lru_cache(maxsize=512)
def _of(sql: str, size: int) -> str:
    if size == 1:
        return sql
    found = _VALUES.search(sql)
    if found is not None:
        return sql[: found.end()] + f",{found[1]}" * (size - 1) + sql[found.end() :]
    numbers = count(1)
    asked = re.sub(r"\?", lambda _: f"r.column{next(numbers)}", sql)
    row = f"({','.join('?' * (next(numbers) - 1))})"
    return asked.replace(" WHERE ", f" FROM (VALUES {','.join([row] * size)}) AS r WHERE ", 1)
