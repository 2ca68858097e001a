"""What a mapping is: one document and one canonical message, translated both ways by the same declaration."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from hub.canonical.values import Canonical
from hub.problem import Problem

__all__ = ["Context", "Mapping", "Reading", "Unmapped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Values that the partner's profile gives a mapping: never rules.

    ``currency``: where a document names none. ``values``: anything else a row may ask for by name, such as
    ``vendor_id``. ``now``: seconds since 1970, for documents that carry the time of writing.
    """

    currency: str = "USD"
    values: Table[str, str] = field(default_factory=dict)
    now: float = 0.0
    decimals: Decimal = Decimal("0.01")


class Unmapped(NamedTuple):
    """Something that came and that no row reads (P8). ``path``: ``PO1/PO106`` or a JSON pointer."""

    path: str
    position: int | None
    value: str

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "position": self.position, "value": self.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a mapping made of a document; ``message`` is None where a problem of severity error stops it.

    ``write_json`` writes the message's JSON quicker than the message itself does, where the mapping knows a way.
    """

    message: Canonical | None
    unmapped: tuple[Unmapped, ...] = ()
    problems: tuple[Problem, ...] = ()
    write_json: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)

    def json(self) -> bytes:
        """The message as the ledger keeps it, without nulls; the order of keys says nothing.

        Raises ValueError where there is no message.
        """
        if self.write_json is not None:
            return self.write_json()
        if self.message is None:
            msg = "there is no message to write"
            raise ValueError(msg)
        return self.message.model_dump_json(exclude_none=True).encode()


class Mapping(Protocol):
    """A document both ways. ``source`` and result are segments for X12, parsed JSON for JSON documents."""

    @property
    def document(self) -> str:
        """``850`` or ``shipment_confirmation``."""

    @property
    def model(self) -> type[Canonical]:
        """The canonical message."""

    def read(self, source: Any, context: Context) -> Reading:
        """Never raises for what the source holds."""

    def write(self, message: Canonical, context: Context) -> Any:
        """Raises BadDocument where the message cannot be said in this document."""
