"""What is in hand keeps its lease however long it takes, within bounds; what was given up by its worker does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest

from hub.flow import leases, work
from hub.flow.desk import Desk, Hand
from hub.ledger import Kind, Message, State
from tests.flow.world import PATIENCE_SECONDS, World


def _claimed(world: World, lease_seconds: float = 0.05) -> list[Message]:
    world.drop(world.order("PO-1"))
    return world.hub.ledger.claim(
        Kind.INTERCHANGE, 1, lease_seconds=lease_seconds, owner=world.hub.ledger.owner("test"), solo=False
    )


def _ran_out(world: World, message: Message) -> bool:
    return (world.hub.ledger.message(message.id).lease_until or 0.0) < world.hub.ledger.now()


def test_what_takes_longer_than_a_lease_is_not_taken_back(world: World) -> None:
    desk = _with_lease(world, 4.0)
    (claimed,) = _claimed(world, 4.0)
    until = world.hub.ledger.message(claimed.id).lease_until or 0.0
    with leases.renewed(desk), leases.in_hand(desk, [claimed]):
        while world.hub.ledger.now() < until + 0.5:
            assert world.hub.ledger.sweep().recovered == 0
            threading.Event().wait(0.1)
    assert world.hub.ledger.message(claimed.id).crashes == 0


def test_a_lease_is_renewed_only_while_it_is_in_hand(world: World) -> None:
    desk = world.hub.flow
    (claimed,) = _claimed(world)
    with leases.in_hand(desk, [claimed]):
        assert leases.renew(desk, older_than_seconds=60) == 0, "it is fresh"
        assert leases.renew(desk) == 1
        assert not _ran_out(world, claimed)
    assert leases.renew(desk) == 0


def test_what_hangs_loses_its_lease(world: World) -> None:
    desk = world.hub.flow
    (claimed,) = _claimed(world)
    desk.in_hand[0] = Hand([claimed], time.monotonic() - leases.LONGEST_SECONDS)
    assert leases.renew(desk) == 0


def test_what_came_to_rest_meanwhile_stays_as_it_is(world: World) -> None:
    desk = world.hub.flow
    world.drop(world.order("PO-1"))
    before = world.messages(Kind.INTERCHANGE)
    work.run(desk, "interchange")
    (message,) = world.messages(Kind.INTERCHANGE)
    assert (before[0].state, message.state) == (State.RECEIVED, State.DELIVERED)
    with leases.in_hand(desk, [message]):
        assert leases.renew(desk) == 0
    assert world.hub.ledger.message(message.id).lease_until is None


def test_what_fails_once_does_not_end_the_renewing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    desk = _with_lease(world, 0.2)
    (claimed,) = _claimed(world, 60)
    desk.in_hand[0] = Hand([cast("Message", "a bug")], time.monotonic())
    until = world.hub.ledger.message(claimed.id).lease_until
    with leases.renewed(desk):
        _eventually(lambda: "leases were not renewed" in caplog.text)
        desk.in_hand[0] = Hand([claimed], time.monotonic())
        _eventually(lambda: world.hub.ledger.message(claimed.id).lease_until != until)


def _with_lease(world: World, seconds: float) -> Desk:
    desk = world.hub.flow
    timing = desk.settings.timing.model_copy(update={"lease_seconds": seconds})
    return replace(desk, settings=desk.settings.model_copy(update={"timing": timing}))


def _eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.02)
