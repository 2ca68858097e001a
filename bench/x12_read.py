"""Reading X12 beside the plain split floor: ``python -m bench.x12_read``.

The floor splits each document on both delimiters, one segment at a time, and keeps nothing. Both run in one process
on the same seeded input; CPU time, and the least of many turns counts, as a multiple of the floor's.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from string import ascii_uppercase

from hub.x12.document import Document
from hub.x12.reader import read


def interchange(group: str, documents: list[list[str]], terminator: str = "~") -> bytes:
    isa = "ISA*00*          *00*          *ZZ*BIGBOX         *ZZ*CROSSDOCK      *260105*1200*U*00401*000000001*0*T*>"
    segments = [isa, f"GS*{group}*BIGBOX*CROSSDOCK*20260105*1200*1*X*004010"]
    for number, body in enumerate(documents, 1):
        segments += [f"ST*{body[0]}*{number:04d}", *body[1:], f"SE*{len(body) + 1}*{number:04d}"]
    segments += [f"GE*{len(documents)}*1", "IEA*1*000000001"]
    return (terminator.join(segments) + terminator).encode()


def checked(pick: random.Random, digits: int) -> str:
    """A GTIN or SSCC of so many digits, with its check digit (GS1 General Specifications 7.9)."""
    body = f"{pick.randrange(10 ** (digits - 1)):0{digits - 1}d}"
    total = sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def order(pick: random.Random, lines: int = 20) -> list[str]:
    body = [
        "850",
        f"BEG*00*SA*PO{pick.randrange(10**7):07d}**2026{pick.randrange(1, 13):02d}{pick.randrange(1, 29):02d}",
        "REF*DP*038",
        f"REF*IA*{pick.randrange(10**5)}",
        f"DTM*002*2026{pick.randrange(1, 13):02d}{pick.randrange(1, 29):02d}",
        "TD5**2*UPSN*M",
        f"N1*ST*STORE {pick.randrange(1, 3000)}*92*{pick.randrange(1, 3000):04d}",
        f"N3*{pick.randrange(1, 9999)} MAIN STREET",
        f"N4*DALLAS*TX*{pick.randrange(10**5):05d}*US",
    ]
    total = 0
    for number in range(1, lines + 1):
        quantity = pick.randrange(1, 500)
        total += quantity
        price = f"{pick.randrange(1, 300)}.{pick.randrange(10, 99)}"
        upc, sku = checked(pick, 12), f"SKU-{pick.randrange(10**6)}"
        body.append(f"PO1*{number}*{quantity}*EA*{price}**UP*{upc}*VN*{sku}")
        body.append(f"PID*F****WIDGET {pick.choice(('RED', 'BLUE', 'GREEN'))} {pick.randrange(10**4)}")
    body.append(f"CTT*{lines}*{total}")
    return body


def unlike(pick: random.Random) -> list[str]:
    """An order whose names, streets, towns, item numbers and descriptions come in no other."""

    def text(words: int) -> str:
        return " ".join("".join(pick.choices(ascii_uppercase, k=pick.randrange(2, 10))) for _ in range(words))

    texts = {"N1": (2, 2), "N3": (1, 3), "N4": (1, 1), "PO1": (9, 1), "PID": (5, 4)}
    body = []
    for segment in order(pick):
        fields = segment.split("*")
        if fields[0] in texts:
            element, words = texts[fields[0]]
            fields[element] = text(words)
        body.append("*".join(fields))
    return body


def notice(pick: random.Random, items: int = 100) -> list[str]:
    day = f"202601{pick.randrange(1, 29):02d}"
    body = [
        "856",
        f"BSN*00*{pick.randrange(10**8)}*{day}*1200*0001",
        "HL*1**S",
        "TD1*CTN25*40****G*812.5*LB",
        "TD5**2*UPSN*M",
        f"REF*BM*{pick.randrange(10**9)}",
        f"REF*SI*{pick.randrange(10**9)}",
        f"DTM*011*{day}",
        "N1*SF*CROSSDOCK*91*MAIN",
        "N1*ST*STORE*92*0042",
        "HL*2*1*O",
        f"PRF*PO{pick.randrange(10**7)}***{day}",
    ]
    level = 2
    for carton in range(items // 5):
        level += 1
        parent = level
        body += [f"HL*{level}*2*P", f"MAN*GM*00{checked(pick, 18)}"]
        for _ in range(5):
            level += 1
            quantity = pick.randrange(1, 50)
            body += [
                f"HL*{level}*{parent}*I",
                f"LIN*{carton + 1}*UP*{checked(pick, 12)}*VN*SKU-{pick.randrange(10**6)}",
                f"SN1**{quantity}*EA",
                f"PID*F****WIDGET {pick.randrange(10**4)}",
            ]
    body.append(f"CTT*{level}")
    return body


def invoice(pick: random.Random, lines: int = 20) -> list[str]:
    day = f"202602{pick.randrange(1, 29):02d}"
    body = [
        "810",
        f"BIG*{day}*INV{pick.randrange(10**7)}*20260105*PO{pick.randrange(10**7)}***DI",
        "REF*IA*77012",
        f"REF*SI*{pick.randrange(10**9)}",
        "N1*SE*CROSSDOCK*91*MAIN",
        "N1*ST*STORE*92*0042",
        f"N3*{pick.randrange(1, 9999)} MAIN STREET",
        "N4*DALLAS*TX*75001*US",
        "ITD*01*3*2**10**30",
        f"DTM*011*{day}",
    ]
    total = 1299
    for number in range(1, lines + 1):
        quantity, cents = pick.randrange(1, 500), pick.randrange(110, 29_999)
        total += quantity * cents
        price = f"{cents // 100}.{cents % 100:02d}".rstrip("0").rstrip(".")
        body.append(f"IT1*{number}*{quantity}*EA*{price}**UP*{checked(pick, 12)}")
        body.append(f"PID*F****WIDGET {pick.randrange(10**4)}")
    return [*body, f"TDS*{total}", "SAC*C*D240***1299", f"CTT*{lines}"]


def floor(texts: list[str]) -> None:
    for text in texts:
        for segment in text.split("~"):
            segment.split("*")


def ours(data: bytes) -> int:
    return sum(isinstance(event, Document) and event.verdict == "accepted" for event in read(data))


def seconds(work: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def measure(name: str, group: str, documents: list[list[str]], runs: int = 7) -> tuple[str, int, float, float]:
    """Name, segments a document, microseconds a document of the floor and of ours."""
    data = interchange(group, documents)
    if ours(data) != len(documents):
        raise SystemExit(f"{name}: not every generated document is accepted")
    texts = ["~".join([f"ST*{body[0]}*0001", *body[1:], "SE*1*0001"]) for body in documents]
    count = len(documents)
    low = seconds(lambda: floor(texts), runs) / count
    high = seconds(lambda: ours(data), runs) / count
    low = min(low, seconds(lambda: floor(texts), runs) / count)
    return name, len(documents[0]) + 1, low * 1e6, high * 1e6


def main() -> None:
    pick = random.Random(850)
    print(f"{'document':16}{'segments':>9}{'floor us':>10}{'ours us':>10}{'ratio':>7}")
    for name, segments, low, high in (
        measure("850, 20 lines", "PO", [order(pick) for _ in range(1000)]),
        measure("850, all unlike", "PO", [unlike(pick) for _ in range(1000)]),
        measure("856, 100 items", "SH", [notice(pick) for _ in range(100)]),
        measure("810, 20 lines", "IN", [invoice(pick) for _ in range(1000)]),
    ):
        print(f"{name:16}{segments:>9}{low:>10.1f}{high:>10.1f}{high / low:>7.1f}")


if __name__ == "__main__":
    main()
