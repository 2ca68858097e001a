"""P6: everything can be replayed, one or many, edited or not, rehearsed before, with the original kept and linked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.errors import KeyConflict, Misconfigured
from hub.flow import replay, replay_job
from hub.flow.rehearsal import rehearse
from hub.flow.replay_selection import Selection
from hub.flow.replay_way import How
from hub.ledger import JobState, Kind, Message, State
from tests.flow.conftest import MakeWorld
from tests.flow.world import World

WHO: dict[str, Any] = {"actor": "dana", "reason": "mended"}


class Everyone(str):
    """As the PO number that is refused: every one is."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


def delivery(world: World, type_: str) -> Message:
    return world.one(Kind.DELIVERY, type_)


def refuse_all(world: World, count: int) -> list[str]:
    """Orders that the ERP refuses; ids of the dead deliveries, oldest first."""
    for number in range(count):
        world.drop(world.order(f"PO-{number}"))
    world.run()
    dead = [m for m in world.messages(Kind.DELIVERY, "erp_order") if m.state is State.DEAD]
    assert len(dead) == count, world.trouble()
    return [m.id for m in dead]


def test_a_rehearsal_of_a_document_tells_what_follows_and_changes_nothing(world: World) -> None:
    world.drop(world.order("PO-1").replace(b"*92*0042", b"*92*0099"))
    world.run()
    held = world.one(Kind.DOCUMENT, "850")
    before = (world.audit(), held, len(world.messages()))
    as_it_is = rehearse(world.hub.flow, held.id)
    assert as_it_is["becomes"]["state"] == "held", "the cause is not mended yet"
    rule = How(rule="set N104 = 0042 where N101 = ST and N104 = 0099")
    line = rehearse(world.hub.flow, held.id, how=rule)
    assert line["becomes"]["state"] == "delivered", line
    assert {(effect["type"], effect["verdict"]) for effect in line["effects"]} >= {
        ("erp_order", "new"), ("855", "new"), ("warehouse_order", "new"),
    }  # fmt: skip
    assert not [effect for effect in line["effects"] if effect["type"] == "997"], "it was answered when it came"
    assert {found["path"]: (found["was"], found["now"]) for found in line["reading"]} == {
        "ship_to.buyer_assigned_id": ("0099", "0042")
    }
    assert (world.audit(), world.one(Kind.DOCUMENT, "850"), len(world.messages())) == before
    assert world.journals["erp"].all("taken") == []


def test_a_rule_mends_a_held_document(world: World) -> None:
    world.drop(world.order("PO-1").replace(b"*92*0042", b"*92*0099"))
    world.run()
    held = world.one(Kind.DOCUMENT, "850")
    how = How(rule="set N104 = 0042 where N104 = 0099")
    (line,) = replay.run(world.hub.flow, [held.id], how=how, **WHO)
    world.run()
    original = world.hub.ledger.message(held.id)
    assert (original.state, original.cause) == (State.ANSWERED, "replaced")
    assert world.hub.ledger.message(line["message_id"]).replay_of == held.id
    assert len(world.journals["erp"].all("taken")) == 1
    assert len(world.outbox("997")) == 1
    again = replay.run(world.hub.flow, [held.id], how=how, **WHO)
    assert not again[0]["possible"]
    world.audit()


def test_a_field_of_a_document_is_edited(world: World) -> None:
    world.drop(world.order("PO-1").replace(b"*92*0042", b"*92*0099"))
    world.run()
    held = world.one(Kind.DOCUMENT, "850")
    how = How(fields={"ship_to.buyer_assigned_id": "0042", "lines[0].quantity.value": "9"})
    (line,) = replay.run(world.hub.flow, [held.id], how=how, **WHO)
    world.run()
    new = world.hub.ledger.message(line["message_id"])
    assert (new.kind, new.state, new.payload) == (Kind.DOCUMENT, State.DELIVERED, held.payload)
    assert [str(entry.ordered) for entry in world.state("PO-1").lines] == ["9"]
    assert new.facts["edited_by"] == "dana"
    assert world.hub.ledger.message(held.id).facts["replaced_by"] == new.id
    world.audit()


@pytest.mark.parametrize("path", ["lines[7].quantity.value", "nothing", "lines[0]..x", "lines[0].quantity"])
def test_a_field_that_is_not_there_is_told_and_nothing_changes(world: World, path: str) -> None:
    world.drop(world.order("PO-1").replace(b"*92*0042", b"*92*0099"))
    world.run()
    held = world.one(Kind.DOCUMENT, "850")
    (line,) = replay.run(world.hub.flow, [held.id], how=How(fields={path: "9"}), **WHO)
    assert not line["possible"]
    assert line["would"].startswith("nothing: ")
    assert world.hub.ledger.message(held.id) == held


