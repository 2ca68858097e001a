"""The body of one interchange: groups, documents, TA1, and what has no place there."""

from __future__ import annotations

from collections.abc import Iterator

from hub.problem import Problem
from hub.x12.agreement import Agreement
from hub.x12.cursor import Cursor
from hub.x12.document import Document, Group, Interchange
from hub.x12.envelope import close_group, close_interchange, group_of
from hub.x12.header import begins
from hub.x12.limits import Limits
from hub.x12.problems import found
from hub.x12.seen import Seen
from hub.x12.transaction import Transactions

__all__ = ["Body"]


class Body:
    """Iterate `read` once; the cursor then stands behind IEA, or where the interchange broke off.

    ``naked``: there is no ISA, so no IEA is missed, nor a group around documents.
    """

    def __init__(
        self, cursor: Cursor, interchange: Interchange, limits: Limits, agreement: Agreement, *, naked: bool = False
    ) -> None:
        self._lenient = agreement.counts
        self._naked = naked
        self._cursor = cursor
        self._interchange = interchange
        self._limits = limits
        self._group: Group | None = None
        self._headless: Group | None = None
        self._groups = 0
        self._numbers = Seen()
        self._transactions = Transactions(cursor, limits, lenient_counts=agreement.counts, guide=agreement.guide)

    def read(self) -> Iterator[Group | Document]:
        """Groups when they begin and when they end, and the documents between."""
        cursor = self._cursor
        mark = b"ST" + cursor.element
        while cursor.settle():
            if self._group is not None and cursor.source.data.startswith(mark, cursor.at):
                self._group.documents += 1
                yield self._transactions.read(self._group)
                if not cursor.overlong:
                    continue
            if begins(cursor.source.data, cursor.at):
                break
            if cursor.overlong:
                self._tell(_overlong(self._limits.segment_bytes))
                break
            tag = cursor.tag()
            if tag == b"ST":
                yield from self._document()
                continue
            raw = cursor.segment()
            if raw is None:
                continue
            fields = cursor.decode(raw)[0].split(cursor.delimiters.element)
            if tag == b"GS":
                yield from self._close_group(None)
                yield self._open_group(fields)
            elif tag == b"GE" and self._group is not None:
                yield from self._close_group(fields)
            elif tag == b"IEA":
                yield from self._close_group(None)
                self._finish(fields)
                return
            else:
                self._stray(fields)
        yield from self._close_group(None)
        self._finish(None)

    def _document(self) -> Iterator[Group | Document]:
        if self._group is None:
            if not self._naked:
                message = "A document (ST) stands outside any group; it is read as if there were one."
                self._tell(found("group_missing", message, segment="ST"))
            yield self._open_group([])
        assert self._group is not None
        self._group.documents += 1
        yield self._transactions.read(self._group)

    def _open_group(self, fields: list[str]) -> Group:
        group = group_of(fields, self._interchange)
        if not fields:
            self._headless = group
        else:
            self._groups += 1
            if self._numbers.again(group.control_number):
                message = f"Group control number {group.control_number} came before in this interchange."
                group.problems.append(
                    found("group_repeats", message, segment="GS", element=6, value=group.control_number)
                )
        self._group = group
        self._transactions.start()
        return group

    def _close_group(self, fields: list[str] | None) -> Iterator[Group]:
        group, self._group = self._group, None
        if group is None:
            return
        if group is self._headless:
            group.closed = True
            self._groups += fields is not None
        else:
            close_group(group, fields, lenient=self._lenient)
        yield group

    def _stray(self, fields: list[str]) -> None:
        tag = fields[0].strip()
        if tag == "TA1":
            if len(self._interchange.ta1) < self._limits.problems:
                self._interchange.ta1.append(fields)
        elif self._group is not None:
            message = f"Segment {tag[:20]!r} stands between documents of group {self._group.control_number}."
            self._tell(found("group_content", message, segment=tag[:3], value=tag), self._group)
        elif tag not in ("ISB", "ISE"):
            message = f"Segment {tag[:20]!r} stands between ISA and IEA, outside any group."
            self._tell(found("interchange_content", message, segment=tag[:3], value=tag))

    def _finish(self, fields: list[str] | None) -> None:
        if not self._naked:
            close_interchange(self._interchange, fields, self._groups, lenient=self._lenient)
        cursor = self._cursor
        if cursor.indented:
            self._tell(found("blanks_before_tags", "Blanks stand before segments; they were passed over."))
        if cursor.empty:
            message = f"{cursor.empty} terminator(s) without a segment, or blank lines, were passed over."
            self._tell(found("segments_empty", message))
        if cursor.unfinished:
            self._tell(found("terminator_missing", "The last segment does not end with the terminator."))

    def _tell(self, problem: Problem, group: Group | None = None) -> None:
        problems = self._interchange.problems if group is None else group.problems
        if len(problems) < self._limits.problems:
            problems.append(problem)


def _overlong(limit: int) -> Problem:
    message = f"A segment is longer than {limit} bytes; the interchange is not read beyond it."
    return found("segment_too_large", message, ack={"TA105": "022"})
