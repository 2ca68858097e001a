"""A JSON document ⇄ a canonical message, by the same words as X12: the wire side is a dotted path.

``row("order.order_number", "seller_order_id", text, M)``, ``loop("lines[]", "lines[]", …)``.
Null, an absent key and an empty string are the same: nothing. `JsonMapping.write` gives every key, with null where the
message says nothing, unless the document is declared ``nulls=False``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from hub.canonical.values import Canonical
from hub.contracts.mapping import Context, Reading
from hub.errors import BadDocument, Misconfigured
from hub.mapping.currency import currency_of
from hub.mapping.json_plan import JsonBlock, json_plan
from hub.mapping.json_read import JsonReading
from hub.mapping.json_text import dumps, loads
from hub.mapping.json_write import JsonDesk, JsonWriter, json_writer
from hub.mapping.notation import Node, Via

__all__ = ["JsonMapping", "json_document"]

Direction = Literal["both", "read", "write"]


@dataclass(slots=True, eq=False)
class JsonMapping:
    """One JSON document. ``direction``: which ways it goes; ``why`` says why not both. ``via``: a shape of its own."""

    document: str
    model: type[Canonical]
    rows: tuple[Node, ...]
    direction: Direction = "both"
    nulls: bool = True
    overlay: str = ""
    why: str = ""
    via: Via | None = None
    root: JsonBlock = field(init=False)
    _write: JsonWriter | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        if self.direction != "both" and not self.why:
            raise Misconfigured(f"{self.document} goes one way only", fix="say why")
        self.root = json_plan(self.rows, self.via.model if self.via else self.model)

    loads = staticmethod(loads)
    dumps = staticmethod(dumps)

    def read(self, source: Any, context: Context) -> Reading:
        """Never raises for what the document holds; ``problems`` carry JSON pointers in ``loop``."""
        if self.direction == "write":
            raise Misconfigured(f"{self.document} is only written: {self.why}")
        reading = JsonReading(source, context)
        data = reading.document(self.root)
        if self.via:
            (data,) = self.via.read([data])
        message = None
        try:
            message = self.model.model_validate(data)
        except ValidationError as error:
            reading.explain(error, self.root, data)
        problems = tuple(reading.problems)
        return Reading(message=None if problems else message, unmapped=reading.unmapped(), problems=problems)

    def write(self, message: Canonical, context: Context) -> dict[str, Any]:
        """The document as values; `dumps` makes bytes. Raises BadDocument with every problem found."""
        if self.direction == "read":
            raise Misconfigured(f"{self.document} is only read: {self.why}")
        if not isinstance(message, self.model):
            raise Misconfigured(f"{self.document} is written from {self.model.__name__}, not {type(message).__name__}")
        desk = JsonDesk(currency_of(message, context), context)
        (said,) = self.via.write([message]) if self.via else (message,)
        if self._write is None:
            self._write = json_writer(self.root, self.document, nulls=self.nulls)
        made = self._write(said, desk)
        if desk.problems:
            first = desk.problems[0]
            raise BadDocument(
                f"{self.model.__name__} cannot be written as {self.document}: {first.message}",
                fix=first.fix,
                problems=desk.problems,
            )
        return made


def json_document(
    name: str,
    *,
    model: type[Canonical],
    rows: tuple[Node, ...],
    direction: Direction = "both",
    nulls: bool = True,
    why: str = "",
    via: Via | None = None,
) -> JsonMapping:
    """Declare a JSON document. Raises Misconfigured, naming the row, for a field that the model does not have."""
    return JsonMapping(document=name, model=model, rows=rows, direction=direction, nulls=nulls, why=why, via=via)
