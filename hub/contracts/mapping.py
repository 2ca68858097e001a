"""What a mapping is: one document and one canonical message, translated both ways by the same declaration."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Table
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import orjson

from hub.canonical.values import Canonical
from hub.problem import Problem

__all__ = ["Context", "Mapping", "Reading", "Unmapped"]


class Context(NamedTuple):
    """Values that the partner's profile gives a mapping: never rules.

    ``currency``: where a document names none. ``values``: anything else a row may ask for by name, such as
    ``vendor_id``. ``now``: seconds since 1970, for documents that carry the time of writing.
    """

    currency: str = "USD"
    values: Table[str, str] = {}
    now: float = 0.0
    decimals: Decimal = Decimal("0.01")


class Unmapped(NamedTuple):
    """Something that came and that no row reads (P8). ``path``: ``PO1/PO106`` or a JSON pointer."""

    path: str
    position: int | None
    value: str

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "position": self.position, "value": self.value}


class Reading:
    """What a mapping made of a document: a message, or the problems that stop it.

    ``values`` are those of the message's JSON, proven to be what its model takes, and ``make`` makes the message of
    them: only when somebody asks for it, because to store or to send it on its JSON is enough.
    """

    __slots__ = ("_make", "_message", "_values", "problems", "unmapped")

    def __init__(
        self,
        message: Canonical | None = None,
        *,
        values: dict[str, Any] | None = None,
        make: Callable[[dict[str, Any]], Canonical] | None = None,
        unmapped: tuple[Unmapped, ...] = (),
        problems: tuple[Problem, ...] = (),
    ) -> None:
        self._message = message
        self._values = values
        self._make = make
        self.unmapped = unmapped
        self.problems = problems

    @property
    def stopped(self) -> bool:
        """There is no message; the problems say why."""
        return self._message is None and self._values is None

    @property
    def message(self) -> Canonical | None:
        """Made when it is first asked for; None where a problem of severity error stops it."""
        if self._message is None and self._values is not None and self._make is not None:
            self._message = self._make(self._values)
        return self._message

    @property
    def values(self) -> dict[str, Any]:
        """The message as the values of its JSON, without nulls; the order of keys says nothing. Not to be changed.

        Raises ValueError where there is no message.
        """
        return self._sure().model_dump(mode="json", exclude_none=True) if self._values is None else self._values

    def json(self) -> bytes:
        """The message as the ledger keeps it: ``values`` written. Raises ValueError where there is no message."""
        if self._values is not None:
            return orjson.dumps(self._values)
        return self._sure().model_dump_json(exclude_none=True).encode()

    def _sure(self) -> Canonical:
        if self._message is None:
            msg = "there is no message"
            raise ValueError(msg)
        return self._message


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
