"""What made other hubs lose orders or answer wrongly: each test is named after the failure, F-nn, it keeps away."""

from __future__ import annotations

from decimal import Decimal

import pytest

from demo import documents, x12
from hub.ledger import Kind, State
from tests.flow.agreed import agree, answer, replaced
from tests.flow.world import TODAY, World


def test_f38_a_control_number_is_never_used_again(world: World) -> None:
    for number in ("PO-1", "PO-2"):
        world.drop(world.order(number))
        world.run()
    sent = sorted(entry.control for set_id in ("997", "855") for entry in world.outbox(set_id))
    assert len(sent) == len(set(sent)) == 4
    assert [int(control) for control in sent] == list(range(int(sent[0]), int(sent[0]) + 4))


def test_f41_an_acknowledgment_that_is_read_again_changes_nothing(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    (sent,) = (entry.documents[0] for entry in world.outbox("855"))
    data = world.write("FA", "997", documents.acknowledgment(sent))
    for name in ("997.edi", "997-again.edi"):
        world.drop(data, name=name)
        world.run()
    first, second = world.messages(Kind.INTERCHANGE)[-2:]
    assert (first.state, second.state) == (State.DELIVERED, State.ANSWERED)
    assert world.one(Kind.DOCUMENT, "997").state is State.ANSWERED


def test_f46_several_acknowledgments_in_a_group_each_find_their_document(world: World) -> None:
    for number in ("PO-1", "PO-2"):
        world.drop(world.order(number))
    world.run()
    first, second = (entry.documents[0] for entry in world.outbox("855"))
    alone = [["AK1", first.group_type, first.group_control], ["AK9", "A", "1", "1", "1"]]
    world.drop(world.write("FA", "997", alone, documents.acknowledgment(second)))
    world.run()
    assert [message.state for message in world.messages(Kind.DOCUMENT, "997")] == [State.ANSWERED] * 2
    told = [world.hub.ledger.sent(message_id=message.id) for message in world.messages(Kind.DELIVERY, "855")]
    assert [[entry.state for entry in entries] for entries in told] == [["accepted"], ["accepted"]]


@pytest.mark.parametrize(("listed", "sets"), [("all", ["0001", "0002"]), ("faulty", ["0002"])])
def test_f47_all_documents_are_listed_or_only_faulty_ones(world: World, listed: str, sets: list[str]) -> None:
    agree(world, acknowledge=listed)
    pieces = {"SKU-RED": Decimal(1)}
    good = documents.purchase_order("PO-1", pieces, TODAY.date())
    bad = documents.faulty_order("PO-2", pieces, TODAY.date())
    world.drop(world.write("PO", "850", good, bad))
    world.run()
    told: x12.Document = answer(world)
    assert [segment[2] for segment in told.all("AK2")] == sets
    assert told.all("AK9")[0][1:] == ["P", "2", "2", "1"]


def test_f48_f89_a_sender_is_known_by_its_ids_alone_and_near_ones_are_named(world: World) -> None:
    """Its name in N1 stays what it is; neither that nor a likely id makes it BigBox."""
    world.drop(replaced(world.order("PO-1"), (b"*ZZ*BIGBOX ", b"*01*BIGBOX ")))
    world.run()
    message = world.messages(Kind.INTERCHANGE)[0]
    assert message.state is State.HELD
    assert "01/BIGBOX" in message.detail
    assert "bigbox has ZZ/BIGBOX" in message.detail


def test_f87_an_unknown_ship_to_is_held_with_its_code_and_those_we_know(world: World) -> None:
    world.drop(replaced(world.order("PO-1"), (b"*92*0042", b"*92*0043")))
    world.run()
    message = world.one(Kind.DOCUMENT, "850")
    assert message.state is State.HELD
    assert "0043" in message.detail
    assert "0042" in message.detail
