"""Good documents of our own making, and ways to spoil them. Seeded: the same number spoils the same way."""

from __future__ import annotations

import random
from collections.abc import Callable

from hub.x12.outgoing import COMPONENT, DocumentBody, Envelope, GroupBody
from hub.x12.write import write_interchange
from tests.x12.bodies import BODIES, GROUPS

Rows = list[list[str]]


def good(document: str, version: str = "004010") -> Rows:
    """The body of a correct document."""
    rows = [row.split("*") for row in BODIES[document]]
    if version >= "005010":
        rows = [["MTX", "", *row[1:]] if row[0] == "MSG" else row for row in rows]
    return rows


def interchange(document: str, rows: Rows, version: str = "004010") -> bytes:
    """One document in its envelope, with right counts."""
    envelope = Envelope(
        sender_qualifier="ZZ", sender="BIGBOX", receiver_qualifier="ZZ", receiver="CROSSDOCK", control=1,
        at_seconds=1_768_478_400.0, version=version,
    )  # fmt: skip
    body = DocumentBody(document=document, control_number="0001", segments=rows)
    return write_interchange(envelope, [GroupBody(type=GROUPS[document], control=1, documents=[body])])


def _segment(rows: Rows, dice: random.Random) -> list[str]:
    return rows[dice.randrange(len(rows))]


def _value(rows: Rows, dice: random.Random) -> tuple[list[str], int]:
    row = dice.choice([row for row in rows if any(row[1:])])
    return row, dice.choice([i for i, value in enumerate(row) if i and value])


def _drop(rows: Rows, dice: random.Random) -> None:
    del rows[dice.randrange(len(rows))]


def _double(rows: Rows, dice: random.Random) -> None:
    at = dice.randrange(len(rows))
    rows.insert(at, list(rows[at]))


def _swap(rows: Rows, dice: random.Random) -> None:
    at = dice.randrange(len(rows) - 1)
    rows[at], rows[at + 1] = rows[at + 1], rows[at]


def _move(rows: Rows, dice: random.Random) -> None:
    row = rows.pop(dice.randrange(len(rows)))
    rows.insert(dice.randrange(len(rows) + 1), row)


def _strange(rows: Rows, dice: random.Random) -> None:
    rows.insert(dice.randrange(len(rows) + 1), [dice.choice(("ZZZ", "W05", "TA9", "BEG", "HL")), "1", "X"])


def _blank(rows: Rows, dice: random.Random) -> None:
    row, at = _value(rows, dice)
    row[at] = ""


def _longer(rows: Rows, dice: random.Random) -> None:
    row, at = _value(rows, dice)
    row[at] = row[at] * dice.choice((2, 9)) + "X"


def _shorter(rows: Rows, dice: random.Random) -> None:
    row, at = _value(rows, dice)
    row[at] = row[at][:1]


def _other(rows: Rows, dice: random.Random) -> None:
    row, at = _value(rows, dice)
    row[at] = dice.choice(("XX", "QQQ", "20260230", "2500", "-5", "1.2.3", "1E5", ".5", "é", "0", "Z9", "9999999", " "))


def _more(rows: Rows, dice: random.Random) -> None:
    row = _segment(rows, dice)
    row += [""] * dice.choice((0, 0, 3, 20)) + ["X1"]


def _component(rows: Rows, dice: random.Random) -> None:
    row, at = _value(rows, dice)
    row[at] += COMPONENT + "A"


_WAYS: tuple[Callable[[Rows, random.Random], None], ...] = (
    _drop, _double, _swap, _move, _strange, _blank, _longer, _shorter, _other, _other, _more, _component,
)  # fmt: skip


def spoilt(document: str, seed: int, version: str = "004010") -> tuple[bytes, str]:
    """A document with one to three faults, and what was done to it."""
    dice = random.Random(f"{document} {version} {seed}")
    rows = good(document, version)
    done = []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        way = dice.choice(_WAYS)
        way(rows, dice)
        done.append(way.__name__.strip("_"))
    data = interchange(document, rows, version)
    if dice.random() < 0.05:
        data = data.replace(b"~SE*", b"~SE*9", 1)
        done.append("count")
    if dice.random() < 0.05:
        data = data.replace(b"*0001~GE", b"*0002~GE", 1)
        done.append("number")
    return data, " ".join(done)
