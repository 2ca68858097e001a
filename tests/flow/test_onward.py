"""Documents of a file take their effects in the commit that records them; what is special goes its own way (P2, P4)."""

from __future__ import annotations

import pytest

from demo import documents
from hub.flow import onward, work
from hub.ledger import Kind, State
from tests.flow.world import TODAY, World


def _orders(world: World, *numbers: str) -> bytes:
    bodies = [documents.purchase_order(number, {"SKU-RED": 10}, TODAY.date()) for number in numbers]
    return world.write("PO", "850", *bodies)


def _states(world: World) -> list[State]:
    return [message.state for message in world.messages(Kind.DOCUMENT, "850")]


def test_they_are_done_with_their_file(world: World) -> None:
    world.drop(_orders(world, "PO-1", "PO-2"))
    assert work.run(world.hub.flow, "interchange") == 1
    assert _states(world) == [State.DELIVERED] * 2
    assert work.run(world.hub.flow, "document") == 0
    document = world.messages(Kind.DOCUMENT, "850")[0]
    assert [event.what for event in world.hub.ledger.events(document.id)] == ["received", "processed"]
    world.run()
    assert world.audit()["balanced"]


def test_one_that_is_stopped_stops_no_other(world: World) -> None:
    body = documents.purchase_order("PO-2", {"SKU-RED": 10}, TODAY.date())
    faulty = [["PO1", *segment[1:4], "999", *segment[5:]] if segment[0] == "PO1" else segment for segment in body]
    good = [documents.purchase_order(number, {"SKU-RED": 10}, TODAY.date()) for number in ("PO-1", "PO-3")]
    world.drop(world.write("PO", "850", good[0], faulty, good[1]))
    work.run(world.hub.flow, "interchange")
    assert _states(world) == [State.DELIVERED, State.RECEIVED, State.DELIVERED]
    world.run()
    assert _states(world) == [State.DELIVERED, State.HELD, State.DELIVERED]


@pytest.mark.parametrize("numbers", [("PO-1", "PO-2", "PO-1"), ("PO-2", "PO-0", "PO-3")])
def test_one_that_repeats_another_is_found_out(world: World, numbers: tuple[str, ...]) -> None:
    """In its own file it waits behind it; where the other came before, all of the file go the longer way."""
    world.drop(_orders(world, "PO-0"))
    world.run()
    world.drop(_orders(world, *numbers))
    world.run()
    assert sorted(_states(world)) == sorted([State.DELIVERED] * 3 + [State.ANSWERED])
    assert len(world.journals["erp"].all("taken")) == 3
    assert world.audit()["balanced"]


def test_a_file_that_came_to_nothing_before_is_recorded_first(world: World) -> None:
    """A document that kills its worker would take its file along otherwise."""
    world.drop(_orders(world, "PO-1"))
    ledger = world.hub.ledger
    (message,) = ledger.claim(Kind.INTERCHANGE, 1, lease_seconds=60, owner="gone")
    ledger.write(lambda change: change.finish(message, State.RECEIVED, event="retry"))
    work.run(world.hub.flow, "interchange")
    assert _states(world) == [State.RECEIVED]
    world.run()
    assert _states(world) == [State.DELIVERED]


def test_of_a_long_file_the_first_ones_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onward, "DOCUMENTS_MAX", 2)
    world.drop(_orders(world, "PO-1", "PO-2", "PO-3"))
    work.run(world.hub.flow, "interchange")
    assert _states(world) == [State.DELIVERED, State.DELIVERED, State.RECEIVED]
