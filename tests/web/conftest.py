"""A hub with a ledger, a partner and no connections, and a browser's view of its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from hub.clock import SystemClock
from hub.contracts.partner import HubSettings
from hub.ledger import Ledger
from hub.runtime import Hub
from hub.server.http import HttpServer
from hub.web import build
from tests.orders.samples import entity, partner
from tests.records import Records


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    clock = SystemClock()
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", home=tmp_path, clock=clock)
    made = Hub(
        home=tmp_path,
        settings=HubSettings(entity=entity()),
        partners={"bigbox": partner()},
        ledger=ledger,
        clock=clock,
        hint=lambda _stage: None,
    )
    yield made
    made.close()


@pytest.fixture
def records(hub: Hub) -> Records:
    return Records(hub.ledger)


@contextmanager
def served(hub: Hub) -> Iterator[httpx.Client]:
    """A client for the page of a hub, which listens on a free port."""
    server = HttpServer(build(hub), "127.0.0.1", 0)
    server.start()
    try:
        with httpx.Client(base_url=server.url) as client:
            yield client
    finally:
        server.stop()


@pytest.fixture
def page(hub: Hub) -> Iterator[httpx.Client]:
    with served(hub) as client:
        yield client
