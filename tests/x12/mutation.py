"""Good documents of our own making, and ways to spoil them. Seeded: the same number spoils the same way."""

from __future__ import annotations

import random
from collections.abc import Callable

from hub.x12.outgoing import COMPONENT, DocumentBody, Envelope, GroupBody
from hub.x12.write import write_interchange

Rows = list[list[str]]

PARTY = ["N1*ST*BIGBOX STORE 42*92*0042", "N3*1 MAIN ST", "N4*DALLAS*TX*75001*US"]
_ORDER = [
    "BEG*00*SA*PO123**20260115",
    "CUR*BY*USD",
    "REF*DP*038",
    "REF*IA*77012",
    "PER*BD*JO DOE*TE*5551234567",
    "FOB*PP",
    "SAC*C*D240***500",
    "ITD*01*3*2**30**31",
    "DTM*002*20260201",
    "TD5**2*UPSN*M*GROUND",
    "N9*ZZ*NOTES",
    "MSG*LEAVE AT DOCK 3",
    *PARTY,
    "PO1*1*10*EA*9.95**UP*012345678905*VN*SKU-RED",
    "PID*F****WIDGET RED",
    "PO1*2*4*EA*4.5**UP*036000291452*VN*SKU-BLUE",
    "PID*F****WIDGET BLUE",
    "SAC*A*C310***125",
    "PO1*3*1.5*LB*12**VN*SKU-GREEN",
    "CTT*3",
    "AMT*TT*130.5",
]
_RESPONSE = [
    "BAK*00*AC*PO123*20260115****88001*20260116",
    "REF*IA*77012",
    "DTM*067*20260201",
    *PARTY,
    "PO1*1*10*EA*9.95**UP*012345678905*VN*SKU-RED",
    "ACK*IA*10*EA*068*20260201",
    "PO1*2*4*EA*4.5**UP*036000291452*VN*SKU-BLUE",
    "ACK*IB*3*EA",
    "ACK*IR*1*EA",
    "CTT*2",
]
_NOTICE = [
    "BSN*00*SHP1*20260116*1200*0001",
    "HL*1**S",
    "TD1*CTN25*2****G*12.5*LB",
    "TD5**2*UPSN*M*GROUND",
    "REF*BM*BOL1",
    "DTM*011*20260116",
    *PARTY,
    "HL*2*1*O",
    "PRF*PO123***20260115",
    "HL*3*2*P",
    "MAN*GM*00006141411234567890",
    "HL*4*3*I",
    "LIN**UP*012345678905*VN*SKU-RED",
    "SN1**10*EA",
    "HL*5*2*P",
    "MAN*GM*00006141411234567906",
    "HL*6*5*I",
    "LIN**UP*036000291452*VN*SKU-BLUE",
    "SN1**3*EA",
    "CTT*6",
]
_INVOICE = [
    "BIG*20260117*INV-1*20260115*PO123",
    "CUR*SE*USD",
    "REF*IA*77012",
    *PARTY,
    "ITD*01*3*2**30**31",
    "DTM*011*20260116",
    "IT1*1*10*EA*9.95**UP*012345678905*VN*SKU-RED",
    "PID*F****WIDGET RED",
    "IT1*2*3*EA*4.5**UP*036000291452*VN*SKU-BLUE",
    "TDS*12175",
    "TXI*ST*8.75",
    "CAD*M***UPSN",
    "SAC*C*D240***500",
    "CTT*2",
]
GROUPS = {"850": "PO", "855": "PR", "856": "SH", "810": "IN"}
_BODIES = {"850": _ORDER, "855": _RESPONSE, "856": _NOTICE, "810": _INVOICE}


def good(document: str, version: str = "004010") -> Rows:
    """The body of a correct document."""
    rows = [row.split("*") for row in _BODIES[document]]
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


def spoilt(document: str, seed: int) -> tuple[bytes, str]:
    """A document with one to three faults, and what was done to it."""
    dice = random.Random(f"{document} {seed}")
    rows = good(document)
    done = []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        way = dice.choice(_WAYS)
        way(rows, dice)
        done.append(way.__name__.strip("_"))
    data = interchange(document, rows)
    if dice.random() < 0.05:
        data = data.replace(b"~SE*", b"~SE*9", 1)
        done.append("count")
    if dice.random() < 0.05:
        data = data.replace(b"*0001~GE", b"*0002~GE", 1)
        done.append("number")
    return data, " ".join(done)