def test_a_delivery_is_written_anew_with_a_field_changed(make_world: MakeWorld) -> None:
    world = make_world(refused="PO-1")
    world.drop(world.order("PO-1"))
    world.run()
    dead = delivery(world, "erp_order")
    same = rehearse(world.hub.flow, dead.id, how=How(mapping="current"))
    assert same["effects"][0]["verdict"] == "replaced"
    assert same["effects"][0]["differences"] == [], "the mapping has not changed"
    how = How(fields={"id": "PO-1-A"})
    line = rehearse(world.hub.flow, dead.id, how=how)
    assert line["effects"][0]["differences"] == [{"path": "purchase_order_number", "was": "PO-1", "now": "PO-1-A"}]
    (done,) = replay.run(world.hub.flow, [dead.id], how=how, **WHO)
    world.run()
    assert world.hub.ledger.message(done["message_id"]).state is State.DELIVERED
    assert len(world.journals["erp"].all("taken")) == 1
    world.audit()


def test_an_x12_delivery_that_arrived_is_sent_again_or_compared(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    sent = delivery(world, "855")
    refused = replay.plan(world.hub.flow, [sent.id])
    assert not refused[0]["possible"]
    line = rehearse(world.hub.flow, sent.id, how=How(again=True))
    effect = line["effects"][0]
    assert (effect["verdict"], effect["differences"]) == ("sent_again", [])
    assert effect["control_numbers"].endswith("as before")
    (done,) = replay.run(world.hub.flow, [sent.id], how=How(again=True), **WHO)
    world.run()
    new = world.hub.ledger.message(done["message_id"])
    assert (new.state, new.replay_of) == (State.DELIVERED, sent.id)
    assert world.hub.ledger.message(sent.id).state is State.DELIVERED
    assert world.hub.ledger.events(sent.id)[-1].what == "sent_again"
    world.audit()


def test_what_is_on_record_is_not_made_again_and_today_is_told(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    document = world.one(Kind.DOCUMENT, "850")
    ledger = world.hub.ledger
    ledger.write(lambda c: c.move(document.id, [State.DELIVERED], State.HELD, event="held", actor="test"))
    line = rehearse(world.hub.flow, document.id)
    assert line["becomes"]["state"] == "delivered"
    verdicts = {effect["type"]: effect["verdict"] for effect in line["effects"]}
    assert verdicts == {"erp_order": "on_record", "855": "on_record", "warehouse_order": "on_record"}
    assert [effect["differences"] for effect in line["effects"]] == [[], [], []]


@pytest.mark.parametrize(
    ("how", "word"),
    [
        (How(stage="read"), "is not read"),
        (How(rule="set N104 = 1 where N104 = 2"), "no X12"),
    ],
)
def test_what_does_not_fit_is_told(make_world: MakeWorld, how: How, word: str) -> None:
    world = make_world(refused="PO-1")
    world.drop(world.order("PO-1"))
    world.run()
    dead = delivery(world, "erp_order")
    (line,) = replay.run(world.hub.flow, [dead.id], how=how, **WHO)
    assert not line["possible"]
    assert word in line["would"]
    assert world.hub.ledger.message(dead.id).state is State.DEAD


def test_a_job_sends_a_canary_first_and_stops_when_it_fails(make_world: MakeWorld) -> None:
    world = make_world(refused=Everyone())
    ids = refuse_all(world, 6)
    desk = world.hub.flow
    (group,) = world.hub.ledger.stopped_groups()
    assert (group.count, group.endpoint) == (6, "erp")
    chosen = Selection(group=group.id)
    job = replay_job.create(desk, chosen.ids(world.hub.ledger), how=How(), canary=2, selection=chosen.as_json(), **WHO)
    world.until(lambda: world.hub.ledger.replay_job(job.id).state is JobState.STOPPED)
    stopped = world.hub.ledger.replay_job(job.id)
    assert "2 dead" in stopped.detail
    assert stopped.position == 2
    assert world.hub.ledger.replay_progress(job.id) == {"waiting": 4, "replayed": 2, "skipped": 0, "failed": 0}
    world.far_ends["erp"].unblock(None)
    replay_job.resume(desk, job.id, actor="dana")
    world.until(lambda: world.hub.ledger.replay_job(job.id).state is JobState.DONE)
    world.run()
    assert {world.hub.ledger.message(key).state for key in ids[2:]} == {State.DELIVERED}
    events = world.hub.ledger.events(ids[3])
    replayed = next(event for event in events if event.what == "replayed")
    assert (replayed.actor, replayed.detail, replayed.facts["job"]) == ("dana", "mended", job.id)
    world.audit()


def test_a_canary_that_goes_well_lets_the_others_follow(make_world: MakeWorld) -> None:
    world = make_world(refused=Everyone())
    refuse_all(world, 5)
    world.far_ends["erp"].unblock(None)
    selection = Selection(states=frozenset({State.DEAD}))
    job = replay_job.create(world.hub.flow, selection.ids(world.hub.ledger), how=How(), canary=2, **WHO)
    world.until(lambda: world.hub.ledger.replay_job(job.id).state is JobState.DONE)
    world.run()
    assert len(world.journals["erp"].all("taken")) == 5
    assert world.hub.ledger.replay_outcomes(world.hub.ledger.replay_job(job.id)) == {"delivered": 5}
    with pytest.raises(KeyConflict):
        replay_job.resume(world.hub.flow, job.id, actor="dana")


def test_a_job_is_aborted_in_the_middle_and_resumed(make_world: MakeWorld) -> None:
    world = make_world(refused=Everyone())
    refuse_all(world, 6)
    world.far_ends["erp"].unblock(None)
    desk, ledger = world.hub.flow, world.hub.ledger
    ids = list(Selection(cause="rejected").ids(ledger))
    job = replay_job.create(desk, ids, how=How(), per_second=2, **WHO)
    assert replay_job.step(desk, job.id) == 2
    assert replay_job.step(desk, job.id) == 0, "the rate allows no more yet"
    replay_job.abort(desk, job.id, actor="dana")
    assert replay_job.step(desk, job.id) == 0
    progress = ledger.replay_progress(job.id)
    assert (progress["replayed"], progress["waiting"]) == (2, 4)
    replay_job.resume(desk, job.id, actor="ben")
    world.until(lambda: ledger.replay_job(job.id).state is JobState.DONE)
    world.run()
    assert ledger.replay_progress(job.id)["replayed"] == 6
    assert len(world.journals["erp"].all("taken")) == 6
    assert world.journals["erp"].all("repeated") == []


def test_a_canary_that_is_aborted_under_way_is_waited_for_after_it_is_resumed(make_world: MakeWorld) -> None:
    world = make_world(refused=Everyone())
    ids = refuse_all(world, 4)
    desk, ledger = world.hub.flow, world.hub.ledger
    job = replay_job.create(desk, ids, how=How(), canary=2, **WHO)
    assert replay_job.step(desk, job.id) == 2
    replay_job.abort(desk, job.id, actor="dana")
    assert replay_job.resume(desk, job.id, actor="dana").state is JobState.CANARY
    assert replay_job.step(desk, job.id) == 0
    world.until(lambda: ledger.replay_job(job.id).state is JobState.STOPPED)
    assert ledger.replay_progress(job.id)["replayed"] == 2, "the rest waits for the canary"
    replay_job.abort(desk, job.id, actor="dana")
    replay_job.resume(desk, job.id, actor="dana")
    world.until(lambda: ledger.replay_job(job.id).state is JobState.STOPPED)
    assert replay_job.resume(desk, job.id, actor="dana").state is JobState.RUNNING


def test_one_that_moved_on_meanwhile_is_skipped_with_the_reason(make_world: MakeWorld) -> None:
    world = make_world(refused=Everyone())
    ids = refuse_all(world, 2)
    desk, ledger = world.hub.flow, world.hub.ledger
    job = replay_job.create(desk, ids, how=How(), **WHO)
    replay.close(desk, ids[0], actor="ben", reason="cancelled by phone")
    assert replay_job.step(desk, job.id) == 2
    first, second = ledger.replay_items(job.id)
    assert (first.state, second.state) == ("skipped", "replayed")
    assert "answered" in first.detail


def test_one_that_cannot_be_edited_fails_alone(world: World) -> None:
    for number, store in enumerate((b"0099", b"0098")):
        world.drop(world.order(f"PO-{number}").replace(b"*92*0042", b"*92*" + store))
    world.run()
    desk, ledger = world.hub.flow, world.hub.ledger
    ids = Selection(states=frozenset({State.HELD})).ids(ledger)
    job = replay_job.create(desk, ids, how=How(rule="set N104 = 0042 where N104 = 0099"), **WHO)
    world.until(lambda: ledger.replay_job(job.id).state is JobState.DONE)
    items = ledger.replay_items(job.id)
    assert [item.state for item in items] == ["replayed", "failed"]
    assert "matches nothing" in items[1].detail
    world.run()
    assert len(world.journals["erp"].all("taken")) == 1
    assert ledger.message(items[1].message_id).state is State.HELD


def test_a_job_says_what_it_needs(world: World) -> None:
    desk = world.hub.flow
    with pytest.raises(Misconfigured, match="reason"):
        replay_job.create(desk, [], how=How(), actor="dana", reason=" ")
    with pytest.raises(Misconfigured, match="no rule"):
        replay_job.create(desk, [], how=How(rule="drop tables"), **WHO)
    with pytest.raises(Misconfigured, match="everything"):
        list(Selection().ids(world.hub.ledger))
    empty = replay_job.create(desk, [], how=How(), **WHO)
    world.run()
    assert world.hub.ledger.replay_job(empty.id).state is JobState.DONE


def test_a_document_edited_from_st_to_se_gets_the_envelope_it_came_in(world: World) -> None:
    world.drop(world.order("PO-1").replace(b"PO1*1*10*EA", b"PO1*1*TEN*EA"))
    world.run()
    rejected = world.one(Kind.DOCUMENT, "850")
    own = world.hub.ledger.payload(str(rejected.payload)).replace(b"TEN", b"10")
    assert own.startswith(b"ST")
    replay.run(world.hub.flow, [rejected.id], edit=own, **WHO)
    world.run()
    assert len(world.journals["erp"].all("taken")) == 1
    assert json.dumps(world.audit()["problems"]) == "[]"


def test_a_file_is_taken_apart_once_more_and_nothing_happens_twice(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    file = world.one(Kind.INTERCHANGE, "x12")
    assert not replay.plan(world.hub.flow, [file.id])[0]["possible"]
    (line,) = replay.run(world.hub.flow, [file.id], how=How(again=True), **WHO)
    assert line["replayed"]
    world.run()
    assert world.hub.ledger.message(file.id).state is State.DELIVERED
    first, second = world.messages(Kind.DOCUMENT, "850")
    assert (first.state, second.state, second.cause) == (State.DELIVERED, State.ANSWERED, "duplicate")
    assert (len(world.journals["erp"].all("taken")), len(world.outbox("997")), len(world.outbox("855"))) == (1, 1, 1)
    world.audit()


def test_a_held_delivery_that_may_have_arrived_is_sent_when_a_person_says_so(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    sent, ledger = delivery(world, "855"), world.hub.ledger
    ledger.write(
        lambda c: c.move(sent.id, [State.DELIVERED], State.HELD, event="held", actor="test", facts={"look_first": True})
    )
    replay.run(world.hub.flow, [sent.id], **WHO)
    assert ledger.message(sent.id).facts["resend"]
    world.run()
    assert ledger.message(sent.id).state is State.DELIVERED


@pytest.mark.parametrize(("mapping", "numbers", "same"), [("", "new", False), ("current", "same", True)])
def test_the_control_numbers_of_a_replay_are_chosen(world: World, mapping: str, numbers: str, same: bool) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    sent, ledger, how = delivery(world, "855"), world.hub.ledger, How(mapping=mapping, numbers=numbers)  # type: ignore[arg-type]  # words of the table
    ledger.write(lambda c: c.move(sent.id, [State.DELIVERED], State.DEAD, event="dead", actor="test"))
    rehearsed = rehearse(world.hub.flow, sent.id, how=how)
    assert ("as before" in rehearsed["effects"][0]["control_numbers"]) is same
    (line,) = replay.run(world.hub.flow, [sent.id], how=how, **WHO)
    new = ledger.message(line["message_id"])
    assert (new.facts["isa13"] == sent.facts["isa13"]) is same
    was, now = ledger.payload(sent.payload or ""), ledger.payload(new.payload or "")
    numbered = [data.split(b"GS*")[1].split(b"*")[5] for data in (was, now)]
    assert (numbered[0] == numbered[1]) is same
    body = [data[data.index(b"BAK*") : data.index(b"SE*")] for data in (was, now)]
    assert body[0] == body[1]
    assert [entry.message_id for entry in ledger.sent(message_id=new.id)] == [new.id]
