"""Seeds of every document we map, and damage that keeps enough of the structure to reach deep."""

from __future__ import annotations

import random
from pathlib import Path

from tests.x12.making import NOTICE, ORDER, document, group, interchange, wire

__all__ = ["damaged", "seeds"]

SAMPLES = Path(__file__).parents[2] / "edi_samples" / "x12"
PIECES = [
    b"~", b"*", b">", b"^", b"\n", b"\r\n", b"\x00", b"\xff", b"\xc3\xbc", b" ", b"ISA", b"ISA*", b"SE*", b"ST*",
    b"GE*", b"GS*", b"IEA*", b"HL*", b"BIN*9*", b"BDS*9*", b"TA1*", b"~~", b"~\n~", b"**", b"*9*", b"\x1a", b"\x1c",
    b"\x1d",    b"\xef\xbb\xbf", b"UNA:+.? '",
]  # fmt: skip
VALUES = [
    b"", b"0", b"-1", b"1E9", b".", b"1.", b"-.5", b"00", b"9" * 19, b"20260230", b"2461", b"A", b"ZZ", b"QQQ", b" ",
    b"a>b", b"a^b", b"\xc3\xa9", b"EA", b"004010", b"005010X231A1", b"X" * 90, b"NaN", b"Infinity", b"1_0",
    b"\xd9\xa3", b"+5",
]  # fmt: skip
_LARGEST = 2_000
"""Bytes of a seed: many small inputs find more than few large ones."""


def seeds() -> list[bytes]:
    """One or two samples of each set, and files of several groups, delimiters and line ends."""
    found = []
    for folder in sorted(SAMPLES.glob("*/*")):
        small = [data for path in sorted(folder.glob("*.edi")) if len(data := path.read_bytes()) < _LARGEST]
        found += sorted(small, key=len)[:2]
    order, notice = document(ORDER), document(NOTICE, "856")
    two = interchange(group(order, document(ORDER, number="0002")), group(notice, kind="SH", number=2))
    plain = interchange(group(order))
    cut = wire(plain)
    found += [
        wire(two),
        wire(plain, "\n"),
        wire(plain, "~", "\r\n") * 2,
        wire(["*".join(field.strip() or " " for field in plain[0].split("*")), *plain[1:]]),
        wire([plain[0], "TA1*000000007*260105*1200*A*000", *plain[1:]]),
        b"".join(cut[at : at + 80] + b"\n" for at in range(0, len(cut), 80)),
        wire(group(order)),
    ]
    return found


def damaged(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """``data`` with one to six faults; ``other`` lends segments."""
    separator, terminator = data[3:4] or b"*", data[105:106] or b"~"
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        way = dice.randrange(10)
        if way < 4:
            data = _element(data, separator, terminator, dice)
        elif way < 7:
            data = _segment(data, other, terminator, dice)
        else:
            data = _bytes(data, dice)
    return data


def _bytes(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data) + 1)
    span = dice.choice((0, 0, 1, 1, 2, 10, 60))
    new = dice.choice((b"", dice.choice(PIECES), bytes([dice.randrange(256)]), data[at : at + span] * 2))
    return data[:at] + new + data[at + span :]


def _segment(data: bytes, other: bytes, terminator: bytes, dice: random.Random) -> bytes:
    rows = data.split(terminator)
    at = dice.randrange(len(rows))
    way = dice.randrange(5)
    if way == 0:
        del rows[at]
    elif way == 1:
        rows.insert(at, rows[dice.randrange(len(rows))])
    elif way == 2:
        rows.insert(at, dice.choice(other.split(other[105:106] or b"~")))
    elif way == 3:
        second = dice.randrange(len(rows))
        rows[at], rows[second] = rows[second], rows[at]
    else:
        rows[at:at] = [rows[at]] * dice.choice((2, 30))
    return terminator.join(rows)


def _element(data: bytes, separator: bytes, terminator: bytes, dice: random.Random) -> bytes:
    rows = data.split(terminator)
    at = dice.randrange(len(rows))
    fields = rows[at].split(separator)
    where = dice.randrange(len(fields))
    way = dice.randrange(5)
    if way == 0:
        fields[where] = b""
    elif way == 1:
        fields.insert(where, dice.choice(VALUES))
    elif way == 2:
        fields[where] += dice.choice(VALUES)
    else:
        fields[where] = dice.choice(VALUES)
    rows[at] = separator.join(fields)
    return terminator.join(rows)
