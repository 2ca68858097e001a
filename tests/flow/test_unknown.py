"""Far ends that cannot be asked what they have: what may have arrived is held or, where the route says so, sent again;
either way it is counted (P2)."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from hub.contracts.connector import Receipt
from hub.errors import Unreachable
from hub.flow import replay, work
from hub.flow.delivery import _calls, _parcels, at_once
from hub.flow.settle import settle
from hub.ledger import Kind, Message, State, sweeps
from routes.orders import ORDERS
from tests.flow.world import World


def _blind(world: World) -> None:
    del world.hub.settings.connections["erp"].settings["find_path"]


def _die_after_sending(world: World) -> None:
    """A worker takes what it would take at once, sends it, and is gone before it says so."""
    desk = world.hub.flow
    claimed = desk.ledger.claim(Kind.DELIVERY, at_once(desk, "erp"), lease_seconds=0.01, owner="doomed", endpoint="erp")
    calls = _calls(desk, desk.sink("erp"), _parcels(desk, claimed))
    outcomes = [outcome for call in calls for _, outcome in call]
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)


def _dropped(world: World, count: int) -> None:
    for number in range(count):
        world.drop(world.order(f"PO-{number}"))
    for stage in ("interchange", "document"):
        while work.run(world.hub.flow, stage):
            pass


def test_of_a_far_end_that_cannot_be_asked_only_what_was_under_way_is_held(world: World) -> None:
    _blind(world)
    _dropped(world, 3)
    _die_after_sending(world)
    world.until(lambda: not world.hub.ledger.audit()["in_flight"])
    states = sorted((m.state, m.cause) for m in world.messages(Kind.DELIVERY, "erp_order"))
    assert states == [(State.DELIVERED, ""), (State.DELIVERED, ""), (State.HELD, "outcome_unknown")]
    assert len(world.journals["erp"].all("taken")) == 3
    assert world.journals["erp"].all("repeated") == [], "none was sent again"
    audit = world.audit()
    assert (audit["unknown"], audit["sent_again"]) == (1, 0)


def test_where_the_route_says_so_it_is_sent_again_and_counted(world: World) -> None:
    again = tuple(replace(deliver, on_unknown="resend") for deliver in ORDERS.deliver)
    desk = world.hub.flow
    world.hub._desk = replace(desk, routes={**desk.routes, "Order": replace(ORDERS, deliver=again)})
    _blind(world)
    _dropped(world, 2)
    _die_after_sending(world)
    world.until(lambda: not world.hub.ledger.audit()["in_flight"])
    deliveries = world.messages(Kind.DELIVERY, "erp_order")
    assert [m.state for m in deliveries] == [State.DELIVERED] * 2
    assert [m.facts.get("unknown") for m in deliveries].count("sent_again") == 1
    assert len(world.journals["erp"].all("repeated")) == 1
    audit = world.audit()
    assert (audit["unknown"], audit["sent_again"]) == (0, 1)


def test_an_outage_after_a_death_does_not_let_it_be_forgotten_that_it_may_have_arrived(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "_PAUSES_SECONDS", (0.0,) * 6)
    _blind(world)
    _dropped(world, 1)
    _die_after_sending(world)
    (again,) = _claimed_again(world, lease_seconds=60)
    settle(world.hub.flow, again, Unreachable("Nobody answers."), attempts_max=10)
    waiting = world.one(Kind.DELIVERY, "erp_order")
    assert (waiting.state, waiting.attempts, waiting.crashes) == (State.RECEIVED, 1, 0)
    world.hub.ledger.write(lambda change: change.resume_endpoint("erp"))
    world.until(lambda: not world.hub.ledger.audit()["in_flight"])
    assert world.one(Kind.DELIVERY, "erp_order").cause == "outcome_unknown"
    assert world.journals["erp"].all("repeated") == []


def test_what_died_too_often_is_looked_for_when_it_is_replayed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "_PAUSES_SECONDS", (0.0,) * 6)
    _dropped(world, 1)
    _die_after_sending(world)
    while _claimed_again(world, lease_seconds=0.01):
        pass
    dead = world.one(Kind.DELIVERY, "erp_order")
    assert (dead.state, dead.cause) == (State.DEAD, "worker_died")
    replay.run(world.hub.flow, [dead.id], actor="test", reason="the worker is mended")
    world.until(lambda: not world.hub.ledger.audit()["in_flight"])
    assert world.one(Kind.DELIVERY, "erp_order").state is State.DELIVERED
    assert len(world.journals["erp"].all("taken")) == 1
    assert world.journals["erp"].all("repeated") == [], "it was asked for, and found"


def _claimed_again(world: World, *, lease_seconds: float) -> list[Message]:
    """What the sweep took back, in the hands of the next worker."""
    ledger = world.hub.ledger
    threading.Event().wait(0.02)
    ledger.sweep()
    return ledger.claim(Kind.DELIVERY, 1, lease_seconds=lease_seconds, owner="doomed", solo=True)
