"""The small values every message is made of: money, quantities, parties, items.

Amounts and quantities are Decimal, never float (P9). Names follow UBL 2.x in snake case, identifiers GS1.
``*_date`` has no zone; ``*_at`` is aware.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from hub.canonical import gs1

__all__ = [
    "GLN",
    "GTIN",
    "SSCC",
    "Address",
    "AllowanceCharge",
    "At",
    "Canonical",
    "Carrier",
    "Contact",
    "Currency",
    "Decimal_",
    "Item",
    "Money",
    "Party",
    "Quantity",
    "Text",
]


def exact(value: Any) -> Any:
    """Text to Decimal here: three times as fast as leaving it to pydantic with ``max_digits``."""
    if isinstance(value, str):
        try:
            number = Decimal(value)
        except InvalidOperation:
            msg = "a number is expected, such as 12 or 9.95"
            raise ValueError(msg) from None
        digits = len(value)
    elif isinstance(value, float):
        msg = "a float is not exact; give a decimal string"
        raise ValueError(msg)
    elif isinstance(value, Decimal | int):
        number = Decimal(value)
        digits = len(str(number))
    else:
        return value
    if digits > 30 or not number.is_finite() or not -29 < number.adjusted() < 28:
        msg = "a finite number of at most 28 digits is expected"
        raise ValueError(msg)
    return number


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        msg = "a time needs its offset from UTC, as in 2026-11-20T15:04:05-08:00"
        raise ValueError(msg)
    return value


def _gs1(kind: str, length: int) -> AfterValidator:
    def check(value: str) -> str:
        if not gs1.is_valid(value, length):
            msg = f"{value!r} is not a {kind}: {length} digits with a valid GS1 check digit are expected"
            raise ValueError(msg)
        return value

    return AfterValidator(check)


Decimal_ = Annotated[Decimal, BeforeValidator(exact)]
"""An exact number; JSON carries it as a string."""
At = Annotated[datetime, AfterValidator(_aware)]
Text = Annotated[str, Field(min_length=1, max_length=4096)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
GTIN = Annotated[str, AfterValidator(gs1.gtin14)]
GLN = Annotated[str, _gs1("GLN", 13)]
SSCC = Annotated[str, _gs1("SSCC", 18)]


SLOTS = {
    "fill": vars(BaseModel)["__dict__"].__set__,
    "mark": vars(BaseModel)["__pydantic_fields_set__"].__set__,
    "extra": vars(BaseModel)["__pydantic_extra__"].__set__,
    "private": vars(BaseModel)["__pydantic_private__"].__set__,
}
"""What fills a new object of a frozen model, past pydantic."""
_fill, _mark, _extra, _private = SLOTS.values()


class Canonical(BaseModel):
    """Base of all canonical shapes: frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    @classmethod
    def model_construct(  # type: ignore[override]  # to mypy each model has parameters of its own
        cls, _fields_set: set[str] | None = None, **values: Any
    ) -> Self:
        """An object of its fields, none of which is tested; all count as set. A tenth of pydantic's own time."""
        made, (defaults, names) = object.__new__(cls), _fields(cls)
        _fill(made, {**defaults, **values})
        _mark(made, _fields_set or names)
        _extra(made, None)
        _private(made, None)
        return made


@cache
def _fields(model: type[BaseModel]) -> tuple[dict[str, Any], set[str]]:
    """A model's fields with their defaults, and their names."""
    defaults = {name: field.get_default() for name, field in model.model_fields.items()}
    return defaults, set(defaults)


class Money(Canonical):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal_
    currency: Currency


class Quantity(Canonical):
    """A count or measure in a unit (UN/ECE Recommendation 20: EA, CS, KGM, LBR, INH …)."""

    value: Decimal_
    uom: Annotated[str, Field(min_length=1, max_length=3)]


class Contact(Canonical):
    """Whom to call."""

    name: Text | None = None
    telephone: Text | None = None
    electronic_mail: Text | None = None


class Address(Canonical):
    """A postal address; ``country`` is ISO 3166 alpha-2."""

    lines: tuple[Text, ...] = ()
    city: Text | None = None
    region: Text | None = None
    postal_code: Text | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class Party(Canonical):
    """Somebody, known by a GLN, by a code that the buyer or the seller assigned, or by name."""

    name: Text | None = None
    gln: GLN | None = None
    buyer_assigned_id: Text | None = None
    seller_assigned_id: Text | None = None
    address: Address | None = None
    contact: Contact | None = None


class Item(Canonical):
    """What is bought; at least one identifier should be there."""

    gtin: GTIN | None = None
    seller_item_id: Text | None = None
    buyer_item_id: Text | None = None
    description: Text | None = None


class Carrier(Canonical):
    """Who carries it and how. ``scac``: NMFTA Standard Carrier Alpha Code. ``mode``: PARCEL, LTL, TRUCKLOAD …"""

    scac: Text | None = None
    name: Text | None = None
    service_code: Text | None = None
    mode: Text | None = None


class AllowanceCharge(Canonical):
    """A reduction (``charge`` False) or an addition (True) to an amount; ``amount`` is never negative."""

    charge: bool
    reason_code: Text
    amount: Money
    reason: Text | None = None
