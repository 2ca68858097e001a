"""What one partner does differently: named edits of a mapping's rows.

Every edit says why, and is of one class: `STANDARD` (the partner uses a choice that the standard leaves), a `variation`
(the partner departs from it; somebody owns that) or an `exception` (approved by somebody, until a day). An edit that
hits no row fails when it is loaded. A path is the rows' own, with the loops around it: ``REF[DP]02``, ``PO1/PO103``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from hub.errors import Misconfigured
from hub.mapping.codecs import code
from hub.mapping.json_mapping import JsonMapping
from hub.mapping.notation import Computed, Const, Loop, Node, Row
from hub.mapping.x12_mapping import X12Mapping

__all__ = [
    "STANDARD",
    "Edit",
    "Grade",
    "add",
    "constant",
    "default",
    "exception",
    "expired",
    "forbid",
    "limit",
    "overlay",
    "recode",
    "remove",
    "require",
    "variation",
    "widen",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """How far an edit departs from the standard, and who answers for it."""

    name: str
    owner: str = ""
    approver: str = ""
    ends: date | None = None


STANDARD = Grade(name="standard")


def variation(owner: str) -> Grade:
    """The partner departs from the standard. Raises Misconfigured without an owner."""
    if not owner:
        raise Misconfigured("a variation needs an owner", fix="name who answers for it")
    return Grade(name="variation", owner=owner)


def exception(approver: str, ends: date) -> Grade:
    """Something that must not stay. Raises Misconfigured without an approver."""
    if not approver:
        raise Misconfigured("an exception needs an approver", fix="name who allowed it")
    return Grade(name="exception", approver=approver, ends=ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit. ``change``: the row to the rows that take its place; raises Misconfigured where it cannot."""

    name: str
    path: str
    why: str
    grade: Grade
    change: Callable[[Node], tuple[Node, ...]]

    def __post_init__(self) -> None:
        if not self.why:
            raise Misconfigured(f"{self.name}({self.path!r}) does not say why", fix="say why, with the guide's page")


N = TypeVar("N", X12Mapping, JsonMapping)


def overlay(mapping: N, partner: str, edits: Sequence[Edit]) -> N:
    """The partner's mapping. Raises Misconfigured for an edit that hits no row, or several."""
    rows = mapping.rows
    for edit in edits:
        rows, hits = _edited(rows, "", edit)
        if hits != 1:
            raise Misconfigured(
                f"overlay of {partner}: {edit.name}({edit.path!r}) hits {hits} rows of {mapping.document}",
                fix=f"rows are: {', '.join(sorted(_paths(mapping.rows, '')))}",
            )
    return replace(mapping, rows=rows, overlay=partner)


def expired(edits: Sequence[Edit], today: date) -> list[Edit]:
    """Exceptions that end before this day."""
    return [edit for edit in edits if edit.grade.ends is not None and edit.grade.ends < today]


def require(path: str, *, why: str, grade: Grade = STANDARD) -> Edit:
    """The element, or the loop, must be there."""

    def change(node: Node) -> tuple[Node, ...]:
        if isinstance(node, Row):
            return (replace(node, required=True, forbidden=False, why=why),)
        if isinstance(node, Loop):
            return (replace(node, required=True),)
        raise _cannot("require", node)

    return Edit(name="require", path=path, why=why, grade=grade, change=change)


def forbid(path: str, *, why: str, grade: Grade = STANDARD) -> Edit:
    """The element must not come, and is not written."""
    return _row("forbid", path, why, grade, lambda row: replace(row, required=False, forbidden=True, why=why))


def recode(path: str, codes: Mapping[str, Any], *, why: str, grade: Grade = STANDARD) -> Edit:
    """The partner's codes, over those of the table: a code given here is also the one written for its meaning."""

    def change(row: Row) -> Row:
        if row.codec.table is None:
            raise _cannot("recode", row)
        theirs = set(codes.values())
        kept = {text: meaning for text, meaning in row.codec.codes.items() if text not in codes}
        table = {text: meaning for text, meaning in kept.items() if text in row.codec.table and meaning not in theirs}
        also = {text: meaning for text, meaning in kept.items() if text not in table}
        return replace(row, codec=code({**codes, **table}, also=also, others=row.codec.others), why=why)

    return _row("recode", path, why, grade, change)


def limit(path: str, shortest: int, longest: int, *, why: str, grade: Grade = STANDARD) -> Edit:
    """Narrower lengths than the release's, both ways."""
    return _row("limit", path, why, grade, lambda row: replace(row, codec=row.codec(shortest, longest), why=why))


def widen(path: str, shortest: int, longest: int, *, why: str, grade: Grade) -> Edit:
    """Wider lengths than the release's; never `STANDARD`."""
    if grade.name == "standard":
        raise Misconfigured(f"widen({path!r}) departs from the standard", fix="grade it variation() or exception()")
    return _row("widen", path, why, grade, lambda row: replace(row, codec=row.codec(shortest, longest), why=why))


def default(path: str, text: str, *, why: str, grade: Grade = STANDARD) -> Edit:
    """What stands for an absent element, in both directions."""
    return _row("default", path, why, grade, lambda row: replace(row, default=text, why=why))


def constant(path: str, text: str, *, why: str, grade: Grade = STANDARD) -> Edit:
    """Another fixed text; the mapping's own is still understood."""

    def change(node: Node) -> tuple[Node, ...]:
        if not isinstance(node, Const):
            raise _cannot("constant", node)
        return (replace(node, text=text, also=(*node.also, node.text), why=why),)

    return Edit(name="constant", path=path, why=why, grade=grade, change=change)


def remove(path: str, *, why: str, grade: Grade = STANDARD) -> Edit:
    """The partner does not use it: not written; what comes in it is reported as unmapped."""
    return Edit(name="remove", path=path, why=why, grade=grade, change=lambda _: ())


def add(after: str, *nodes: Node, why: str, grade: Grade = STANDARD) -> Edit:
    """Further rows, after the row or loop of this path."""
    return Edit(name="add", path=after, why=why, grade=grade, change=lambda node: (node, *nodes))


def _row(name: str, path: str, why: str, grade: Grade, edit: Callable[[Row], Row]) -> Edit:
    def change(node: Node) -> tuple[Node, ...]:
        if not isinstance(node, Row):
            raise _cannot(name, node)
        return (edit(node),)

    return Edit(name=name, path=path, why=why, grade=grade, change=change)


def _cannot(name: str, node: Node) -> Misconfigured:
    return Misconfigured(f"{name} cannot edit a {type(node).__name__.lower()}", fix="name a row it fits")


def _own(node: Node) -> str:
    if isinstance(node, Loop):
        return node.head
    return f"computed({node.field})" if isinstance(node, Computed) else node.wire


def _edited(rows: tuple[Node, ...], around: str, edit: Edit) -> tuple[tuple[Node, ...], int]:
    changed: list[Node] = []
    hits = 0
    for node in rows:
        path = f"{around}{_own(node)}"
        if path == edit.path:
            changed += edit.change(node)
            hits += 1
        elif isinstance(node, Loop):
            inner, found = _edited(node.rows, f"{path}/", edit)
            changed.append(replace(node, rows=inner) if found else node)
            hits += found
        else:
            changed.append(node)
    return tuple(changed), hits


def _paths(rows: tuple[Node, ...], around: str) -> list[str]:
    found = []
    for node in rows:
        path = f"{around}{_own(node)}"
        found += [path, *_paths(node.rows, f"{path}/")] if isinstance(node, Loop) else [path]
    return [path for path in found if path and not path.endswith("/")]
