"""A ledger on each engine, and short ways to put messages into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.clock import TimeIds
from hub.ledger import Kind, Ledger, NewMessage, Stored

NewDocument = Callable[..., NewMessage]


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self, seconds: float = 1_800_000_000.0) -> None:
        self.seconds = seconds

    def now(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ledger(ledger_url: str, tmp_path: Path, clock: HandClock) -> Iterator[Ledger]:
    opened = Ledger.open(ledger_url, home=tmp_path, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def new(clock: HandClock) -> NewDocument:
    """Makes a `NewMessage`; what is not said is a document of partner bigbox."""
    ids = TimeIds(clock)

    def make(kind: Kind = Kind.DOCUMENT, **fields: Any) -> NewMessage:
        clock.advance(0.002)
        values: dict[str, Any] = {"id": ids.new(), "kind": kind, "type": "850", "partner": "bigbox", **fields}
        if isinstance(values.get("payload"), bytes):
            raise TypeError("give bytes to Ledger.store first")
        return NewMessage(**values)

    return make


@pytest.fixture
def stored(ledger: Ledger) -> Stored:
    return ledger.store(b"ISA*00*          ~")
