"""What is due is on record with its time, and what settles it closes it (P7)."""

from __future__ import annotations

from tests.flow import confirmations
from tests.flow.world import World

HOUR = 3600.0


def _open(world: World) -> dict[str, float]:
    """What is due on the order, and seconds from opening to when it is due."""
    due = world.hub.ledger.obligations(order_key="bigbox:PO-1")
    return {entry.what: entry.due_at - entry.opened_at for entry in due if entry.closed_at is None}


def test_an_order_opens_what_is_due_and_its_course_closes_it(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    assert set(_open(world)) == {"pick", "shipment"}, "the 855 was sent, so it is not due any more"
    world.post("shipment_confirmation", confirmations.ship("PO-1", 10, cartons=1))
    world.until(lambda: world.state("PO-1").delivered)
    world.until(lambda: "810" not in _open(world))
    assert set(_open(world)) == {"payment"}


def test_what_is_overdue_is_found(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    due = _open(world)
    latest = world.hub.clock.now() + max(due.values()) + HOUR
    overdue = world.hub.ledger.obligations(overdue_at=latest)
    assert {entry.what for entry in overdue} == {"pick", "shipment"}
    assert world.hub.ledger.obligations(overdue_at=world.hub.clock.now()) == []
