"""What partners say of what we sent: matched, unmatched, rejecting, contradictory, late (P2, P7)."""

from __future__ import annotations

import pytest

from demo import documents, x12
from hub.ledger import Kind, Message, State
from tests.flow.world import World


def _sent(world: World) -> x12.Document:
    """The 855 that answers an order."""
    world.drop(world.order("PO-1"))
    world.run()
    (answer,) = world.outbox("855")
    return answer.documents[0]


def _acknowledge(world: World, sent: x12.Document, status: str) -> Message:
    body = [
        ["AK1", sent.group_type, sent.group_control], ["AK2", sent.kind, sent.control],
        *([["AK3", "BAK", "2", "", "8"], ["AK4", "3", "324", "7", "PO-1"]] if status == "R" else []),
        ["AK5", status, *(["5"] if status == "R" else [])], ["AK9", status, "1", "1", "0" if status == "R" else "1"],
    ]  # fmt: skip
    world.drop(world.write("FA", "997", body))
    world.run()
    return world.messages(Kind.DOCUMENT, "997")[-1]


def test_a_rejection_is_for_a_person_in_words(world: World) -> None:
    message = _acknowledge(world, _sent(world), "R")
    assert (message.state, message.cause) == (State.HELD, "rejected_by_partner")
    assert "BAK03 at segment 2: code 7" in message.detail
    (entry,) = world.hub.ledger.sent(message_id=world.one(Kind.DELIVERY, "855").id)
    assert entry.state == "rejected"


def test_what_contradicts_an_earlier_answer_is_for_a_person(world: World) -> None:
    sent = _sent(world)
    assert _acknowledge(world, sent, "A").state is State.ANSWERED
    again = _acknowledge(world, sent, "R")
    assert (again.state, again.cause) == (State.HELD, "contradictory_acknowledgment")


def test_the_same_answer_twice_is_no_contradiction(world: World) -> None:
    sent = _sent(world)
    _acknowledge(world, sent, "A")
    assert _acknowledge(world, sent, "A").state is State.ANSWERED


def test_a_late_answer_is_noted_as_late(world: World) -> None:
    partner = world.hub.partners["bigbox"]
    world.hub.partners["bigbox"] = partner.model_copy(update={"expect_seconds": {"997": -1.0}})  # type: ignore[index]
    message = _acknowledge(world, _sent(world), "A")
    assert (message.state, message.facts["late"]) == (State.ANSWERED, True)
    steps = {step.what: step.detail for step in world.hub.ledger.steps("bigbox:PO-1")}
    assert steps["855_acknowledged"] == "accepted, late"


@pytest.mark.parametrize(("verdict", "state"), [("TA", State.ANSWERED), ("TR", State.HELD)])
def test_an_application_advice_is_noted_on_what_it_names(world: World, verdict: str, state: State) -> None:
    sent = _sent(world)
    body = [
        ["BGN", "00", "ADV-1", "20261120"],
        ["OTI", verdict, "PO", "PO-1", "", "", "", "", sent.group_control, sent.control, "855"],
        *([["TED", "007", "UNKNOWN PRICE"]] if verdict == "TR" else []),
    ]
    world.drop(world.write("AG", "824", body))
    world.run()
    message = world.one(Kind.DOCUMENT, "824")
    assert message.state is state, world.trouble()
    assert message.facts["acknowledges"] == [world.one(Kind.DELIVERY, "855").id]
    assert ("UNKNOWN PRICE" in message.detail) == (state is State.HELD)


def test_an_acknowledgment_is_kept_with_the_delivery_it_answers(world: World) -> None:
    sent = _sent(world)
    world.drop(world.write("FA", "997", documents.acknowledgment(sent)))
    world.run()
    delivery = world.one(Kind.DELIVERY, "855")
    assert "acknowledged" in [event.what for event in world.hub.ledger.events(delivery.id)]
    world.audit()
