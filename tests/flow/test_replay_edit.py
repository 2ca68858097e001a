"""P4 and P6: what is edited keeps its place in its order, and what is asked for is done or refused, never left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from demo import documents
from hub.flow import replay, work
from hub.flow.rehearsal import rehearse
from hub.flow.replay_way import How
from hub.ledger import Kind, Message, State
from tests.flow import confirmations
from tests.flow.world import TODAY, World

WHO: dict[str, Any] = {"actor": "dana", "reason": "mended"}
MENDED = "set N104 = 0042 where N104 = 0099"


def two_of_one_order(world: World) -> Message:
    """An 850 of ten that is held for its ship-to, and one of seven that waits behind it; the first."""
    world.drop(world.order("PO-1", SKU_RED=10).replace(b"*92*0042", b"*92*0099"))
    world.run()
    world.drop(world.order("PO-1", SKU_RED=7))
    world.run()
    first, second = world.messages(Kind.DOCUMENT, "850")
    assert (first.state, second.cause) == (State.HELD, "in_order")
    return first


def stopped(world: World, document: str = "855", number: str = "PO-1") -> Message:
    """The delivery of an order that stopped before it was ever sent."""
    world.drop(world.order(number))
    for stage in ("interchange", "document"):
        work.run(world.hub.flow, stage)
    return refused(world, world.one(Kind.DELIVERY, document))


def refused(world: World, message: Message) -> Message:
    return world.hub.ledger.write(
        lambda change: change.move(
            message.id, [State.RECEIVED], State.DEAD, event="dead", actor="test", cause="rejected"
        )
    )


def replayed(world: World, message: Message, *, edit: bytes | None = None, **how: Any) -> Message:
    (line,) = replay.run(world.hub.flow, [message.id], edit=edit, how=How(**how), **WHO)
    assert line["replayed"], line
    return world.hub.ledger.message(line["message_id"])


def payload(world: World, message: Message) -> bytes:
    return world.hub.ledger.payload(message.payload or "")


@pytest.mark.parametrize("way", ["rule", "fields", "document", "interchange"])
def test_a_document_that_is_mended_goes_before_the_one_that_waits_behind_it(world: World, way: str) -> None:
    held = two_of_one_order(world)
    file = world.hub.ledger.message(held.parent or "")
    edits: dict[str, dict[str, Any]] = {
        "rule": {"rule": MENDED},
        "fields": {"fields": {"ship_to.buyer_assigned_id": "0042"}},
        "document": {"edit": payload(world, held).replace(b"0099", b"0042")},
        "interchange": {"edit": payload(world, file).replace(b"0099", b"0042")},
    }
    mended = replayed(world, held, **edits[way])
    assert (mended.kind, mended.order_key, mended.seq) == (Kind.DOCUMENT, held.order_key, held.seq)
    world.run()
    assert world.hub.ledger.message(mended.id).state is State.DELIVERED
    assert [str(entry.ordered) for entry in world.state("PO-1").lines] == ["10"]
    assert len(world.outbox("997")) == 2, "one for each file that came"
    world.audit()


def test_an_edit_that_leaves_it_unreadable_keeps_its_place(world: World) -> None:
    held = two_of_one_order(world)
    mended = replayed(world, held, edit=payload(world, held).replace(b"*10*EA", b"*TEN*EA"))
    world.run()
    assert world.hub.ledger.message(mended.id).state is not State.DELIVERED
    assert (mended.order_key, mended.seq) == (held.order_key, held.seq)


def test_a_document_that_is_made_one_of_another_order_goes_into_that_orders_queue(world: World) -> None:
    held = two_of_one_order(world)
    other = payload(world, held).replace(b"0099", b"0042").replace(b"PO-1", b"PO-9")
    mended = replayed(world, held, edit=other)
    assert mended.order_key == "bigbox:PO-9"
    world.run()
    assert [str(entry.ordered) for entry in world.state("PO-9").lines] == ["10"]
    assert [str(entry.ordered) for entry in world.state("PO-1").lines] == ["7"]
    world.audit()


@pytest.mark.parametrize(("old", "new"), [(b"*BIGBOX ", b"*SMALLBOX"), (b"*004010~", b"*005010~")])
def test_another_envelope_does_not_take_the_place_of_a_document(world: World, old: bytes, new: bytes) -> None:
    held = two_of_one_order(world)
    data = payload(world, world.hub.ledger.message(held.parent or ""))
    assert data.count(old)
    (line,) = replay.run(world.hub.flow, [held.id], edit=data.replace(old, new), **WHO)
    assert not line["replayed"]
    assert "envelope" in line["would"]
    assert world.hub.ledger.message(held.id).state is State.HELD


def test_a_confirmation_that_is_made_one_of_another_order_goes_into_that_orders_queue(world: World) -> None:
    for number in ("PO-1", "PO-2"):
        world.drop(world.order(number))
    world.run()
    world.post("shipment_confirmation", confirmations.ship("PO-1", 10, shipment="S1"))
    posted, ledger = world.one(Kind.DOCUMENT, "shipment_confirmation"), world.hub.ledger
    ledger.write(
        lambda change: change.move(
            posted.id, [State.RECEIVED], State.HELD, event="held", actor="test", cause="held", facts={"order": "x"}
        )
    )
    mended = replayed(world, posted, edit=payload(world, posted).replace(b"PO-1", b"PO-2"))
    assert mended.order_key == (posted.order_key or "").replace("PO-1", "PO-2")
    world.run()
    assert ledger.message(mended.id).facts["order"] == "bigbox:PO-2"
    assert [str(entry.shipped) for entry in world.state("PO-2").lines] == ["10"]
    world.audit()


def test_a_field_is_changed_in_what_is_read_today(world: World) -> None:
    held = two_of_one_order(world)
    mended = replayed(world, held, mapping="current", fields={"ship_to.buyer_assigned_id": "0042"})
    world.run()
    assert world.hub.ledger.message(mended.id).state is State.DELIVERED


@pytest.mark.parametrize(
    "how",
    [
        {"rule": "set BAK02 = AC"},
        {"rule": "set BAK02 = AC", "numbers": "new"},
        {"rule": "set BAK02 = AC", "mapping": "current"},
        {"edit": b"AC"},
        {"edit": b"AC", "numbers": "new"},
    ],
)
@pytest.mark.parametrize("arrived", [False, True])
def test_all_that_is_asked_for_is_done_to_a_delivery(world: World, how: dict[str, Any], arrived: bool) -> None:
    sent = stopped(world)
    if arrived:
        replayed(world, sent)
        world.run()
    if "edit" in how:
        how = {**how, "edit": payload(world, sent).replace(b"BAK*00*AD*", b"BAK*00*AC*")}
    new = replayed(world, sent, again=arrived, **how)
    assert b"BAK*00*AC*" in payload(world, new)
    renewed = bool(how.keys() & {"numbers", "mapping"})
    assert (new.facts["isa13"] != sent.facts["isa13"]) is renewed
    assert f"*{new.facts['isa13']}*0*".encode() in payload(world, new)
    assert (new.facts["effect_key"] != (sent.unique_key or "")) is arrived
    world.run()
    assert len(world.outbox("855")) == (2 if arrived else 1)
    assert [entry.message_id for entry in world.hub.ledger.sent(message_id=new.id)] == [new.id]


def test_a_delivery_that_arrived_is_sent_with_other_content_as_something_new(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    sent = world.one(Kind.DELIVERY, "erp_order")
    line = rehearse(world.hub.flow, sent.id, how=How(again=True, fields={"id": "PO-1-A"}))
    assert "PO-1-A" in line["would"]
    assert line["effects"][0]["verdict"] == "sent_again"
    assert line["effects"][0]["differences"] == [{"path": "purchase_order_number", "was": "PO-1", "now": "PO-1-A"}]
    new = replayed(world, sent, again=True, fields={"id": "PO-1-A"})
    world.run()
    assert world.hub.ledger.message(sent.id).state is State.DELIVERED
    assert world.hub.ledger.message(new.id).state is State.DELIVERED
    assert len(world.journals["erp"].all("taken")) == 2
    world.audit()


def test_other_content_under_a_key_that_arrived_is_sent_as_something_new_when_a_person_says_so(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    sent, ledger = world.one(Kind.DELIVERY, "855"), world.hub.ledger
    ledger.write(
        lambda change: change.move(
            sent.id, [State.DELIVERED], State.HELD, event="held", actor="test", cause="outcome_unknown",
            facts={"look_first": True},
        )
    )  # fmt: skip
    changed = replayed(world, sent, rule="set BAK02 = AC")
    world.run()
    held = ledger.message(changed.id)
    assert (held.state, held.cause) == (State.HELD, "key_conflict")
    assert "--again" in held.facts["error"]["fix"]
    new = replayed(world, held, again=True, numbers="new")
    world.run()
    assert ledger.message(new.id).state is State.DELIVERED
    assert len(world.outbox("855")) == 2
    world.audit()


@pytest.mark.parametrize(
    "how", [{"fields": {"id": "X"}}, {"rule": MENDED}, {"mapping": "current"}, {"stage": "process"}]
)
def test_bytes_that_are_given_are_not_changed_besides(world: World, how: dict[str, Any]) -> None:
    held = two_of_one_order(world)
    (line,) = replay.run(world.hub.flow, [held.id], edit=payload(world, held), how=How(**how), **WHO)
    assert not line["possible"]
    assert "--set, --rule, --from" in line["would"]


def test_bytes_do_not_take_the_place_of_what_was_made_here(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    world.post("shipment_confirmation", confirmations.ship("PO-1", 10))
    work.run(world.hub.flow, "document")
    made = refused(world, world.one(Kind.DOCUMENT, "invoice"))
    (line,) = replay.run(world.hub.flow, [made.id], edit=b"{}", **WHO)
    assert not line["possible"]
    assert "use --set" in line["would"]


@pytest.mark.parametrize("how", [{"mapping": "original"}, {"stage": "process"}])
def test_a_rule_and_what_was_read_then_do_not_go_together(world: World, how: dict[str, Any]) -> None:
    held = two_of_one_order(world)
    (line,) = replay.run(world.hub.flow, [held.id], how=How(rule=MENDED, **how), **WHO)
    assert not line["possible"]
    assert "a rule changes its bytes" in line["would"]


@pytest.mark.parametrize("how", [{"rule": "set BAK02 = AC"}, {"numbers": "new"}, {"mapping": "current"}])
def test_a_997_is_awaited_of_what_went_out_and_of_nothing_else(world: World, how: dict[str, Any]) -> None:
    sent, ledger = stopped(world), world.hub.ledger
    new = replayed(world, sent, **how)
    world.run()
    assert [entry.due_at for entry in ledger.sent(message_id=sent.id) if entry.due_at is not None] == []
    (awaited,) = ledger.sent(message_id=new.id)
    assert awaited.due_at is not None
    said = [["AK1", "PR", awaited.group_control], ["AK9", "A", "1", "1", "1"]]
    world.drop(world.write("FA", "997", said))
    world.run()
    assert "acknowledged" in [event.what for event in ledger.events(new.id)]


def test_a_997_under_new_numbers_keeps_its_ta1_and_is_not_acknowledged_itself(world: World) -> None:
    world.drop(world.order("PO-1").replace(b"*0*T*>", b"*1*T*>"))
    world.run()
    sent = world.one(Kind.DELIVERY, "997")
    new = replayed(world, sent, again=True, numbers="new")
    told = [data[data.index(b"TA1*") : data.index(b"GS*")] for data in (payload(world, sent), payload(world, new))]
    assert told[0] == told[1]
    assert world.hub.ledger.sent(message_id=new.id) == []


@pytest.mark.parametrize("edit", [{"rule": MENDED}, {"edit": b""}])
def test_a_file_that_is_taken_apart_edited_is_not_answered_again(world: World, edit: dict[str, Any]) -> None:
    world.drop(world.order("PO-1").replace(b"*92*0042", b"*92*0099"))
    world.run()
    file = world.one(Kind.INTERCHANGE, "x12")
    if "edit" in edit:
        edit = {"edit": payload(world, file).replace(b"0099", b"0042")}
    replayed(world, file, again=True, **edit)
    world.run()
    assert len(world.outbox("997")) == 1


def test_a_rule_changes_those_documents_of_a_file_that_it_is_about(world: World) -> None:
    two = [documents.purchase_order(n, {"SKU-RED": Decimal(3)}, TODAY.date()) for n in ("PO-1", "PO-2")]
    world.drop(world.write("PO", "850", *two))
    world.run()
    new = replayed(world, world.one(Kind.INTERCHANGE, "x12"), again=True, rule="set PO102 = 9 where BEG03 = PO-2")
    lines = [segment for segment in payload(world, new).split(b"~") if b"PO1*" in segment]
    assert [line.split(b"*")[2] for line in lines] == [b"3", b"9"]


def test_a_rehearsal_of_what_would_wait_says_so(world: World) -> None:
    two_of_one_order(world)
    file = world.messages(Kind.INTERCHANGE, "x12")[1]
    line = rehearse(world.hub.flow, file.id, how=How(again=True))
    assert line["becomes"]["cause"] == "in_order", line
    assert [effect for effect in line["effects"] if effect["verdict"] == "new"] == []


def test_a_rehearsal_of_a_delivery_that_would_wait_says_so(world: World) -> None:
    first = stopped(world)
    world.run()
    world.post("shipment_confirmation", confirmations.ship("PO-1", 10))
    world.run()
    behind = world.one(Kind.DELIVERY, "856")
    assert (behind.order_key, behind.cause) == (first.order_key, "in_order")
    refused(world, behind)
    line = rehearse(world.hub.flow, behind.id)
    assert (line["becomes"]["state"], line["becomes"]["cause"]) == ("received", "in_order")
    assert first.id in line["becomes"]["detail"]
    assert rehearse(world.hub.flow, first.id)["becomes"] is None
