"""An X12 document ⇄ a canonical message: `document` declares it, `X12Mapping` reads and writes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from pydantic import ValidationError

from hub.canonical.values import Canonical
from hub.contracts.mapping import Context, Reading, Unmapped
from hub.errors import BadDocument, Misconfigured
from hub.mapping.cells import Cells
from hub.mapping.construct import constructor
from hub.mapping.currency import currency_of
from hub.mapping.finish import Finishing, finish
from hub.mapping.notation import CurrencyRow, Node, Via
from hub.mapping.placing import Placing, place_all
from hub.mapping.plan import Block, Op, plan
from hub.mapping.prove import NOT_PLAIN, proof
from hub.mapping.read_code import Handler, handlers
from hub.mapping.slot_code import Stop
from hub.mapping.trace import Trace
from hub.mapping.write_code import Desk, Writer, writer
from hub.x12.document import Document, Place
from hub.x12.grammar import Grammar, load

__all__ = ["X12Mapping", "document"]

_LONGEST = 99
_CODE = re.compile(r"[A-Z]{3}").fullmatch
_NOTHING: tuple[list[str], int] = ([], 0)
_UNSHAPED = (ValueError, LookupError, ArithmeticError)
_FAULTS = (Stop, *NOT_PLAIN)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of reading: a handler for each place, and what follows them."""

    table: Sequence[Handler]
    finishing: Finishing


@dataclass(eq=False)
class _Release:
    """A mapping at one release; each part is compiled when it is first used."""

    root: Block
    grammar: Grammar
    placing: Placing

    @cached_property
    def quick(self) -> _Way:
        return self._way(traced=False)

    @cached_property
    def traced(self) -> _Way:
        return self._way(traced=True)

    @cached_property
    def write(self) -> Writer:
        return writer(self.root, self.grammar.document, self.grammar.release, self.placing.unplaced)

    @cached_property
    def currency_at(self) -> tuple[int, Op] | None:
        """Place and row of the document's currency."""
        return _currency_place(self.root, self.placing)

    def _way(self, *, traced: bool) -> _Way:
        return _Way(
            handlers(self.root, self.grammar, self.placing, traced=traced),
            finish(self.root, traced=traced),
        )


