"""Codecs: how the text of one element becomes a canonical value, and back. Every codec is a pair.

``an``, ``r``, ``n0``, ``n2``, ``money``, ``cents``, ``percent``, ``date8``, ``gtin(12)`` and ``code(TABLE)`` are the
words of the notation. Lengths come from the release's element table; calling a codec narrows them: ``an(1, 10)``.
Formats after X12.5/X12.6: R is a decimal with an explicit point, Nn has n implied decimals, DT is CCYYMMDD.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hub.errors import Misconfigured

__all__ = ["Codec", "an", "cents", "code", "date8", "gtin", "money", "n0", "n2", "percent", "r"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """One element's text ⇄ one canonical value.

    ``kinds``: canonical types it fits. ``read``: text to value, None where the text is the value; raises ValueError.
    ``write``: value to text, None where it is ``str``; raises ValueError. ``table``: codes, one to one. ``also``:
    further codes that are understood and never written. ``others``: a code that is not in the table means itself.
    ``expects``: words for a problem. ``numeric``: sign and point do not count in its length. ``money``: the value is an
    amount, its currency the document's.
    """

    name: str
    kinds: tuple[type, ...]
    expects: str
    read: Callable[[str], Any] | None = None
    write: Callable[[Any], str] | None = None
    table: Mapping[str, Any] | None = None
    also: Mapping[str, Any] = field(default_factory=dict)
    others: bool = False
    shortest: int | None = None
    longest: int | None = None
    numeric: bool = False
    money: bool = False

    def __call__(self, shortest: int, longest: int | None = None) -> Codec:
        """The same codec with lengths of its own: ``an(1, 10)``, or ``r(15)`` for at most 15."""
        if longest is None:
            shortest, longest = 1, shortest
        return replace(self, shortest=shortest, longest=longest)

    @property
    def codes(self) -> Mapping[str, Any]:
        """Every code that is understood, with its meaning."""
        return {**(self.table or {}), **self.also}

    def to_value(self, text: str) -> Any:
        """Raises ValueError or KeyError where the text is no such value."""
        if self.table is not None:
            return self.codes.get(text, text) if self.others else self.codes[text]
        return text if self.read is None else self.read(text)

    def to_text(self, value: Any) -> str:
        """Raises ValueError or KeyError where the value has no such text."""
        if self.table is not None:
            return self.outward.get(value, value) if self.others else self.outward[value]
        return str(value) if self.write is None else self.write(value)

    @property
    def outward(self) -> Mapping[Any, str]:
        """Meaning to code."""
        return {meaning: text for text, meaning in (self.table or {}).items()}


_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def _plain(value: Decimal) -> str:
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    return text if value or text[0] != "-" else text[1:]


def _date8(text: str) -> date:
    if len(text) != 8 or not text.isdigit():
        raise ValueError(text)
    return date.fromisoformat(text)


def _date_text(value: date) -> str:
    return value.strftime("%Y%m%d") if value.year > 999 else f"{value.year:04d}{value:%m%d}"


def _integer(value: Decimal | int) -> str:
    whole = int(value)
    if whole != value:
        raise ValueError(value)
    return str(whole)


def _implied(text: str) -> Decimal:
    if not text.removeprefix("-").isdecimal():
        raise ValueError(text)
    return Decimal(text).scaleb(-2)


def _imply(value: Decimal) -> str:
    return _integer(value.scaleb(2))


def _gtin(text: str) -> str:
    if len(text) not in _GTIN_LENGTHS or not text.isdigit():
        raise ValueError(text)
    return text


def _whole(text: str) -> str:
    if not text.removeprefix("-").isdecimal():
        raise ValueError(text)
    return text


def _from_percent(text: str) -> Decimal:
    return Decimal(text).scaleb(-2)


def _to_percent(value: Decimal) -> str:
    return _plain(value.scaleb(2))


an = Codec(name="an", kinds=(str,), expects="text")
r = Codec(name="r", kinds=(Decimal,), expects="a number such as 12 or 9.95", write=_plain, numeric=True)
n0 = Codec(name="n0", kinds=(Decimal, int), expects="a whole number", read=_whole, write=_integer, numeric=True)
n2 = Codec(
    name="n2",
    kinds=(Decimal,),
    expects="digits with two implied decimals: 12328 is 123.28",
    read=_implied,
    write=_imply,
    numeric=True,
)
money = replace(r, name="money", expects="an amount such as 9.95", money=True)
cents = replace(n2, name="cents", money=True)
percent = Codec(
    name="percent",
    kinds=(Decimal,),
    expects="a percentage such as 8.25",
    read=_from_percent,
    write=_to_percent,
    numeric=True,
)
date8 = Codec(name="date8", kinds=(date,), expects="a date as CCYYMMDD", read=_date8, write=_date_text)


def gtin(length: int) -> Codec:
    """A GTIN that is written with this many digits; read, one of any length is taken, whatever its qualifier says.

    Writing raises ValueError where the number needs more digits, so that the next alternative of `pairs` is tried.
    """

    def write(value: str) -> str:
        if value[:-length].strip("0"):
            raise ValueError(value)
        return value[-length:]

    return Codec(name=f"gtin({length})", kinds=(str,), expects="8, 12, 13 or 14 digits", read=_gtin, write=write)


_SHOWN = 12


def _choice(codes: list[str]) -> str:
    more = f", … ({len(codes)} codes)" if len(codes) > _SHOWN else ""
    return "one of " + ", ".join(codes[:_SHOWN]) + more


def code(table: Mapping[str, Any], *, also: Mapping[str, Any] | None = None, others: bool = False) -> Codec:
    """Codes and what they mean, one to one; ``also``: codes that are read as one of the meanings and never written;
    ``others``: a code outside the table stands for itself.

    Raises Misconfigured where two codes of the table mean the same, or an alias means nothing that can be written.
    """
    also = dict(also or {})
    meanings = list(table.values())
    twice = [meaning for index, meaning in enumerate(meanings) if meaning in meanings[:index]]
    if twice:
        raise Misconfigured(
            f"a code table is not one to one: {', '.join(map(str, twice))} has several codes",
            fix="keep the code that is written, and move the others to also=",
        )
    loose = [text for text, meaning in also.items() if meaning not in meanings or text in table]
    if loose:
        raise Misconfigured(
            f"aliases {', '.join(loose)} of a code table must mean something that the table itself has a code for",
            fix="correct also=",
        )
    kinds = tuple({type(meaning) for meaning in meanings})
    return Codec(
        name="code",
        kinds=kinds,
        expects=_choice([*table, *also]),
        table=MappingProxyType(dict(table)),
        also=MappingProxyType(also),
        others=others,
    )
