"""What a partner sends and gets, one document on one page: rows, grammar, guide and overlay told as a partner guide.

`guide` collects the facts; `hub.mapping.guide_page` writes them as Markdown or HTML. Usage, lengths and names are those
of the release's tables as the partner's rules narrow them, codes and fields are the mapping's, changes the partner's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from hub.mapping.codecs import Codec
from hub.mapping.notation import Const, Count, CurrencyRow, Moment, Pairs, Row, Size, Skip, Spread
from hub.mapping.overlay import Edit
from hub.mapping.placing import Placing, place_all
from hub.mapping.plan import Block, Op, Slot
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.elements import Cell
from hub.x12.grammar import Grammar, Use, load
from hub.x12.guide import Narrowing, Rule

__all__ = ["Change", "Guide", "GuideElement", "GuideSegment", "guide"]

MUST, MAY, NOT = "must", "may", "must not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A rule of the partner's guide (grade ``guide``, or ``widened``) or an edit of its overlay: what it does, why, and
    who answers for it until when."""

    name: str
    path: str
    why: str
    grade: str
    owner: str = ""
    approver: str = ""
    ends: str = ""

    @classmethod
    def of(cls, edit: Edit) -> Change:
        grade = edit.grade
        ends = grade.ends.isoformat() if grade.ends else ""
        return cls(
            name=edit.name,
            path=edit.path,
            why=edit.why,
            grade=grade.name,
            owner=grade.owner,
            approver=grade.approver,
            ends=ends,
        )

    @classmethod
    def of_rule(cls, rule: Rule) -> Change:
        grade = "widened" if rule.widens else "guide"
        return cls(name=rule.words(), path=rule.path, why=rule.why, grade=grade, owner=rule.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideElement:
    """One element.

    ``standard``, ``usage``: must, may or must not, by the standard and here. ``fills``: the canonical field.
    ``codes``: code to meaning. ``said``: what else there is to say of it.
    """

    reference: str
    name: str
    standard: str
    usage: str
    type: str
    shortest: int
    longest: int
    fills: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    others: bool = False
    said: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideSegment:
    """One use of a segment.

    ``segment``: with its qualifier. ``loop``: ids of the loops around it. ``maximum``: 0 is any number. ``fills``: the
    field of the loop it opens.
    """

    segment: str
    name: str
    loop: str
    depth: int
    standard: str
    usage: str
    maximum: int
    fills: str
    elements: tuple[GuideElement, ...]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A whole page. ``unplaced``: segments that only another release has a place for."""

    document: str
    name: str
    group: str
    release: str
    partner: str
    message: str
    segments: tuple[GuideSegment, ...]
    changes: tuple[Change, ...]
    unplaced: tuple[str, ...]
    example: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def guide(
    mapping: X12Mapping, *, release: str, edits: Sequence[Edit] = (), rules: Sequence[Rule] = (), partner: str = "",
    example: str = "",
) -> Guide:  # fmt: skip
    """The facts of a mapping, its overlay already in it. ``rules``: those of the partner's guide for this release.
    ``example``: a document as it travels.

    Raises KeyError where there is no table for the document in that release.
    """
    grammar = load(release, mapping.document)
    narrowing = Narrowing.of(rules, grammar)
    writer = _Collector(grammar, place_all(mapping.root, grammar), edits, narrowing)
    return Guide(
        document=mapping.document,
        name=grammar.name,
        group=mapping.group,
        release=release,
        partner=partner or mapping.overlay,
        message=mapping.model.__name__,
        segments=tuple(writer.block(mapping.root, 0)),
        changes=(*map(Change.of_rule, rules), *map(Change.of, edits)),
        unplaced=tuple(sorted({_head(slot) for slot in writer.placing.unplaced})),
        example=example,
    )


class _Collector:
    def __init__(self, grammar: Grammar, placing: Placing, edits: Sequence[Edit], narrowing: Narrowing) -> None:
        self.placing = placing
        self._edits = edits
        self._narrowing = narrowing
        self._uses: dict[Slot, Use] = {}
        for place, contexts in sorted(placing.contexts.items()):
            for slot in (slot for slots in contexts.values() for slot in slots):
                self._uses.setdefault(slot, grammar.uses[place])

    def block(self, block: Block, depth: int) -> Iterator[GuideSegment]:
        """Its segments and those of its loops, in the order in which they are written."""
        for item in block.items:
            if isinstance(item, Block):
                yield from self.block(item, depth + 1)
            elif item in self._uses:
                yield self._segment(item, self._uses[item], depth)

    def _segment(self, slot: Slot, use: Use, depth: int) -> GuideSegment:
        block = slot.block
        elements = [element for op in slot.ops for element in self._elements(op, slot, use)]
        if slot.qualifier and not any(element.reference.endswith(f"{slot.qualifier[0]:02d}") for element in elements):
            elements.append(_qualifier(slot.qualifier, slot.tag, use.segment.cells))
        loop = use.loop if use.place.opens else None
        must = (loop.required if loop else use.required) and not slot.qualifier
        opening = slot.head and block.required
        rules = self._narrowing.of_segment(use, block.address if slot.head else _path(block, _head(slot)))
        usual = MUST if must or opening or (not slot.head and any(_required(op) for op in slot.ops)) else MAY
        most = loop.maximum if loop else use.maximum
        return GuideSegment(
            segment=_head(slot),
            name=use.segment.name,
            loop="/".join(use.place.path),
            depth=depth,
            standard=MUST if must else MAY,
            usage=_narrowed(usual, rules),
            maximum=next((rule.most for rule in rules if rule.most is not None), most),
            fills=block.target.name if slot.head and block.target else "",
            elements=tuple(sorted(elements, key=lambda element: element.reference)),
            changes=(*map(Change.of_rule, rules), *(self._changes(block.address) if slot.head else ())),
        )

    def _elements(self, op: Op, slot: Slot, use: Use) -> Iterator[GuideElement]:
        path = _path(slot.block, str(op.wire))
        changes = self._changes(path)
        for position in op.covers:
            if position > len(use.segment.cells) or (isinstance(op.note, Pairs) and position > op.element + 1):
                return
            cell = use.segment.cells[position - 1]
            codec = _codec(op, position)
            low, high = _lengths(cell, codec)
            standard = MUST if cell.required else MAY
            forbidden = isinstance(op.note, Row) and op.note.forbidden
            rules = self._narrowing.of_element(use, position, path)
            allowed = next((rule.codes for rule in rules if rule.codes), ())
            codes = _codes(op, position, codec)
            yield GuideElement(
                reference=f"{slot.tag}{position:02d}",
                name=cell.name,
                standard=standard,
                usage=_narrowed(NOT if forbidden else MUST if _required(op) or cell.required else MAY, rules),
                type=cell.element.kind if cell.element else "composite",
                shortest=max([low, *(rule.shortest for rule in rules)]),
                longest=next((rule.longest for rule in rules if rule.longest), high),
                fills=_field(op, position),
                codes={code: codes.get(code, "") for code in allowed} if allowed else codes,
                others=bool(codec and codec.others) and not allowed,
                said=_said(op) if position == op.element else "",
                changes=(*map(Change.of_rule, rules), *(changes if position == op.element else ())),
            )

    def _changes(self, path: str) -> tuple[Change, ...]:
        return tuple(Change.of(edit) for edit in self._edits if edit.path == path)


def _path(block: Block, own: str) -> str:
    return "/".join(part for part in (block.address, own) if part)


def _narrowed(usage: str, rules: Sequence[Rule]) -> str:
    return {"must": MUST, "may": MAY, "not": NOT}.get(next((rule.usage for rule in rules if rule.usage), ""), usage)


def _head(slot: Slot) -> str:
    if slot.qualifier is None:
        return slot.tag
    at, value = slot.qualifier
    return f"{slot.tag}[{value}]" if at == 1 else f"{slot.tag}[{at:02d}={value}]"


def _qualifier(qualifier: tuple[int, str], tag: str, cells: Sequence[Cell]) -> GuideElement:
    at, value = qualifier
    cell = cells[at - 1]
    low, high = _lengths(cell, None)
    return GuideElement(
        reference=f"{tag}{at:02d}",
        name=cell.name,
        standard=MUST if cell.required else MAY,
        usage=MUST,
        type=cell.element.kind if cell.element else "composite",
        shortest=low,
        longest=high,
        said=f"always {value}",
    )


def _required(op: Op) -> bool:
    return bool(getattr(op.note, "required", False)) and getattr(op.note, "default", None) is None


def _codec(op: Op, position: int) -> Codec | None:
    return op.note.codec if isinstance(op.note, Row | Spread) and position in op.covers else None


def _lengths(cell: Cell, codec: Codec | None) -> tuple[int, int]:
    if codec is not None and codec.longest is not None:
        return codec.shortest or 1, codec.longest
    return (cell.element.low, cell.element.high) if cell.element else (0, 0)


def _field(op: Op, position: int) -> str:
    note = op.note
    if isinstance(note, Pairs):
        return ", ".join(dict.fromkeys(entry.field for entry in note.entries)) if position == op.element + 1 else ""
    if isinstance(note, Row | Spread | Moment | CurrencyRow):
        return note.field
    return ""


def _codes(op: Op, position: int, codec: Codec | None) -> dict[str, str]:
    if isinstance(op.note, Pairs):
        return {entry.qualifier: entry.field for entry in op.note.entries} if position == op.element else {}
    return {text: _meaning(meaning) for text, meaning in codec.codes.items()} if codec and codec.table else {}


def _meaning(meaning: Any) -> str:
    if isinstance(meaning, bool):
        return "yes" if meaning else "no"
    return str(meaning.value if isinstance(meaning, Enum) else meaning)


def _said(op: Op) -> str:
    note = op.note
    if isinstance(note, Const):
        understood = f"; {', '.join(note.also)} understood too" if note.also else ""
        return f"always {note.text}{understood}"
    if isinstance(note, Pairs):
        return f"pairs of qualifier and value, at most {note.most}"
    if isinstance(note, Count):
        return f"the number of {note.of} segments"
    if isinstance(note, Size):
        return f"the number of {note.field.removesuffix('[]')}"
    if isinstance(note, Skip):
        return f"not used: {note.why}"
    if isinstance(note, CurrencyRow):
        return "the currency of every amount; left out where it is the usual one"
    if isinstance(note, Row) and note.default is not None:
        return f"{note.default} where it is left out"
    return ""
