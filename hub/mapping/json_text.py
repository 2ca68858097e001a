"""JSON bytes ⇄ values: bounded when read, exact when written.

Numbers with a point become Decimal, never float; keys that come twice, NaN, and documents too large or too deep are
refused. Decimals are written as JSON numbers digit by digit; rows that want strings write strings.
"""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any, NoReturn

import orjson

from hub.errors import BadDocument

__all__ = ["DEEPEST", "LARGEST", "dumps", "loads"]

LARGEST = 10_000_000
"""Bytes."""
DEEPEST = 64
"""Levels of nesting."""
_LONGEST_NUMBER = 64


def loads(data: bytes, *, largest: int = LARGEST, deepest: int = DEEPEST) -> Any:
    """Raises BadDocument in words for anything that is not one sound JSON document."""
    if len(data) > largest:
        raise BadDocument(f"The document has {len(data)} bytes; at most {largest} are taken.", fix="Send it in parts.")
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(
            text, parse_float=_decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=_object
        )
    except UnicodeDecodeError as error:
        raise BadDocument(f"Byte {error.start} is not UTF-8.", fix="Send JSON in UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadDocument(f"This is not JSON: {error.msg} at {where}.", fix="Send one JSON document.") from None
    except RecursionError:
        raise _too_deep(deepest) from None
    _check_depth(value, deepest)
    return value


def dumps(value: Any) -> bytes:
    """Compact UTF-8. Decimals become JSON numbers with exactly their digits."""
    return orjson.dumps(value, default=_written)


def _written(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def _decimal(digits: str) -> Decimal:
    if len(digits) > _LONGEST_NUMBER:
        raise _too_long()
    value = Decimal(digits)
    if abs(value.adjusted()) > _LONGEST_NUMBER:
        raise _too_long()
    return value


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise _too_long()
    return int(digits)


def _too_long() -> BadDocument:
    return BadDocument(f"A number has more than {_LONGEST_NUMBER} digits.", fix="Send numbers of a sensible size.")


def _constant(name: str) -> NoReturn:
    raise BadDocument(f"{name} is not JSON.", fix="Send a number, a string or null.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise BadDocument(f"The key {twice[:99]!r} stands twice in one object.", fix="Send each key once.")
    return made


def _check_depth(value: Any, deepest: int) -> None:
    level = [value]
    for _ in range(deepest + 1):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise _too_deep(deepest)


def _too_deep(deepest: int) -> BadDocument:
    return BadDocument(f"The document is nested more than {deepest} deep.", fix="Send a flatter document.")
