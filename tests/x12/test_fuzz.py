"""Whatever the bytes are: no exception, an end, every byte accounted for, and documents that are where they say."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.x12.document import Delimiters, Document, Group, Interchange
from hub.x12.grammar import load
from hub.x12.limits import Limits
from hub.x12.reader import read
from hub.x12.shapes import table_of
from hub.x12.stroll import Ground, stroll
from hub.x12.validate import judge_document, settle
from hub.x12.walk import Walk
from tests.x12.making import INVOICE, NOTICE, ORDER, document, group, interchange, wire

BASES = [
    wire(interchange(group(document(ORDER), document(NOTICE, "856", "0002")))),
    wire(interchange(group(document(INVOICE, "810"), kind="IN", version="005010"), version="00501", eleven="^"), "\n"),
    wire(interchange(group(document(ORDER))), "~", "\r\n") * 2,
]
PIECES = [b"~", b"*", b"ISA*", b"ISA", b"SE*", b"ST*", b"GE*", b"IEA*", b"\n", b"\r\n", b">", b"\x00", b"\xff", b"^"]
LIMITS = Limits(interchanges=20, document_segments=500, document_bytes=50_000, segment_bytes=5_000, problems=20)


def check(data: bytes) -> list[Document]:
    reader = read(data, LIMITS)
    found: list[Document] = []
    began, ended = 0, 0
    for event in reader:
        if isinstance(event, Document):
            found.append(event)
            assert len(event.places) == len(event.segments)
            assert len(event.problems) <= LIMITS.problems + 1
            assert (event.verdict == "rejected") == any(p.severity == "error" for p in event.problems)
        elif isinstance(event, Interchange | Group):
            began += not event.closed
            ended += event.closed
    assert began == ended
    assert reader.size == reader.bytes_accounted == len(data)
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.sampled_from([b"", b"ISA*", BASES[0][:106], BASES[0][:200]]))
def test_any_bytes(tail: bytes, head: bytes) -> None:
    check(head + tail)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.sampled_from(BASES), st.integers(1, 12))
def test_damaged_interchanges(pick: random.Random, base: bytes, times: int) -> None:
    data = base
    for _ in range(times):
        at = pick.randrange(len(data) + 1)
        span = pick.choice((0, 0, 1, 1, 2, 10, 60))
        new = pick.choice((b"", pick.choice(PIECES), bytes([pick.randrange(256)]), data[at : at + span]))
        data = data[:at] + new + data[at + span :]
    found = check(data)
    streamed = list(read(io.BytesIO(data), LIMITS))
    assert [d.as_json() for d in streamed if isinstance(d, Document)] == [d.as_json() for d in found]


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([("850", ORDER), ("856", NOTICE), ("810", INVOICE)]))
def test_the_quick_way_and_the_exact_way_agree(pick: random.Random, base: tuple[str, list[str]]) -> None:
    """What the quick way places, the exact way places alike and without a word."""
    name, body = base
    lines = document(body, name)
    for _ in range(pick.randrange(4)):
        at = pick.randrange(1, len(lines) - 1)
        edit = pick.randrange(4)
        if edit == 0:
            lines.insert(at, lines[pick.randrange(1, len(lines) - 1)])
        elif edit == 1 and len(lines) > 3:
            del lines[at]
        elif edit == 2:
            other = pick.randrange(1, len(lines) - 1)
            lines[at], lines[other] = lines[other], lines[at]
        else:
            fields = lines[at].split("*")
            fields[pick.randrange(len(fields))] = pick.choice(("", "X", "99", "1.5", "20260230", "EA"))
            lines[at] = "*".join(fields)
    ground = Ground.of(load("004010", name), Delimiters())
    rows = [line.split("*") for line in lines]
    quick = stroll(ground, [line.encode().translate(table_of(Delimiters())).decode() for line in lines], rows)
    walk = Walk(ground.grammar)
    for row in rows:
        walk.step(row[0])
    if quick is None:
        assert walk.problems
    else:
        assert walk.places == quick[0]
        assert walk.problems == []
        easy = settle(ground, rows, quick, 1_000)
        exact = judge_document(ground, rows, 1_000)
        assert [p.as_json() for p in easy.problems] == [p.as_json() for p in exact.problems]


@pytest.mark.parametrize(("lines", "charges", "quick"), [(20, 2, True), (2, 25, True), (2, 26, False), (1, 26, False)])
def test_a_loop_is_counted_within_the_loop_around_it(lines: int, charges: int, quick: bool) -> None:
    """SAC may come 25 times in each PO1, however many lines there are."""
    body = [segment for n in range(lines) for segment in (f"PO1*{n + 1}*1*EA*2", *["SAC*C*D240***100"] * charges)]
    rows = [segment.split("*") for segment in document([ORDER[0], *body])]
    ground = Ground.of(load("004010", "850"), Delimiters())
    found = stroll(ground, ["*".join(row).encode().translate(table_of(Delimiters())).decode() for row in rows], rows)
    assert (found is not None) is quick
    assert bool(judge_document(ground, rows, 1_000).problems) is not quick
