"""What is said of one order happens in the order in which it was said (P4); partners may do without documents."""

from __future__ import annotations

from hub.ledger import Kind
from tests.flow import confirmations
from tests.flow.world import World


def test_confirmations_of_one_order_are_worked_on_one_after_the_other(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.drop(world.order("PO-2"))
    world.run()
    first = world.post("shipment_confirmation", confirmations.ship("PO-1", 4, shipment="S1"))
    second = world.post("shipment_confirmation", confirmations.ship("PO-1", 6, ordered=6, shipment="S2"))
    other = world.post("shipment_confirmation", confirmations.ship("PO-2", 10, shipment="S3"))
    desk = world.hub.flow
    claimed = desk.ledger.claim(Kind.DOCUMENT, 40, lease_seconds=0.01, owner="one")
    assert [message.id for message in claimed] == [first.message_id, other.message_id]
    world.until(lambda: len(world.journals["erp"].all("taken", kind="shipments")) == 3)
    taken = [record["number"] for record in world.journals["erp"].all("taken", kind="shipments")]
    assert taken.index("S1") < taken.index("S2")
    assert desk.ledger.message(second.message_id).seq > desk.ledger.message(first.message_id).seq


def test_a_partner_may_do_without_documents(world: World) -> None:
    partner = world.hub.partners["bigbox"]
    without = partner.model_copy(update={"without": frozenset({"x12/855"})})
    world.hub.partners["bigbox"] = without  # type: ignore[index]
    world.drop(world.order("PO-1"))
    world.run()
    assert world.outbox("855") == []
    assert len(world.journals["erp"].all("taken")) == 1
    due = {entry.what for entry in world.hub.ledger.obligations(order_key="bigbox:PO-1")}
    assert due == {"pick", "shipment"}, "what is not made is not due"
