"""The currency of a message: its own field, or that of its first amount."""

from __future__ import annotations

from functools import cache

from hub.canonical.values import Canonical, Money
from hub.contracts.mapping import Context

__all__ = ["currency_of"]


def currency_of(message: Canonical, context: Context) -> str:
    """The partner's usual one where the message says none."""
    own: str | None = getattr(message, "currency", None)
    if own is not None:
        return own
    for name in _amounts(type(message)):
        amount = getattr(message, name)
        if amount is not None:
            currency: str = amount.currency
            return currency
    return context.currency


@cache
def _amounts(model: type[Canonical]) -> tuple[str, ...]:
    return tuple(name for name, field in model.model_fields.items() if field.annotation in (Money, Money | None))
