"""ST…SE: cutting a document out of the bytes and having it judged.

Nearly every document goes the quick way: find its SE, split once, walk once. Whatever is odd goes the careful way of
`hub.x12.careful`: a segment out of place, a missing SE, blanks, empty segments, binary data, an unknown set.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from hub.problem import Problem, Severity
from hub.x12.careful import cut_document
from hub.x12.cursor import Cursor
from hub.x12.document import Document, Group
from hub.x12.envelope import version_of
from hub.x12.grammar import RELEASES, Grammar, load, nearest, word
from hub.x12.guide import Guide
from hub.x12.judge import date_is_valid
from hub.x12.limits import Limits
from hub.x12.problems import found
from hub.x12.seen import Seen
from hub.x12.shapes import table_of
from hub.x12.stroll import Ground, stroll
from hub.x12.validate import Finding, judge_document, settle, trailer, verdict_of

__all__ = ["Transactions"]

_REACH = 80
"""Bytes that what is looked for as the beginning of SE may take, blanks before it included."""
_GROWING = frozenset(
    {
        "value_not_in_list", "too_many_elements", "element_too_long", "element_too_short", "segment_repeats",
        "loop_repeats", "segment_unknown", "segment_not_in_document", "segment_unexpected",
    }
)  # fmt: skip
"""What differs from release to release: lists, lengths and limits grew, NTE left the 850, MTX came."""
_CENTURY = "004010"
"""The first release whose dates have a century."""
_SETS = 100
"""Transaction sets remembered for one group."""


class Transactions:
    """Reads the documents of one interchange, group after group."""

    def __init__(
        self, cursor: Cursor, limits: Limits, *, lenient_counts: bool = False, guide: Guide | None = None
    ) -> None:
        self._lenient_counts = lenient_counts
        self._guide = guide
        self._cursor = cursor
        self._limits = limits
        self._grounds: dict[str, Ground | None] = {}
        self._oddities: dict[str, list[Problem]] = {}
        self._numbers = Seen()
        self._careful_to = 0
        delimiters = cursor.delimiters
        self._shaping = table_of(delimiters)
        self._blank = delimiters.element + " "
        begins = re.escape(cursor.terminator) + rb"[\r\n \t\x00]{0,64}+SE" + re.escape(cursor.element)
        self._trailer = re.compile(begins).search
        self._splitter = delimiters.segment + cursor.pad.decode("latin-1")

    def start(self) -> None:
        """Another group begins."""
        self._numbers = Seen()
        self._grounds.clear()
        self._oddities.clear()

    def read(self, group: Group) -> Document:
        """The document at the cursor, which stands at ST."""
        offset = self._cursor.offset
        return self._quick(group, offset) or self._careful(group, offset)

    def _ground(self, group: Group, name: str) -> Ground | None:
        """The grammar for a set in this group; None where there is no table."""
        try:
            return self._grounds[name]
        except KeyError:
            release = nearest(version_of(group), name)
            ground = Ground.of(load(release, name), self._cursor.delimiters) if release else None
            if len(self._grounds) < _SETS:
                self._grounds[name] = ground
                self._oddities[name] = _set_problems(group, ground.grammar) if ground else []
            return ground

    def _quick(self, group: Group, offset: int) -> Document | None:
        """None, and the cursor at the same place, where the document is not plainly in order."""
        end = -1 if offset < self._careful_to else self._find_end()
        if end < 0:
            return None
        cursor = self._cursor
        chunk = cursor.source.data[cursor.at : end]
        text, encoding = cursor.decode(chunk)
        separator = cursor.delimiters.element
        rows = [raw.split(separator) for raw in text.split(self._splitter)]
        ground = self._ground(group, rows[0][1]) if len(rows[0]) > 1 else None
        steps = None
        if ground is not None and not ground.grammar.binary and len(rows) <= self._limits.document_segments:
            shapes, _ = cursor.decode(chunk.translate(self._shaping))
            steps = stroll(ground, shapes.split(self._splitter), rows)
        if ground is None or steps is None:
            self._careful_to = cursor.source.offset(end)
            return None
        cursor.at = end + len(cursor.terminator)
        if self._blank in text:
            places, doubts = steps
            blank = {at for at, row in enumerate(rows) if any(field.startswith(" ") for field in row)}
            steps = places, sorted(blank.union(doubts))
        finding = settle(ground, rows, steps, self._limits.problems)
        return self._document(group, ground.grammar, rows, finding, encoding, offset)

    def _find_end(self) -> int:
        """The index of the terminator behind the next SE; -1 where there is none in reach. Each byte is searched once:
        what was searched in vain is gone through carefully."""
        cursor = self._cursor
        source = cursor.source
        reached = 0
        while True:
            trailer = self._trailer(source.data, cursor.at + reached)
            end = source.data.find(cursor.terminator, trailer.end()) if trailer else -1
            if end >= 0:
                return end
            known = len(source.data) - cursor.at
            reached = trailer.start() - cursor.at if trailer else max(known - _REACH, 0)
            if known > self._limits.document_bytes or not cursor.more():
                self._careful_to = cursor.source.offset(cursor.at + known)
                return -1

    def _careful(self, group: Group, offset: int) -> Document:
        cut = cut_document(self._cursor, self._limits)
        name = cut.rows[0][1].strip() if len(cut.rows[0]) > 1 else ""
        ground = self._ground(group, name)
        if ground is None or not cut.complete:
            finding = Finding([None] * len(cut.rows), [] if ground else [_unsupported(name, group)])
        else:
            finding = judge_document(ground, cut.rows, self._limits.problems)
        if not cut.whole:
            last = len(cut.rows)
            finding = finding._replace(problems=[told for told in finding.problems if told.position != last])
        finding.problems.extend(cut.problems)
        grammar = ground.grammar if ground else None
        return self._document(
            group, grammar, cut.rows, finding, cut.encoding, offset, whole=cut.whole, complete=cut.complete
        )

    def _document(
        self,
        group: Group,
        grammar: Grammar | None,
        rows: list[list[str]],
        finding: Finding,
        encoding: str,
        offset: int,
        *,
        whole: bool = True,
        complete: bool = True,
    ) -> Document:
        header = [*rows[0], "", ""]
        name, number = header[1].strip(), header[2].strip()
        problems = finding.problems
        if self._guide is not None and grammar is not None:
            problems = self._guide.judge(grammar, rows, finding.places, problems, self._cursor.delimiters)
        if problems and grammar is not None:
            problems = [_weighed(problem, group) for problem in problems if not _told_elsewhere(problem, group)]
        problems += self._number_problems(number)
        problems += self._oddities.get(name, ())
        if not whole:
            message = f"Document {name} {number} does not end with SE."
            problems.append(found("document_unfinished", message, segment="SE", position=len(rows) + 1))
        elif complete:
            problems += trailer(rows, number, lenient=self._lenient_counts)
        if encoding:
            message = f"There are characters beyond ASCII; they were read as {encoding}."
            problems.append(found("characters_beyond_ascii", message))
        most = self._limits.problems
        if len(problems) > most:
            message = f"There are more than {most} problems; the others are not listed."
            problems = [*problems[:most], found("too_many_problems", message)]
        return Document(
            group=group,
            document=name,
            control_number=number,
            release=grammar.release if grammar else version_of(group),
            segments=rows,
            places=finding.places,
            problems=problems,
            verdict=verdict_of(problems) if problems else "accepted",
            offset=offset,
            length=self._cursor.offset - offset,
        )

    def _number_problems(self, number: str) -> list[Problem]:
        """What is wrong with ST02."""
        severity: Severity | None = None
        if 4 <= len(number) <= 9:
            if not self._numbers.again(number):
                return []
            code = "document_repeats"
            message = f"Document control number {number} came before in this group."
        else:
            severity, code = "warning" if number else "error", "document_number_invalid"
            message = f"ST02 is {number[:20]!r}; expected four to nine characters."
        return [found(code, message, severity=severity, segment="ST", position=1, element=2, value=number)]


def _told_elsewhere(problem: Problem, group: Group) -> bool:
    """ST02 and SE are judged by what they stand for; dates of six digits were right before 004010."""
    if problem.code == "date_invalid" and version_of(group) < _CENTURY:
        value = problem.value or ""
        return date_is_valid(value, 6, 6)
    return problem.segment == "SE" or (problem.segment == "ST" and problem.element in (1, 2))


def _weighed(problem: Problem, group: Group) -> Problem:
    """What another release may allow is no error where the table is not that of the document's release."""
    if problem.severity == "error" and problem.code in _GROWING and version_of(group) not in RELEASES:
        doubt = f" {version_of(group)} may allow it, so it rejects nothing."
        return replace(problem, severity="warning", message=problem.message + doubt)
    return problem


def _set_problems(group: Group, grammar: Grammar) -> list[Problem]:
    """What is odd about every document of this set in this group."""
    name, version = grammar.document, version_of(group)
    at: dict[str, Any] = {"segment": "ST", "position": 1, "element": 1, "value": name}
    problems = []
    if group.type and group.type != grammar.group:
        message = f"{name} ({grammar.name}) belongs into a group of type {grammar.group}; this is {group.type[:10]}."
        problems.append(found("document_wrong_group", message, **at))
    if grammar.release != version and version in RELEASES:
        message = f"{name} is not part of {version}; it is read with the table of {grammar.release}."
        problems.append(found("table_borrowed", message, **at))
    return problems


def _unsupported(name: str, group: Group) -> Problem:
    at: dict[str, Any] = {"segment": "ST", "position": 1, "element": 1, "value": name}
    if not name.isalnum() or len(name) != 3:
        return found("document_identifier", f"ST01 is {name[:20]!r}; expected an identifier such as 850.", **at)
    text = word("143", name)
    message = f"{name}{f' ({text})' if text else ''} in version {group.version[:12] or '?'} is not a document we read."
    return found("document_unsupported", message, **at)
