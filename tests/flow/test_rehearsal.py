"""P6: what a rehearsal says is what happens: whether it is done, what becomes of it, and which deliveries are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from hub.flow import replay, work
from hub.flow.rehearsal import rehearse
from hub.flow.replay_way import How
from hub.ledger import Kind, Message, State
from tests.flow import confirmations
from tests.flow.test_replay_edit import MENDED, WHO, payload, refused, stopped, two_of_one_order
from tests.flow.world import World


def _stop(world: World, message: Message, cause: str = "held", **facts: Any) -> Message:
    return world.hub.ledger.write(
        lambda change: change.move(
            message.id, [message.state], State.HELD, event="held", actor="test", cause=cause, facts=facts
        )
    )


def _order(world: World, data: bytes) -> None:
    world.drop(data)
    world.run()


def held(world: World) -> Message:
    _order(world, world.order("PO-1").replace(b"*92*0042", b"*92*0099"))
    return world.one(Kind.DOCUMENT, "850")


def rejected(world: World) -> Message:
    _order(world, world.order("PO-1").replace(b"PO1*1*10*EA", b"PO1*1*TEN*EA"))
    return world.one(Kind.DOCUMENT, "850")


def file(world: World) -> Message:
    return world.hub.ledger.message(held(world).parent or "")


def behind(world: World) -> Message:
    two_of_one_order(world)
    return _stop(world, world.messages(Kind.DOCUMENT, "850")[1])


def confirmation(world: World) -> Message:
    _order(world, world.order("PO-1"))
    world.post("shipment_confirmation", confirmations.ship("PO-1", 10))
    return _stop(world, world.one(Kind.DOCUMENT, "shipment_confirmation"))


def invoice(world: World) -> Message:
    confirmation(world)
    replay.run(world.hub.flow, [world.one(Kind.DOCUMENT, "shipment_confirmation").id], **WHO)
    work.run(world.hub.flow, "document")
    return refused(world, world.one(Kind.DOCUMENT, "invoice"))


def uncertain(world: World) -> Message:
    return _stop(world, arrived(world), "outcome_unknown", look_first=True)


def arrived(world: World) -> Message:
    _order(world, world.order("PO-1"))
    return world.one(Kind.DELIVERY, "855")


WAYS: Mapping[Callable[[World], Message], tuple[Mapping[str, Any], ...]] = {
    held: ({}, {"rule": MENDED}, {"fields": {"id": "PO-7"}}, {"mapping": "current"}, {"edit": (b"0099", b"0042")}),
    rejected: ({}, {"rule": "set PO102 = 10 where PO102 = TEN"}, {"edit": (b"TEN", b"10")}, {"stage": "process"}),
    file: ({}, {"again": True}, {"again": True, "rule": MENDED}, {"again": True, "edit": (b"0099", b"0042")}),
    behind: ({}, {"mapping": "original"}, {"edit": (b"PO-1", b"PO-2")}),
    confirmation: ({}, {"mapping": "original"}, {"fields": {"seller_order_id": "?"}}, {"edit": (b"SKU", b"ABC")}),
    invoice: ({}, {"mapping": "current"}, {"edit": (b"", b"")}, {"rule": MENDED}),
    stopped: ({}, {"numbers": "new"}, {"mapping": "current", "rule": "set BAK02 = AC"}, {"stage": "read"}),
    uncertain: ({}, {"mapping": "current"}, {"rule": "set BAK02 = AC"}),
    arrived: ({}, {"again": True}, {"again": True, "fields": {"order_id": "PO-7"}}),
}


@pytest.mark.parametrize(("scene", "way"), [(scene, way) for scene, ways in WAYS.items() for way in ways])
def test_a_rehearsal_tells_what_happens(
    world: World, scene: Callable[[World], Message], way: Mapping[str, Any]
) -> None:
    message, desk = scene(world), world.hub.flow
    own = payload(world, message) if message.payload else b""
    edit = own.replace(*way["edit"]) if "edit" in way else None
    how = How(**{name: value for name, value in way.items() if name != "edit"})
    told = rehearse(desk, message.id, edit=edit, how=how)
    before = {found.id for found in world.messages()}
    (line,) = replay.run(desk, [message.id], edit=edit, how=how, **WHO)
    assert (told["possible"], told["would"]) == (line["possible"], line["would"])
    if not line["possible"]:
        assert world.hub.ledger.message(message.id) == message
        return
    world.run()
    after = world.hub.ledger.message(line["message_id"])
    becomes = told["becomes"]
    if becomes is None or "asked" in becomes["detail"]:
        assert after.kind is Kind.DELIVERY or after.type == "invoice"
    else:
        if after.kind is Kind.DOCUMENT:
            assert (becomes["state"], becomes["cause"]) == (after.state.value, after.cause)
        new = [found for found in world.messages() if found.id not in before]
        assert sorted(_made(after, new)) == sorted(
            effect["type"] for effect in told["effects"] if effect["verdict"] in {"new", "follows"}
        )
    world.audit()


def _made(after: Message, new: list[Message]) -> Iterator[str]:
    """Types of what was made of a message directly, or of the documents that it holds."""
    documents = [one.id for one in new if one.parent == after.id and one.payload and one.kind is Kind.DOCUMENT]
    for found in new:
        if found.id != after.id and found.parent in {after.id, *documents} and found.id not in documents:
            yield found.type
