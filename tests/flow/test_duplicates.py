"""F-39, F-40: what comes under a number that was used before: passed over, marked, turned away or held, as agreed."""

from __future__ import annotations

from typing import Any

import pytest

from hub.flow import replay
from hub.ledger import Kind, Message, State
from tests.flow.world import World


def agree(world: World, **agreed: Any) -> None:
    partner = world.hub.partners["bigbox"]
    profile = partner.x12.model_copy(update={"duplicates": partner.x12.duplicates.model_copy(update=agreed)})
    world.hub.partners["bigbox"] = partner.model_copy(update={"x12": profile})  # type: ignore[index]


def twice(world: World, *, other: bool = False) -> Message:
    """The same interchange number again, with the same or with another order; the second file's message."""
    data = world.order("PO-1")
    world.drop(data)
    world.run()
    world.drop(data.replace(b"PO-1", b"PO-2") if other else data)
    world.run()
    return world.messages(Kind.INTERCHANGE)[-1]


@pytest.mark.parametrize(
    ("policy", "other", "state", "orders"),
    [
        ("ignore", False, State.ANSWERED, 1),
        ("ignore", True, State.HELD, 1),
        ("hold", False, State.HELD, 1),
        ("reject", False, State.REJECTED, 1),
        ("reject", True, State.REJECTED, 1),
        ("flag", False, State.DELIVERED, 1),
        ("flag", True, State.DELIVERED, 2),
        ("off", True, State.DELIVERED, 2),
    ],
)
def test_an_interchange_number_used_before(world: World, policy: str, other: bool, state: State, orders: int) -> None:
    agree(world, interchange=policy)
    again = twice(world, other=other)
    assert again.state is state
    assert len(world.journals["erp"].all("taken")) == orders, "whatever is agreed, an order has its effect once"
    first = world.messages(Kind.INTERCHANGE)[0]
    assert again.facts.get("duplicate_of") == (first.id if policy == "flag" else None)
    told = [m for m in world.messages(Kind.DELIVERY) if m.type == "TA1"]
    assert len(told) == (policy == "reject")
    if told:
        assert told[0].payload is not None
        assert b"*R*025~" in world.hub.ledger.payload(told[0].payload)
    world.audit()


def test_what_was_turned_away_is_taken_when_a_person_replays_it(world: World) -> None:
    agree(world, interchange="reject")
    again = twice(world, other=True)
    replay.run(world.hub.flow, [again.id], actor="dana", reason="the partner meant it")
    world.run()
    assert world.hub.ledger.message(again.id).state is State.DELIVERED
    assert len(world.journals["erp"].all("taken")) == 2
    assert len(world.outbox("997")) == 2


@pytest.mark.parametrize("scope", ["group", "document"])
@pytest.mark.parametrize(
    ("policy", "other", "state", "cause"),
    [
        ("ignore", False, State.ANSWERED, "duplicate"),
        ("ignore", True, State.HELD, "key_conflict"),
        ("hold", False, State.HELD, "key_conflict"),
        ("reject", False, State.REJECTED, "bad_document"),
        ("flag", True, State.DELIVERED, ""),
    ],
)
def test_a_group_or_document_number_used_before(
    world: World, scope: str, policy: str, other: bool, state: State, cause: str
) -> None:
    agree(world, interchange="off", **{scope: policy})
    twice(world, other=other)
    document = world.messages(Kind.DOCUMENT, "850")[-1]
    assert (document.state, document.cause) == (state, cause)
    assert document.facts["duplicate_of"] == world.messages(Kind.INTERCHANGE)[0].id
    verdict = world.outbox("997")[-1].documents[0]
    assert ("AK5", "R", "23") in {tuple(s[:3]) for s in verdict.segments} or policy != "reject"
    world.audit()


def test_within_the_window_a_number_counts(world: World) -> None:
    agree(world, interchange="reject", window_days=1)
    assert twice(world, other=True).state is State.REJECTED


def test_a_business_key_that_comes_again_may_be_for_a_person(world: World) -> None:
    agree(world, interchange="off", business="hold")
    twice(world)
    assert world.messages(Kind.DOCUMENT, "850")[-1].state is State.HELD
