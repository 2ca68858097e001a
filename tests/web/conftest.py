"""A hub with a ledger, a partner and no connections, and a browser's view of its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.clock import SystemClock, TimeIds
from hub.contracts.partner import HubSettings
from hub.ledger import Change, Kind, Ledger, NewMessage, State
from hub.orders.state import OrderState
from hub.runtime import Hub
from hub.server.http import HttpServer
from hub.web import build
from tests.orders.samples import entity, partner


class Desk:
    """Short ways to put things on record."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.ids = TimeIds(hub.clock)

    def message(self, state: State = State.DELIVERED, *, payload: bytes = b"", **fields: Any) -> str:
        """A message in a state; its id."""
        values: dict[str, Any] = {"kind": Kind.DOCUMENT, "type": "850", "partner": "bigbox", **fields}
        if payload:
            values["payload"] = self.hub.ledger.store(payload)
        new = NewMessage(id=self.ids.new(), state=state, **values)
        self.hub.ledger.write(lambda change: change.insert(new))
        return new.id

    def order(self, state: OrderState) -> None:
        """An order as `hub.orders` keeps it."""

        def work(change: Change) -> None:
            change.load_order(state.key)
            change.save_order(
                state.key,
                partner=state.partner,
                po=state.order.id,
                state=state.stage.value,
                data=state.model_dump(mode="json", exclude_none=True),
                expected_version=None,
            )

        self.hub.ledger.write(work)


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
def desk(hub: Hub) -> Desk:
    return Desk(hub)


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
