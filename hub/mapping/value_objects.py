"""Numbers, quantities and amounts by their text: the same few come again and again, so one value serves them all.

A `Memo` is keyed by text, not by number: 1.0 and 1.00 are equal, and not the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic_core import SchemaSerializer, SchemaValidator

from hub.canonical.gs1 import gtin14
from hub.canonical.values import Money, exact
from hub.mapping.schemas import Schemas

__all__ = ["DECIMALS", "NUMBERS", "Memo", "amounts", "digits", "number", "quantities", "value_of", "values"]

Value = Callable[[Any], Any]
_KEPT = 16_384
_SHORT = 32
_HUGE = 1 << 63
"""Larger numbers are left to pydantic: orjson does not write them."""


class Memo(dict[str, Any]):
    """What ``read`` makes of a text, ``memo[text]``; half the price of `functools.lru_cache`.

    What raises is not kept, nor are long texts; when it is full it forgets all.
    """

    __slots__ = ("_kept", "_read")

    def __init__(self, read: Callable[[Any], Any], kept: int = _KEPT) -> None:
        super().__init__()
        self._read = read
        self._kept = kept

    def __missing__(self, text: str) -> Any:
        value = self._read(text)
        if len(text) <= _SHORT:
            if len(self) >= self._kept:
                self.clear()
            self[text] = value
        return value


NUMBERS = Memo(lambda text: str(exact(text)))
number = NUMBERS.__getitem__
"""The number's own text: 1.50 stays 1.50, 007 is 7. Raises ValueError for what the canonical model does not take."""
DECIMALS = Memo(Decimal)
"""The number of a proven text."""


def digits(value: object) -> str:
    """The text of a Decimal. Raises ValueError for anything else: the text of a float is not what was meant."""
    if not isinstance(value, Decimal):
        raise ValueError(value)
    text = str(value)
    return text if len(text) < 28 and value.is_finite() and "E" not in text else number(text)


def value_of(schema: Any) -> Value:
    """Proves a value that is no object and gives that of its JSON; one function for all schemas that are equal.

    It raises what pydantic raises, or TypeError, ValueError, AttributeError.
    """
    function = schema["function"]["function"] if "function" in schema else None
    if function is exact:
        return _exact
    return gtin14 if function is gtin14 else _value_of(_Schema(schema))


def _exact(value: Any) -> str:
    return number(value) if value.__class__ is str else digits(value)


class _Schema(dict[str, Any]):
    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self["type"])


@cache
def _value_of(schema: _Schema) -> Value:
    judge, said = SchemaValidator(dict(schema)).validate_python, SchemaSerializer(dict(schema)).to_python

    def value(plain: Any) -> Any:
        good = judge(plain)
        if good.__class__ is int and not -_HUGE < good < _HUGE:
            raise ValueError(plain)
        return said(good, mode="json")

    return value


_CURRENCY = value_of(Schemas(Money).at(("currency",)))


@cache
def values(read: Callable[[str], Any] | None, prove: Value) -> Memo:
    """An element's text to the value of the JSON."""
    if read is None:
        return NUMBERS if prove is _exact else Memo(prove, kept=4096)
    return Memo(lambda text: prove(read(text)), kept=4096)


@cache
def amounts(read: Callable[[str], Any] | None) -> Memo:
    """``amounts(read)["USD"]["9.95"]``: the values of an amount, not to be changed."""
    numbers = values(read, _exact)
    return Memo(lambda currency: Memo(lambda text: {"amount": numbers[text], "currency": currency}, kept=2048), kept=16)


def quantities(units: Mapping[str, str], read: Callable[[str], Any] | None) -> Memo:
    """``quantities(units, read)["EA"]["12"]``: the values of a quantity, not to be changed."""
    numbers = values(read, _exact)

    def of_unit(text: str) -> Memo:
        uom = units[text]
        return Memo(lambda value: {"value": numbers[value], "uom": uom}, kept=4096)

    return Memo(of_unit, kept=16)