@dataclass(slots=True, eq=False)
class X12Mapping:
    """One document both ways. ``release``: what `write` writes; `read` follows the document that it is given.

    ``via``: a shape of the document's own between its rows and the model. Its functions raise ValueError, in words, for
    what cannot be said on the other side.
    """

    document: str
    group: str
    model: type[Canonical]
    rows: tuple[Node, ...]
    release: str = "004010"
    overlay: str = ""
    via: Via | None = None
    root: Block = field(init=False)
    _cells: Cells = field(init=False)
    _releases: dict[str, _Release] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.root = plan(self.rows, self.model, self.via)
        self._cells = Cells(1 + max(block.number for block in self.root.walk()))

    def at(self, release: str) -> X12Mapping:
        """The same mapping, writing another release."""
        return self if release == self.release else replace(self, release=release)

    def read(self, source: Document, context: Context) -> Reading:
        """Never raises for what the document holds; what is wrong comes back in ``problems``."""
        compiled = self._compiled(source.release)
        currency, _ = _currency(source, compiled.currency_at, context.currency)
        if not _CODE(currency):
            return self.read_traced(source, context)
        cells = self._cells.make({}, currency, context, None, len(compiled.placing.markers))
        make, message = constructor(self.model), None
        proved = proof(self.model, leaves=self.via is not None)
        try:
            values = proved.prove(self._shaped(self._run(source, compiled.quick, cells)))
            if not (proved.whole and compiled.quick.finishing.whole):
                message = make(values)
        except _FAULTS:
            return self.read_traced(source, context)
        unmapped = _unmapped(source, cells[self._cells.loose])
        return Reading(message, values=values, make=make, unmapped=unmapped)

    def write(self, message: Canonical, context: Context) -> list[list[str]]:
        """The body's segments, without ST and SE. Raises BadDocument with every problem found."""
        if not isinstance(message, self.model):
            raise Misconfigured(f"{self.document} is written from {self.model.__name__}, not {type(message).__name__}")
        desk = Desk(context, currency_of(message, context))
        out: list[list[str]] = []
        self._compiled(self.release).write(self._said(message), out, desk)
        if desk.problems:
            first = desk.problems[0]
            raise BadDocument(
                f"{self.model.__name__} cannot be written as {self.document}: {first.message}",
                fix=first.fix,
                problems=desk.problems,
            )
        return out

    def _compiled(self, release: str) -> _Release:
        known = self._releases.get(release)
        if known is None:
            known = self._releases[release] = self._compile(release)
        return known

    def _compile(self, release: str) -> _Release:
        try:
            grammar = load(release, self.document)
        except KeyError as error:
            raise Misconfigured(
                f"there is no table for {self.document} {release}", fix="write 004010 or 005010"
            ) from error
        return _Release(self.root, grammar, place_all(self.root, grammar))

    def _run(self, source: Document, way: _Way, cells: list[Any]) -> dict[str, Any]:
        table, loose = way.table, cells[self._cells.loose]
        for segment, place in zip(source.segments, source.places, strict=True):
            if place is None:
                loose.append((segment, 0))
            else:
                table[place.id](segment, cells)
        data: dict[str, Any] = cells[0]
        way.finishing.run(data, cells[self._cells.currency], cells[self._cells.context], cells[self._cells.trace])
        return data

    def _shaped(self, data: dict[str, Any]) -> dict[str, Any]:
        """The document's own shape as the model's."""
        return self.via.read([data])[0] if self.via else data

    def _said(self, message: Canonical) -> Any:
        """The message in the document's own shape. Raises BadDocument."""
        if self.via is None:
            return message
        try:
            return self.via.write([message])[0]
        except _UNSHAPED as error:
            raise BadDocument(
                f"{self.model.__name__} cannot be written as {self.document}: {error}",
                fix="Change the message, or send it as another document.",
            ) from error

    def read_traced(self, source: Document, context: Context) -> Reading:
        """As `read`, slowly, able to say what is wrong and where."""
        compiled = self._compiled(source.release)
        currency, said_by = _currency(source, compiled.currency_at, context.currency)
        loops = {index: "/".join(place.path) for index, place in enumerate(source.places, 1) if place}
        trace = Trace(self.root, source.segments, loops)
        cells = self._cells.make({}, currency, context, trace, len(compiled.placing.markers))
        message: Canonical | None = None
        if said_by is not None and compiled.currency_at and not _CODE(currency):
            op = compiled.currency_at[1]
            trace.bad(cells[0], "currency", said_by, op.element, op, "a currency code such as USD")
            cells[self._cells.currency] = context.currency
        data = self._run(source, compiled.traced, cells)
        try:
            if not (self.via and trace.problems):
                data = self._shaped(data)
                message = self.model.model_validate(data)
        except ValidationError as error:
            trace.explain(error, data)
        except _UNSHAPED as error:
            trace.inconsistent(str(error) or type(error).__name__)
        loose = cells[self._cells.loose]
        return Reading(
            message=None if trace.problems else message,
            unmapped=_unmapped(source, loose),
            problems=tuple(trace.problems),
        )


def document(
    set_id: str, *, group: str, model: type[Canonical], rows: tuple[Node, ...], via: Via | None = None
) -> X12Mapping:
    """Declare an X12 document. Raises Misconfigured, naming the row, for a field that the model does not have."""
    return X12Mapping(document=set_id, group=group, model=model, rows=rows, via=via)


def _currency_place(root: Block, placing: Placing) -> tuple[int, Op] | None:
    for slot in root.slots:
        for op in slot.ops:
            if isinstance(op.note, CurrencyRow):
                place = min(place for place, contexts in placing.contexts.items() if slot in contexts.get(root, ()))
                return place, op
    return None


def _currency(source: Document, at: tuple[int, Op] | None, usual: str) -> tuple[str, list[str] | None]:
    """The document's currency and the segment that says it; amounts may come before it, so it is looked for first."""
    if at is None:
        return usual, None
    wanted, op = at
    for segment, place in zip(source.segments, source.places, strict=True):
        if place is not None and place.id >= wanted:
            if place.id == wanted and len(segment) > op.element and segment[op.element]:
                return segment[op.element], segment
            break
    return usual, None


def _unmapped(source: Document, loose: list[tuple[list[str], int]]) -> tuple[Unmapped, ...]:
    """What no row read, in the order of the segments, as it was noted."""
    if not loose:
        return ()
    found = []
    waiting = iter(loose)
    lost, element = next(waiting)
    for number, (segment, place) in enumerate(zip(source.segments, source.places, strict=True), 1):
        while segment is lost:
            value = segment[element] if element else "*".join(segment)
            found.append(Unmapped(path=_path(segment[0], place, element), position=number, value=value[:_LONGEST]))
            lost, element = next(waiting, _NOTHING)
    return tuple(found)


@lru_cache(maxsize=1024)
def _path(tag: str, place: Place | None, element: int) -> str:
    around = place.path if place else ()
    if place and place.opens and not element:
        around = around[:-1]
    return "/".join((*around, f"{tag}{element:02d}" if element else tag))
