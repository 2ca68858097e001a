"""Writing, compiled: for one mapping and one release, a Python function a block.

A function gets the object, the list of segments to append to, and a `Desk` that counts levels and collects problems.
Element lengths are the release's; text that does not fit is a problem, never cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.contracts.mapping import Context
from hub.mapping.codecs import Codec
from hub.mapping.moments import write_moment
from hub.mapping.notation import Const, Count, CurrencyRow, Moment, Pairs, Row, Size, Skip, Spread
from hub.mapping.placing import element_of
from hub.mapping.plan import LEVEL, Block, Op, Slot
from hub.mapping.source import Source
from hub.mapping.target import Target
from hub.problem import Problem

__all__ = ["Desk", "Writer", "writer"]

_NUMERIC = frozenset({"R", "N", *(f"N{places}" for places in range(10))})


class Desk:
    """What one writing shares: context, currency, the number of the last HL, and what went wrong."""

    __slots__ = ("context", "currency", "level", "problems")

    def __init__(self, context: Context, currency: str) -> None:
        self.context = context
        self.currency = currency
        self.level = 0
        self.problems: list[Problem] = []

    def long(self, out: list[list[str]], op: Op, element: int, text: str, limits: str) -> str:
        """The text is longer or shorter than the element."""
        message = f"{op.wire.head}{element:02d} takes {limits} characters, {text[:99]!r} has {len(text)}."
        fix = "Correct the value, or have the partner's overlay widen the element."
        self._tell("bad_length", out, op, element, message, fix, text)
        return text

    def bad(self, out: list[list[str]], op: Op, element: int, value: Any, expects: str) -> str:
        """The value has no text in this element."""
        message = f"{op.wire.head}{element:02d} cannot say {str(value)[:99]!r}: it takes {expects}."
        fix = "Correct the value, or have its code added to the table or the partner's overlay."
        self._tell("value_not_writable", out, op, element, message, fix, str(value))
        return ""

    def absent(self, out: list[list[str]], op: Op, field: str) -> None:
        """An element must be written and the message has nothing for it."""
        message = f"{op.wire} must be sent, but the message has no {field}."
        self._tell("missing_value", out, op, op.element, message, f"Give the message its {field}.", "")

    def other_currency(self, out: list[list[str]], op: Op, value: str) -> None:
        """An amount is in another currency than the document."""
        message = f"{op.wire} is an amount in {value}, the document is in {self.currency}."
        self._tell("currency_differs", out, op, op.element, message, "A document has one currency.", value)

    def _tell(self, code: str, out: list[list[str]], op: Op, element: int, message: str, fix: str, value: str) -> None:
        self.problems.append(
            Problem(
                code=code,
                message=message,
                fix=fix,
                segment=op.wire.tag,
                position=len(out) + 2,
                element=element,
                value=value[:99],
            )
        )


Writer = Callable[[Any, list[list[str]], Desk], None]


def writer(root: Block, document: str, release: str, unplaced: frozenset[Slot]) -> Writer:
    """The function that writes the body of a document, but for the slots that this release has no place for."""
    made = _BlockWriter(release, unplaced)
    for block in reversed(list(root.walk())):
        made.block(block)
    function: Writer = made.source.functions(f"writing {document} {release}")["w0"]
    return function


class _BlockWriter:
    """Writes the source of one function a block."""

    def __init__(self, release: str, unplaced: frozenset[Slot]) -> None:
        self.source = Source({"write_moment": write_moment, "plain": _plain})
        self._release = release
        self._unplaced = unplaced
        self._boxes: dict[tuple[str, ...], str] = {}

    def block(self, block: Block) -> None:
        level = block.head is not None and block.head.tag == LEVEL
        self._boxes = {(): "m"}
        self._levels_above = "up, " if level else ""
        self.source.add(0, f"def w{block.number}(m, out, desk{', up' if level else ''}):")
        self.source.add(1, "pass")
        for item in block.items:
            if isinstance(item, Block):
                self._child(item, level)
            elif item.head and item.tag == LEVEL:
                self._level(block)
            elif item not in self._unplaced:
                self._slot(item)

    def _level(self, block: Block) -> None:
        assert block.head is not None
        assert block.head.qualifier is not None
        self.source.add(1, "desk.level += 1")
        self.source.add(1, "level = str(desk.level)")
        self.source.add(1, f"out.append(['HL', level, up, {block.head.qualifier[1]!r}])")

    def _child(self, child: Block, in_level: bool) -> None:
        add = self.source.add
        is_level = child.head is not None and child.head.tag == LEVEL
        more = (", level" if in_level else ", ''") if is_level else ""
        if child.target is None:
            if is_level:
                add(1, f"w{child.number}(m, out, desk{more})")
            else:
                add(1, "mark = len(out)")
                add(1, f"w{child.number}(m, out, desk{more})")
                if self._opens_silently(child):
                    add(1, "if len(out) == mark + 1: out.pop()")
            return
        (name,) = child.target.parts
        if child.target.many:
            every = f"{self.source.name(child.via.write)}(m.{name})" if child.via else f"m.{name}"
            add(1, f"for o in {every}:")
            add(2, f"w{child.number}(o, out, desk{more})")
        else:
            add(1, f"o = m.{name}")
            add(1, "if o is not None:")
            add(2, f"w{child.number}(o, out, desk{more})")

    @staticmethod
    def _opens_silently(child: Block) -> bool:
        """Its opening segment says nothing by itself: the loop is written when something follows in it."""
        head = next(slot for slot in child.slots if slot.head)
        return all(isinstance(op.note, Const | Skip) for op in head.ops)

    def _slot(self, slot: Slot) -> None:
        add, source = self.source.add, self.source
        last = max((op.covers[-1] for op in slot.ops), default=0)
        last = max(last, slot.qualifier[0] if slot.qualifier else 0)
        texts = ["''"] * (last + 1)
        texts[0] = repr(slot.tag)
        said: list[str] = []
        if slot.qualifier:
            texts[slot.qualifier[0]] = repr(slot.qualifier[1])
        repeated = next((op for op in slot.ops if self._repeats(op)), None)
        for op in slot.ops:
            if op is repeated or isinstance(op.note, Skip):
                continue
            if isinstance(op.note, Const):
                texts[op.element] = repr(op.note.text)
            elif isinstance(op.note, Pairs):
                self._pairs(op, op.note, last=op.covers[-1] == last)
                texts[op.element : op.covers[-1] + 1] = [f"*pairs{op.element}", *[""] * (2 * op.note.most - 1)]
                said.append(f"any(pairs{op.element})")
            elif isinstance(op.note, Moment):
                self._moment(op, op.note, texts)
                said.append(texts[op.element])
            else:
                self._element(1, op)
                texts[op.element] = f"e{op.element}"
                said.append(f"e{op.element}")
        if repeated is not None:
            self._repeated(repeated, texts, said)
            return
        depth = 1
        always = slot.head and (not slot.block.same or self._opens_silently(slot.block))
        if not always and said:
            add(1, f"if {' or '.join(said)}:")
            depth = 2
        elif not always and not slot.head and not said:
            return
        add(depth, f"seg = [{', '.join(filter(None, texts))}]")
        add(depth, "while not seg[-1]: seg.pop()")
        add(depth, "out.append(seg)")
        source.add(0, "")

    @staticmethod
    def _repeats(op: Op) -> bool:
        return isinstance(op.note, Spread) or (isinstance(op.note, Row) and op.targets[0].many)

    def _box(self, path: tuple[str, ...], depth: int, target: Target) -> str:
        """A variable for the object that holds a field; None where it is not there."""
        known = self._boxes.get(path)
        if known is None:
            above = self._box(path[:-1], depth, target)
            known = f"m_{'_'.join(path)}"
            guard = f" if {above} is not None else None" if len(path) > 1 and target.guards[len(path) - 2] else ""
            self.source.add(1, f"{known} = {above}.{path[-1]}{guard}")
            self._boxes[path] = known
        return known

    def _get(self, target: Target) -> str:
        """An expression for the field, None where it or something above it is absent."""
        path = target.parts[:-1]
        box = self._box(path, 1, target)
        guarded = bool(path) and any(target.guards)
        return f"{box}.{target.parts[-1]}" + (f" if {box} is not None else None" if guarded else "")

    def _element(self, depth: int, op: Op) -> None:
        """``e5`` = the text of element 05, empty where there is nothing to say."""
        add, note, at = self.source.add, op.note, op.element
        if isinstance(note, Count):
            add(depth, f"e{at} = str(sum(seg[0] == {note.of!r} for seg in out))")
            return
        if isinstance(note, Size):
            add(depth, f"e{at} = str(len({self._get(op.targets[0])}))")
            return
        if isinstance(note, CurrencyRow):
            add(depth, f"e{at} = '' if desk.currency == desk.context.currency else desk.currency")
            return
        assert isinstance(note, Row)
        if note.forbidden:
            add(depth, f"e{at} = ''")
            return
        add(depth, f"v = {self._get(op.targets[0])}")
        add(depth, f"e{at} = {note.default or ''!r}")
        add(depth, "if v is not None:")
        self._text(depth + 1, op, note.codec, f"e{at}", str(at))
        if note.required:
            field = op.targets[0].name
            add(depth, f"if not e{at}: desk.absent(out, {self.source.name(op)}, {field!r})")

    def _text(self, depth: int, op: Op, codec: Codec, name: str, element: str, *, tries: bool = False) -> None:
        """``name`` = the text of ``v``. ``tries``: a value that the codec cannot say leaves it empty."""
        add, said = self.source.add, self.source.name(op)
        if codec.money:
            add(depth, f"if v.currency != desk.currency: desk.other_currency(out, {said}, v.currency)")
            add(depth, "v = v.amount")
        if codec.table is not None:
            add(depth, f"{name} = {self.source.name(codec.outward)}.get(v, {'v' if codec.others else repr('')})")
            if not tries and not codec.others:
                add(depth, f"if not {name}: desk.bad(out, {said}, {element}, v, {codec.expects!r})")
        elif codec.write is None:
            add(depth, f"{name} = v" if codec.kinds == (str,) else f"{name} = str(v)")
        else:
            add(depth, "try:")
            add(depth + 1, f"{name} = {self.source.name(codec.write)}(v)")
            add(depth, "except (ValueError, ArithmeticError):")
            add(
                depth + 1, f"{name} = " + ("''" if tries else f"desk.bad(out, {said}, {element}, v, {codec.expects!r})")
            )
        low, high, numeric = self._limits(op, codec)
        if high:
            size = f"plain({name})" if numeric else f"len({name})"
            add(
                depth,
                f"if {name} and not {low} <= {size} <= {high}: "
                f"desk.long(out, {said}, {element}, {name}, '{low} to {high}')",
            )

    def _limits(self, op: Op, codec: Codec) -> tuple[int, int, bool]:
        element = element_of(self._release, op.wire.tag, op.element + (1 if isinstance(op.note, Pairs) else 0))
        if codec.longest is not None:
            return codec.shortest or 1, codec.longest, codec.numeric
        if element is None:
            return 0, 0, False
        return element.low, element.high, element.kind in _NUMERIC

    def _pairs(self, op: Op, note: Pairs, *, last: bool) -> None:
        add, pairs = self.source.add, f"pairs{op.element}"
        add(1, f"{pairs} = []")
        fields: dict[Target, list[int]] = {}
        for index, target in enumerate(op.targets):
            fields.setdefault(target, []).append(index)
        for target, choices in fields.items():
            add(1, f"w = {self._get(target)}")
            add(1, f"if w is not None and len({pairs}) < {2 * note.most}:")
            for number, index in enumerate(choices):
                entry = note.entries[index]
                depth = 2
                if number:
                    add(2, "if not e:")
                    depth = 3
                add(depth, "v = w")
                more = number + 1 < len(choices)
                self._text(depth, op, entry.codec, "e", f"{op.element + 1} + len({pairs})", tries=more)
                add(depth, f"if e: {pairs} += [{entry.qualifier!r}, e]")
        if not last:
            add(1, f"{pairs} += [''] * ({2 * note.most} - len({pairs}))")

    def _moment(self, op: Op, note: Moment, texts: list[str]) -> None:
        add, at = self.source.add, op.element
        add(1, f"v = {self._get(op.targets[0])}")
        add(1, f"day{at} = time{at} = zone{at} = ''")
        add(
            1, f"if v is not None: day{at}, time{at}, zone{at} = write_moment(v, desk.context, zoned={bool(note.zone)})"
        )
        texts[at] = f"day{at}"
        if note.time:
            texts[note.time] = f"time{at}"
        if note.zone:
            texts[note.zone] = f"zone{at}"

    def _repeated(self, op: Op, texts: list[str], said: list[str]) -> None:
        """A list: one segment for each text, or for each handful of a `Spread`; one in all beside other elements."""
        add, note, at = self.source.add, op.note, op.element
        add(1, f"every = {self._get(op.targets[0])}")
        if isinstance(note, Spread):
            codec, across = note.codec, note.across
        else:
            assert isinstance(note, Row)
            codec, across = note.codec, 1
        add(1, "told = []")
        add(1, "for v in every or ():")
        self._text(2, op, codec, "e", str(at))
        add(2, "told.append(e)")
        before, after = ", ".join(texts[:at]), ", ".join(texts[at + across :])
        if said:
            add(1, f"if len(told) > {across}: desk.bad(out, {self.source.name(op)}, {at}, told, 'at most {across}')")
            add(1, f"if not told and ({' or '.join(said)}): told = ['']")
        add(1, f"for k in range(0, len(told), {across}):")
        rest = f", *[''] * (k + {across} - len(told)), {after}" if after else ""
        add(2, f"seg = [{before}, *told[k:k + {across}]{rest}]")
        add(2, "while not seg[-1]: seg.pop()")
        add(2, "out.append(seg)")


def _plain(text: str) -> int:
    """The length of a number: sign and point do not count."""
    return len(text) - text.count("-") - text.count(".")
