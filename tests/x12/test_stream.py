"""Large interchanges pass through little memory, from files that give a few bytes at a time, in linear time."""

from __future__ import annotations

import io
import itertools
import socket
import tracemalloc
from collections.abc import Iterator

import pytest

from hub.x12.document import Document, Group, Interchange
from hub.x12.limits import Limits
from hub.x12.reader import read
from hub.x12.source import Source
from tests.x12.making import ORDER, document, group, interchange, wire


class Trickle(io.RawIOBase):
    """A file that gives ``step`` bytes at most, whatever is asked for."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step, self._at = data, step, 0

    def read(self, size: int = -1) -> bytes:
        piece = self._data[self._at : self._at + min(self._step, size if size >= 0 else self._step)]
        self._at += len(piece)
        return piece


class Endless(io.RawIOBase):
    """One interchange of ``count`` orders, made while it is read."""

    def __init__(self, count: int) -> None:
        body = "~".join(ORDER)
        orders = (f"ST*850*{n:06d}~{body}~SE*{len(ORDER) + 2}*{n:06d}~" for n in range(1, count + 1))
        head, tail = interchange(), f"GE*{count}*1~IEA*1*000000001~"
        opening = f"{head[0]}~GS*PO*BIGBOX*CROSSDOCK*20260105*1200*1*X*004010~"
        self._pieces: Iterator[str] = itertools.chain([opening], orders, [tail])
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest += piece.encode()
        out, self._rest = self._rest[:size], self._rest[size:]
        return out


@pytest.mark.parametrize("step", [1, 7, 106, 1000])
@pytest.mark.parametrize("pad", ["", "\n"])
def test_a_file_that_trickles(step: int, pad: str) -> None:
    segments = [s for n in range(1, 4) for s in document(ORDER, number=f"{n:04d}")]
    data = wire(interchange(["GS*PO*A*B*20260105*1200*1*X*004010", *segments, "GE*3*1"]), "~", pad)
    reader = read(Trickle(data, step))
    found = [event for event in reader if isinstance(event, Document)]
    assert [d.verdict for d in found] == ["accepted"] * 3
    assert [data[d.offset : d.offset + d.length].decode().split("*", 3)[2][:4] for d in found] == [
        "0001",
        "0002",
        "0003",
    ]
    assert reader.bytes_accounted == reader.size == len(data)


def test_memory_does_not_grow_with_the_interchange() -> None:
    """F-82: six thousand orders, 1.8 MB, pass through a window of two blocks and one document."""
    list(read(Endless(10)))
    tracemalloc.start()
    reader = read(Endless(6_000))
    accepted = sum(isinstance(event, Document) and event.verdict == "accepted" for event in reader)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert accepted == 6_000
    assert reader.size > 1_700_000
    assert peak < 1_200_000


def test_events_come_while_the_source_is_read() -> None:
    """The first order is there before the last was asked for."""
    source = Endless(1_000_000)
    events = iter(read(source))
    kinds = [type(next(events)) for _ in range(5)]
    assert kinds == [Interchange, Group, Document, Document, Document]


@pytest.mark.parametrize("buffering", [0, -1], ids=["raw", "buffered"])
def test_documents_come_while_their_sender_is_still_sending(buffering: int) -> None:
    """From a socket: orders are there while others are still to come; the rest comes a few bytes at a time."""
    orders = [s for n in range(1, 101) for s in document(ORDER, number=f"{n:04d}")]
    data = wire(interchange(["GS*PO*A*B*20260105*1200*1*X*004010", *orders, "GE*100*1"]))
    sent = data.index(b"ST*850*0080") + 40
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb", buffering=buffering) as file:
        ours.settimeout(20)
        theirs.sendall(data[:sent])
        reader = read(file)
        events = iter(reader)
        assert [type(next(events)) for _ in range(3)] == [Interchange, Group, Document]
        for at in range(sent, len(data), 30):
            theirs.sendall(data[at : at + 30])
        theirs.close()
        rest = list(events)
    assert [event.verdict for event in rest if isinstance(event, Document)] == ["accepted"] * 99
    assert reader.bytes_accounted == reader.size == len(data)


def test_a_large_document_from_a_pipe_moves_few_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One megabyte, at most 700 bytes at a time."""
    lines = [*ORDER[:9], *["PO1*1*12*EA*9.95**UP*012345678905*VN*SKU-1"] * 20_000]
    data = wire(interchange(group(document([*lines, "CTT*20000"]))))
    moved = 0
    more = Source.more

    def counting(self: Source, at: int) -> bool:
        nonlocal moved
        got = more(self, at)
        moved += len(self.data)
        return got

    monkeypatch.setattr(Source, "more", counting)
    (found,) = (event for event in read(Trickle(data, 700)) if isinstance(event, Document))
    assert found.verdict == "accepted"
    assert moved < 100 * len(data)


def test_a_document_of_the_greatest_size_and_one_beyond() -> None:
    """One segment more than the limit is told, and the next document is read as if nothing were."""

    def lines(count: int, number: str) -> list[str]:
        return document([*ORDER[:9], *["PO1*1*12*EA*9.95"] * (count - 12), f"CTT*{count - 12}"], number=number)

    most = 1_000
    data = wire(interchange(group(lines(most, "0001"), lines(most + 1, "0002"), document(ORDER, number="0003"))))
    found = [event for event in read(data, Limits(document_segments=most)) if isinstance(event, Document)]
    assert [(one.control_number, one.verdict) for one in found] == [
        ("0001", "accepted"),
        ("0002", "rejected"),
        ("0003", "accepted"),
    ]
    assert [problem.code for problem in found[1].problems] == ["document_too_large"]
    assert len(found[0].segments) == most
    assert Limits().document_segments == 100_000


@pytest.mark.parametrize(
    "data",
    [
        b"ST*850*0001~" * 20_000,
        wire(interchange())[:107] + b"GS*PO*A*B*20260105*1200*1*X*004010~" + b"ST*850*0001~" * 20_000,
        wire(interchange())[:107] + b"GS*PO*A*B*20260105*1200*1*X*004010~ST*850*0001~" + b"HOUSE*" * 60_000,
        wire(interchange())[:107] * 3_000,
        b"ISA*" * 60_000,
        b"~" * 300_000,
        wire(interchange())[:107] + b"~\n " * 100_000,
        wire(interchange())[:107] + b"ST*850*1~" + b" " * 300_000 + b"SE*",
    ],
    ids=["naked", "no SE", "words that end in SE", "only headers", "half headers", "terminators", "blank", "spaces"],
)
def test_hostile_input_takes_linear_steps(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are moved a few times at most: what the windows hold, summed up, stays near the size of the input."""
    moved = 0
    more = Source.more

    def counting(self: Source, at: int) -> bool:
        nonlocal moved
        got = more(self, at)
        moved += len(self.data)
        return got

    monkeypatch.setattr(Source, "more", counting)
    reader = read(io.BytesIO(data))
    for _ in reader:
        pass
    assert reader.bytes_accounted == len(data)
    assert moved < 12 * len(data) + 2_000_000
