"""Far ends that fail, and what people do about it (P2, P4, P6)."""

from __future__ import annotations

import json

import pytest

from hub.contracts.connector import Receipt
from hub.errors import KeyConflict
from hub.flow import replay, work
from hub.flow.delivery import _calls, _parcels
from hub.ledger import Kind, State
from tests.flow import confirmations
from tests.flow.conftest import MakeWorld
from tests.flow.world import World


def test_a_refused_order_is_dead_until_it_is_mended_and_replayed(make_world: MakeWorld) -> None:
    world = make_world(refused="PO-1")
    world.drop(world.order("PO-1"))
    world.drop(world.order("PO-2"))
    world.run()
    dead = next(m for m in world.messages(Kind.DELIVERY, "erp_order") if m.state is State.DEAD)
    assert "CUSTOMER_BLOCKED" in dead.detail
    assert len(world.outbox("855")) == 2, "one refusal delays nobody else"

    world.far_ends["erp"].unblock(None)
    (planned,) = replay.plan(world.hub.flow, [dead.id])
    assert planned["possible"]
    assert world.hub.ledger.message(dead.id).state is State.DEAD, "a plan changes nothing"
    replay.run(world.hub.flow, [dead.id], actor="operator", reason="customer unblocked")
    world.run()
    assert world.hub.ledger.message(dead.id).state is State.DELIVERED
    assert len(world.journals["erp"].all("taken")) == 2
    with pytest.raises(KeyConflict):
        replay.close(world.hub.flow, dead.id, actor="operator", reason="too late")
    world.audit()


def test_an_edited_delivery_replaces_the_dead_one(make_world: MakeWorld) -> None:
    world = make_world(refused="PO-1")
    world.drop(world.order("PO-1"))
    world.run()
    dead = world.one(Kind.DELIVERY, "erp_order")
    assert dead.payload is not None
    edited = json.loads(world.hub.ledger.payload(dead.payload))
    edited["purchase_order_number"] = "PO-1-A"
    (line,) = replay.run(
        world.hub.flow, [dead.id], edit=json.dumps(edited).encode(), actor="operator", reason="new number"
    )
    world.run()
    original, replaced = (world.hub.ledger.message(key) for key in (dead.id, line["message_id"]))
    assert (original.state, original.cause, replaced.state) == (State.ANSWERED, "replaced", State.DELIVERED)
    assert replaced.replay_of == original.id
    world.audit()


def test_a_rejected_document_is_mended_and_replayed(world: World) -> None:
    bad = world.order("PO-1").replace(b"PO1*1*10*EA", b"PO1*1*TEN*EA")
    world.drop(bad)
    world.run()
    rejected = world.one(Kind.DOCUMENT, "850")
    assert rejected.state is State.REJECTED
    mended = bad.replace(b"PO1*1*TEN*EA", b"PO1*1*10*EA")
    replay.run(world.hub.flow, [rejected.id], edit=mended, actor="operator", reason="partner confirmed 10")
    world.run()
    assert len(world.journals["erp"].all("taken")) == 1
    assert world.hub.ledger.message(rejected.id).state is State.ANSWERED
    world.audit()


def test_a_held_order_passes_once_its_cause_is_mended(world: World) -> None:
    world.drop(world.order("PO-1").replace(b"*92*0042", b"*92*0099"))
    world.run()
    held = world.one(Kind.DOCUMENT, "850")
    assert held.state is State.HELD
    assert "0099" in held.detail
    partner = world.hub.partners["bigbox"]
    mended = partner.model_copy(update={"ship_to": {**partner.ship_to, "0099": partner.ship_to["0042"]}})
    world.hub.partners["bigbox"] = mended  # type: ignore[index]
    replay.run(world.hub.flow, [held.id], actor="operator", reason="new store")
    world.run()
    assert world.hub.ledger.message(held.id).state is State.DELIVERED
    assert len(world.journals["erp"].all("taken")) == 1


def test_a_tax_engine_that_fails_for_a_while_delays_the_invoice_only(make_world: MakeWorld) -> None:
    world = make_world(fail_first=2)
    world.drop(world.order("PO-1"))
    world.run()
    world.post("shipment_confirmation", confirmations.ship("PO-1", 10))
    world.run()
    assert len(world.outbox("856")) == 1
    assert world.outbox("810") == []
    world.until(lambda: world.outbox("810"))
    assert world.one(Kind.DOCUMENT, "invoice").state is State.DELIVERED
    assert len(world.outbox("810")) == 1


def test_an_endpoint_that_is_down_parks_its_deliveries(world: World) -> None:
    sink = world.hub.settings.connections["erp"].settings
    sink["base_url"] = "http://127.0.0.1:9"
    world.drop(world.order("PO-1"))
    world.run()
    parked = world.one(Kind.DELIVERY, "erp_order")
    assert (parked.state, parked.cause) == (State.RECEIVED, "unreachable")
    assert len(world.outbox("855")) == 1
    assert [endpoint.name for endpoint in world.hub.ledger.endpoints() if endpoint.failures] == ["erp"]
    assert world.audit()["in_flight"] == 1


def test_a_worker_that_died_after_sending_looks_before_it_sends_again(world: World) -> None:
    world.drop(world.order("PO-1"))
    for stage in ("interchange", "document"):
        work.run(world.hub.flow, stage)
    desk = world.hub.flow
    (claimed,) = desk.ledger.claim(Kind.DELIVERY, 1, lease_seconds=0.01, owner="doomed", endpoint="erp")
    (((_, outcome),),) = _calls(desk, desk.sink("erp"), _parcels(desk, [claimed]))
    assert isinstance(outcome, Receipt), "the worker dies after this half of a delivery"
    world.until(lambda: world.one(Kind.DELIVERY, "erp_order").state is State.DELIVERED)
    assert len(world.journals["erp"].all("taken")) == 1
    assert world.journals["erp"].all("repeated") == [], "it was found, not sent again"
