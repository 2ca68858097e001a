"""Codecs of JSON documents: one JSON value ⇄ one canonical value, each a pair.

Decimals are strings in our own documents (`decimal`, `amount`) and JSON numbers in those of others (`number`,
`number_amount`); read, both forms are taken, a float never is: documents are parsed with Decimal. Dates after RFC 3339.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hub.mapping.codecs import Codec, code

__all__ = [
    "amount",
    "at",
    "date_iso",
    "decimal",
    "flag",
    "integer",
    "json_code",
    "number",
    "number_amount",
    "text",
    "word",
]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError(value)
    try:
        return Decimal(value)
    except InvalidOperation:
        raise ValueError(value) from None


def _plain(value: Decimal) -> str:
    return format(value, "f")


def _number(value: Decimal) -> Decimal:
    return Decimal(format(value, "f"))


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(value)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _same(value: Any) -> Any:
    return value


def _date(value: Any) -> date:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError(value)
    return date.fromisoformat(value)


def _at(value: Any) -> datetime:
    if not isinstance(value, str) or len(value) < 20:
        raise ValueError(value)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


def _iso(value: date | datetime) -> str:
    return value.isoformat()


text = Codec(name="text", kinds=(str,), expects="a string", read=_text)
word = Codec(name="word", kinds=(str,), expects="a string or a whole number", read=lambda v: _text(str(v)))
decimal = Codec(
    name="decimal",
    kinds=(Decimal,),
    expects='a decimal as a string, such as "12" or "9.95"',
    read=_decimal,
    write=_plain,
)
number = Codec(name="number", kinds=(Decimal,), expects="a number", read=_decimal, write=_number)  # type: ignore[arg-type]
amount = replace(decimal, name="amount", money=True)
number_amount = replace(number, name="number_amount", money=True)
integer = Codec(name="integer", kinds=(int,), expects="a whole number", read=_integer, write=_same)
flag = Codec(name="flag", kinds=(bool,), expects="true or false", read=_flag, write=_same)
date_iso = Codec(name="date", kinds=(date,), expects="a date as 2026-11-20", read=_date, write=_iso)
at = Codec(
    name="at",
    kinds=(datetime,),
    expects="a time with its offset from UTC, as 2026-11-20T15:04:05-08:00",
    read=_at,
    write=_iso,
)


def json_code(table: Mapping[str, Any], *, also: Mapping[str, Any] | None = None, others: bool = False) -> Codec:
    """Words, one to one; ``others``: a word outside the table stands for itself."""
    return code(table, also=also, others=others)
