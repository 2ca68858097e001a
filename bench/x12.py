"""X12 from bytes to JSON and back, beside the plain split, the plain join and other libraries, in one run.

Process CPU time on the same seeded documents, in turns in one process, garbage collection as usual; the least of the
turns counts. The floor of reading splits each document on both delimiters, one segment at a time, and keeps nothing;
that of writing joins each document from its lists. Of the other libraries what each further document takes is told, so
that what they load for a call, such as pyx12 its maps, does not count.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

from bench.x12_peers import PEERS, Missing, Pass
from bench.x12_read import floor, interchange, invoice, notice, order
from hub.contracts.mapping import Context
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.answer import answers
from hub.x12.document import Document, Group, Interchange
from hub.x12.outgoing import DocumentBody, Envelope, GroupBody
from hub.x12.reader import read
from hub.x12.write import write_interchange
from mappings import CATALOG

__all__ = ["figures"]

TURNS = 80
"""Many short turns: on a machine that has other work, some of them are left alone."""
PEER_TURNS = 5
_CONTEXT = Context()
_ENVELOPE = Envelope(
    sender_qualifier="ZZ", sender="BIGBOX", receiver_qualifier="ZZ", receiver="CROSSDOCK", control=1,
    at_seconds=1_800_000_000.0,
)  # fmt: skip


class Kind(NamedTuple):
    """One kind of document: how many are measured at once, and how many but the first by other libraries."""

    name: str
    group: str
    make: Callable[[random.Random], list[str]]
    documents: int
    for_peers: int


KINDS = (
    Kind("850, 20 lines", "PO", order, 40, 15),
    Kind("856, 100 items", "SH", notice, 8, 3),
    Kind("810, 20 lines", "IN", invoice, 40, 15),
)


class Work(NamedTuple):
    """Something to measure; ``floor`` is the floor it is compared with."""

    floor: str
    does: str
    run: Pass


def figures() -> list[dict[str, Any]]:
    """A line each work: microseconds a document, as a multiple of its floor; for a library also as a multiple of the
    work of ours that does the same or more. None where it could not be measured; ``does`` says why."""
    return [row for kind in KINDS for row in _kind(kind)]


def _kind(kind: Kind) -> Iterator[dict[str, Any]]:
    pick = random.Random(850)
    bodies = [kind.make(pick) for _ in range(kind.documents)]
    works = {**_reading(kind, bodies), **_writing(kind, bodies)}
    least = _least({name: work.run for name, work in works.items()}, TURNS)
    ours = {name: seconds / kind.documents * 1e6 for name, seconds in least.items()}
    for name, work in works.items():
        yield _row(kind, name, work.does, ours[name], ours[work.floor])
    few = [interchange(kind.group, bodies[:count]) for count in (1, kind.for_peers + 1)]
    for peer in PEERS:
        try:
            with ExitStack() as stack:
                one, more = (stack.enter_context(peer.ready(data)) for data in few)
                taken = _least({"one": one, "more": more}, PEER_TURNS)
        except Missing as missing:
            yield _row(kind, peer.name, str(missing))
            continue
        each = (taken["more"] - taken["one"]) / kind.for_peers * 1e6
        yield _row(kind, peer.name, peer.does, each, ours["split"], ours[peer.beside])


def _row(
    kind: Kind, work: str, does: str, taken: float | None = None, low: float = 1.0, ours: float | None = None
) -> dict[str, Any]:
    return {
        "document": kind.name,
        "work": work,
        "us": None if taken is None else round(taken, 1),
        "per_floor": None if taken is None else round(taken / low, 1),
        "per_crossdock": None if taken is None or ours is None else round(taken / ours, 1),
        "does": does,
    }


def _least(works: dict[str, Pass], turns: int) -> dict[str, float]:
    """Seconds of CPU of each, the least of its turns."""
    best = dict.fromkeys(works, float("inf"))
    gc.collect()
    for _ in range(turns):
        for name, run in works.items():
            start = time.process_time()
            run()
            best[name] = min(best[name], time.process_time() - start)
    return best


def _reading(kind: Kind, bodies: list[list[str]]) -> dict[str, Work]:
    data = interchange(kind.group, bodies)
    texts = ["~".join([f"ST*{body[0]}*0001", *body[1:], "SE*1*0001"]) for body in bodies]
    mapping = _mapping(bodies)
    _check(data, mapping, len(bodies))

    def stored(events: Iterable[Interchange | Group | Document]) -> Iterator[Interchange | Group | Document]:
        for event in events:
            if isinstance(event, Document):
                mapping.read(event, _CONTEXT).json()
            yield event

    def mapped() -> None:
        for event in read(data):
            if isinstance(event, Document):
                mapping.read(event, _CONTEXT)

    def answered(events: Iterable[Interchange | Group | Document]) -> list[bytes]:
        return list(answers(events, at_seconds=1_800_000_000.0))

    return {
        "split": Work("split", "the floor of reading", lambda: floor(texts)),
        "judge": Work("split", "read and validate in full", lambda: sum(1 for _ in read(data))),
        "judge, 997": Work("split", "… and write the 997", lambda: answered(read(data))),
        "judge, map": Work("split", "… and map to the canonical message", mapped),
        "judge, map, JSON": Work("split", "… and write its JSON", lambda: sum(1 for _ in stored(read(data)))),
        "judge, map, JSON, 997": Work("split", "all of it", lambda: answered(stored(read(data)))),
    }


def _writing(kind: Kind, bodies: list[list[str]]) -> dict[str, Work]:
    mapping = _mapping(bodies)
    documents = [event for event in read(interchange(kind.group, bodies)) if isinstance(event, Document)]
    rows = [document.segments[1:-1] for document in documents]
    messages = [message for one in documents if (message := mapping.read(one, _CONTEXT).message) is not None]

    def join() -> None:
        for segments in rows:
            "~".join(["*".join(segment) for segment in segments])

    def write(contents: Iterable[list[list[str]]]) -> bytes:
        made = [
            DocumentBody(document=mapping.document, control_number=f"{number:04d}", segments=segments)
            for number, segments in enumerate(contents, 1)
        ]
        return write_interchange(_ENVELOPE, [GroupBody(type=kind.group, control=1, documents=made)])

    return {
        "join": Work("join", "the floor of writing", join),
        "write": Work("join", "segments to an interchange, checked", lambda: write(rows)),
        "map, write": Work(
            "join", "canonical messages to it", lambda: write(mapping.write(one, _CONTEXT) for one in messages)
        ),
    }


def _mapping(bodies: list[list[str]]) -> X12Mapping:
    mapping = CATALOG[f"x12/{bodies[0][0]}"]
    assert isinstance(mapping, X12Mapping)
    return mapping


def _check(data: bytes, mapping: X12Mapping, count: int) -> None:
    """All that was generated is right, or there is nothing to measure."""
    documents = [event for event in read(data) if isinstance(event, Document)]
    readings = [mapping.read(document, _CONTEXT) for document in documents]
    good = sum(document.verdict == "accepted" for document in documents)
    if (good, sum(not reading.problems for reading in readings)) != (count, count):
        raise SystemExit(f"{mapping.document}: not every generated document is accepted and mapped")
