"""Numbers, quantities and amounts by their text: the same few come again and again, and they are frozen, so one serves.

Each function gives the value and its JSON. Raises ValueError for what the canonical model does not take; only good
values are kept, and those are short.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import orjson
from pydantic import TypeAdapter

from hub.canonical.values import Decimal_, Money, Quantity

__all__ = ["decimal_of", "digits", "money_of", "quantity_of"]

_KEPT = 16_384
_NUMBER: TypeAdapter[Decimal] = TypeAdapter(Decimal_)


def digits(value: object) -> str:
    """The text of a Decimal. Raises ValueError for anything else: the text of a float is not what was meant."""
    if not isinstance(value, Decimal):
        raise ValueError(value)
    return str(value)


@lru_cache(maxsize=_KEPT)
def decimal_of(text: str) -> tuple[Decimal, str]:
    """Keyed by text, not by number: 1.0 and 1.00 are equal, and not the same."""
    value = _NUMBER.validate_python(text)
    return value, str(value)


@lru_cache(maxsize=_KEPT)
def quantity_of(value: str, uom: str) -> tuple[Quantity, orjson.Fragment]:
    """A count or measure."""
    made = Quantity.model_validate({"value": value, "uom": uom})
    return made, orjson.Fragment(made.model_dump_json())


@lru_cache(maxsize=_KEPT)
def money_of(amount: str, currency: str) -> tuple[Money, orjson.Fragment]:
    """An amount."""
    made = Money.model_validate({"amount": amount, "currency": currency})
    return made, orjson.Fragment(made.model_dump_json())
