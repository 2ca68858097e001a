"""A service that is down is asked once a pause and holds up nobody (P4); what waited for it goes on when it is back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from demo.endpoint import Call, Endpoint, Reply
from hub.contracts.endpoint import EndpointSettings, Window
from hub.flow import work
from hub.ledger import Kind, Message, State
from hub.web.shapes import message_line
from hub.web.waiting import pauses
from tests.flow import confirmations
from tests.flow.world import World

ORDERS = [f"PO-{number}" for number in range(1, 6)]


class Tax:
    """The demo's tax engine behind a door that can be shut: then a call is answered 503, once ``answers`` is set."""

    def __init__(self, world: World) -> None:
        self.calls = 0
        self.is_down = True
        self.asked, self.answers = threading.Event(), threading.Event()
        self.answers.set()
        open_routes = world.far_ends["tax"].routes()
        self.server = Endpoint(0, {place: self._door(answer) for place, answer in open_routes.items()})
        world.hub.settings.connections["tax"].settings["base_url"] = self.server.url
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def _door(self, answer: Any) -> Any:
        def through(call: Call) -> Reply:
            self.calls += 1
            self.asked.set()
            self.answers.wait()
            return Reply(503, {}) if self.is_down else answer(call)

        return through

    def stop(self) -> None:
        self.answers.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@pytest.fixture
def tax(world: World) -> Iterator[Tax]:
    service = Tax(world)
    yield service
    service.stop()


def _shipped(world: World, *numbers: str) -> None:
    for number in numbers:
        world.drop(world.order(number))
    world.run()
    for number in numbers:
        world.post("shipment_confirmation", confirmations.ship(number, 10))
    world.run()


def _invoices(world: World) -> list[Message]:
    return world.messages(Kind.DOCUMENT, "invoice")


def test_it_is_asked_as_often_as_is_agreed(world: World, tax: Tax) -> None:
    tax.is_down = False
    world.hub.ledger.write(lambda change: change.set_endpoint_limits("tax", per_second=0.001, burst=2))
    _shipped(world, *ORDERS)
    assert (tax.calls, len(world.outbox("810"))) == (2, 2)
    waiting = [invoice for invoice in _invoices(world) if invoice.state is State.RECEIVED]
    assert {(invoice.cause, invoice.attempts) for invoice in waiting} == {("throttled", 0)}
    first, second, third = sorted(invoice.due_at for invoice in waiting)
    assert (second - first, third - second) == pytest.approx((1000.0, 1000.0), rel=0.1)
    world.hub.ledger.write(lambda change: change.set_endpoint_limits("tax", per_second=50, burst=1))
    world.until(lambda: len(world.outbox("810")) == len(ORDERS))
    assert len(world.journals["tax"].all("saved")) == len(ORDERS)
    assert world.hub.ledger.endpoint("tax").failures == 0
    world.audit()


def test_who_is_turned_away_uses_up_no_turn(world: World, tax: Tax) -> None:
    world.hub.ledger.write(lambda change: change.set_endpoint_limits("tax", per_second=0.001, burst=2))
    world.hub.ledger.write(lambda change: change.endpoint_failed("tax", open_until=None))
    world.hub.flow.trying["tax"] = 0  # another thread
    _shipped(world, *ORDERS)
    assert tax.calls == 0
    turn = world.hub.ledger.write(lambda change: change.take_turn("tax"))
    assert turn <= world.hub.ledger.now()


def test_it_is_asked_once_a_pause_and_all_go_on_when_it_is_back(world: World, tax: Tax) -> None:
    _shipped(world, *ORDERS)
    row = world.hub.ledger.endpoint("tax")
    assert 1 <= tax.calls == row.failures < len(ORDERS), "each call opens a pause, and none is made in one"
    assert len(world.outbox("856")) == len(ORDERS), "nobody else waits"
    waiting = _invoices(world)
    assert [(invoice.state, invoice.attempts) for invoice in waiting] == [(State.RECEIVED, 0)] * len(ORDERS)
    said = pauses(world.hub.ledger)
    assert all("Nothing is sent to tax before" in message_line(invoice, said)["waits"] for invoice in waiting)
    world.until(lambda: tax.calls >= 3)
    row = world.hub.ledger.endpoint("tax")
    assert (row.failures, row.cause) == (tax.calls, "unreachable")
    assert {end.name: end.waiting for end in world.hub.ledger.endpoints()}["tax"] == len(ORDERS)
    assert {invoice.attempts for invoice in _invoices(world)} == {0}
    tax.is_down = False
    world.until(lambda: len(world.outbox("810")) == len(ORDERS))
    assert world.hub.ledger.endpoint("tax").failures == 0
    assert len(world.journals["tax"].all("saved")) == len(ORDERS)
    world.audit()


def test_one_thread_tries_it_and_the_others_go_on(world: World, tax: Tax) -> None:
    _shipped(world, *ORDERS)
    tax.answers.clear()
    tax.asked.clear()
    trying = threading.Thread(target=lambda: world.until(tax.answers.is_set))
    trying.start()
    assert tax.asked.wait(20), world.trouble()
    calls = tax.calls
    _shipped(world, "PO-LATER")
    assert (tax.calls, len(world.outbox("856"))) == (calls, len(ORDERS) + 1)
    tax.is_down = False
    tax.answers.set()
    trying.join()
    world.until(lambda: len(world.outbox("810")) == len(ORDERS) + 1)


def test_it_is_not_asked_in_a_maintenance_window(world: World, tax: Tax) -> None:
    always = EndpointSettings(maintenance=(Window.model_validate({"from": "00:00", "to": "00:00"}),))
    world.hub.settings.endpoints["tax"] = always
    _shipped(world, *ORDERS)
    assert tax.calls == 0
    row = world.hub.ledger.endpoint("tax")
    assert (row.failures, row.cause) == (0, "maintenance")
    assert {invoice.due_at for invoice in _invoices(world)} == {row.open_until}


def test_a_slow_one_keeps_a_thread_for_a_turn_and_others_come_first(
    world: World, tax: Tax, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flow.document.TURN_SECONDS", 0.0)
    tax.is_down = False
    for number in ORDERS:
        world.drop(world.order(number))
    world.run()
    for number in ORDERS:
        world.post("shipment_confirmation", confirmations.ship(number, 10))
    while not tax.calls:
        work.run(world.hub.flow, "interchange")
        work.run(world.hub.flow, "document")
    invoices = _invoices(world)
    assert tax.calls == 1, "there was time for one"
    untried = [invoice for invoice in invoices if invoice.state is State.RECEIVED]
    assert [invoice.attempts for invoice in untried] == [0] * (len(ORDERS) - 1)
    assert all(world.hub.ledger.events(invoice.id)[-1].what == "parked" for invoice in untried)
    due = sorted(invoice.due_at for invoice in untried)
    assert len(set(due)) == len(due), "each comes back for its own turn"
    world.until(lambda: len(world.outbox("810")) == len(ORDERS))
    assert len(world.journals["tax"].all("saved")) == len(ORDERS)
    world.audit()
