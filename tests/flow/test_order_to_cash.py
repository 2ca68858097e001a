"""An order from 850 to payment (P1, P2, P3), on both ledgers, seen at the counterparties."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from demo import documents
from demo.tax_engine import tax_on
from hub.ledger import Kind, State
from hub.orders.state import Stage
from tests.flow import confirmations
from tests.flow.world import TODAY, World


def _bodies(world: World, far_end: str, kind: str = "taken", **facts: Any) -> list[dict[str, Any]]:
    return [json.loads(record["body"]) for record in world.journals[far_end].all(kind, **facts)]


def test_an_order_is_answered_and_passed_on_once(world: World) -> None:
    world.drop(world.order("PO-1", SKU_RED=10, SKU_BLUE=3))
    world.run()
    assert [entry.documents[0].value("AK9", 1) for entry in world.outbox("997")] == ["A"]
    (answer,) = world.outbox("855")
    assert [segment[1] for segment in answer.documents[0].all("ACK")] == ["IA", "IA"]
    assert not answer.faults
    (order,) = _bodies(world, "erp")
    assert [(line["sku"], line["quantity"], line["unit_price"]) for line in order["lines"]] == [
        ("SKU-RED", "10", "9.95"),
        ("SKU-BLUE", "3", "4.50"),
    ]
    (release,) = _bodies(world, "warehouse", "order")
    assert release["order_number"] == "BIGBOX-PO-1"
    assert world.state("PO-1").stage is Stage.RELEASED
    assert world.audit()["in_flight"] == 0


def test_the_whole_way(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    world.post("pick_confirmation", confirmations.pick("PO-1", 8))
    world.post("shipment_confirmation", confirmations.ship("PO-1", 8))
    world.until(lambda: world.state("PO-1").delivered)

    (notice,) = world.outbox("856")
    assert not notice.faults
    assert [segment[3] for segment in notice.documents[0].all("HL")] == ["S", "O", "P", "I", "P", "I"]
    marks = [segment[2][-18:] for segment in notice.documents[0].all("MAN") if segment[1] == "GM"]
    assert marks == list(confirmations.SSCC)

    (invoice,) = world.outbox("810")
    goods, freight = Decimal("79.60"), Decimal("9.50")
    expected = goods + freight + tax_on(goods) + tax_on(freight)
    assert Decimal(invoice.documents[0].value("TDS", 1)) / 100 == expected
    told = {record["path"] if "path" in record else record.get("kind") for record in world.journals["erp"].all("taken")}
    assert len(world.journals["erp"].all("taken")) == 3, told
    number = invoice.documents[0].value("BIG", 2)
    assert world.state("PO-1").invoices[0].payable.amount == expected

    payment = documents.Payment(number, "PO-1", expected, Decimal("5.00"), "01", "DM-1")
    world.drop(world.write("RA", "820", documents.remittance("TRACE-1", payment, TODAY.date())))
    world.run()
    (cash,) = [body for body in _bodies(world, "erp") if "deductions" in body]
    assert [entry["amount"] for entry in cash["deductions"]] == ["5.00"]
    assert world.state("PO-1").invoices[0].open == 0
    assert world.audit()["in_flight"] == 0, world.trouble()


def test_tax_is_committed_after_the_invoice_has_arrived(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    world.post("shipment_confirmation", confirmations.ship("PO-1", 10, cartons=1))
    world.until(lambda: world.messages(Kind.DELIVERY, "tax_commit"))
    world.run()
    sent, commit = world.one(Kind.DELIVERY, "810"), world.one(Kind.DELIVERY, "tax_commit")
    assert commit.created_at >= sent.changed_at
    assert commit.state is State.DELIVERED


def test_acknowledgments_are_matched(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    (answer,) = world.outbox("855")
    world.drop(world.write("FA", "997", documents.acknowledgment(answer.documents[0])))
    world.run()
    (sent,) = world.hub.ledger.sent(message_id=world.one(Kind.DELIVERY, "855").id)
    assert sent.state == "accepted"
    assert "855_acknowledged" in [step.what for step in world.hub.ledger.steps("bigbox:PO-1")]
    assert world.one(Kind.DOCUMENT, "997").state is State.ANSWERED


def test_an_acknowledgment_of_nothing_is_for_a_person(world: World) -> None:
    body = [["AK1", "SH", "999"], ["AK2", "856", "0001"], ["AK5", "A"], ["AK9", "A", "1", "1", "1"]]
    world.drop(world.write("FA", "997", body))
    world.run()
    message = world.one(Kind.DOCUMENT, "997")
    assert (message.state, message.cause) == (State.HELD, "unmatched_acknowledgment")
    assert world.outbox("997") == [], "an acknowledgment is never acknowledged"


def test_a_faulty_order_rejects_itself_alone(world: World) -> None:
    good = documents.purchase_order("PO-1", {"SKU-RED": Decimal(1)}, TODAY.date())
    bad = documents.faulty_order("PO-2", {"SKU-RED": Decimal(1)}, TODAY.date())
    world.drop(world.write("PO", "850", good, bad))
    world.run()
    (answer,) = world.outbox("997")
    document = answer.documents[0]
    assert [segment[1] for segment in document.all("AK5")] == ["A", "R"]
    assert document.value("AK9", 1) == "P"
    assert len(document.all("AK3")) == 3
    rejected = [m for m in world.messages(Kind.DOCUMENT, "850") if m.state is State.REJECTED]
    assert len(rejected) == 1
    problems = [problem for problem in rejected[0].facts["problems"] if problem["severity"] == "error"]
    assert len(problems) == 3
    assert all(problem["message"] and problem["fix"] for problem in problems)
    assert [body["purchase_order_number"] for body in _bodies(world, "erp")] == ["PO-1"]


@pytest.mark.parametrize("again", ["same_file", "new_number"])
def test_the_same_order_again_has_no_second_effect(world: World, again: str) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    world.drop(world.dropped[0] if again == "same_file" else world.order("PO-1"))
    world.run()
    last = world.messages(Kind.INTERCHANGE if again == "same_file" else Kind.DOCUMENT)[-1]
    assert (last.state, last.cause) == (State.ANSWERED, "duplicate")
    assert len(world.journals["erp"].all("taken")) == 1
    assert len(world.journals["warehouse"].all("order")) == 1


def test_the_same_number_with_other_content_is_for_a_person(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.drop(world.order("PO-1", SKU_RED=11))
    world.run()
    assert [m.state for m in world.messages(Kind.DOCUMENT, "850")] == [State.DELIVERED, State.HELD]
    assert len(world.journals["erp"].all("taken")) == 1


def test_an_interchange_number_used_again_is_for_a_person(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.control = 0
    world.drop(world.order("PO-2"))
    world.run()
    last = world.messages(Kind.INTERCHANGE)[-1]
    assert (last.state, last.cause) == (State.HELD, "key_conflict")


def test_a_shipment_posted_twice_changes_nothing(world: World) -> None:
    world.drop(world.order("PO-1"))
    world.run()
    first = world.post("shipment_confirmation", confirmations.ship("PO-1", 8))
    second = world.post("shipment_confirmation", confirmations.ship("PO-1", 8))
    third = world.post("shipment_confirmation", confirmations.ship("PO-1", 8), key="another-webhook-id")
    world.until(lambda: world.outbox("810"))
    assert (first.duplicate, second.duplicate, third.duplicate) == (False, True, False)
    assert second.message_id == first.message_id
    assert len(world.outbox("856")) == len(world.outbox("810")) == 1
    again = world.hub.ledger.message(third.message_id)
    assert (again.state, again.cause) == (State.ANSWERED, "duplicate")


def test_a_confirmation_that_overtakes_its_order_waits_for_it(world: World) -> None:
    posted = world.post("pick_confirmation", confirmations.pick("PO-1", 10))
    world.run()
    assert world.hub.ledger.message(posted.message_id).state is State.RECEIVED
    world.drop(world.order("PO-1"))
    world.until(lambda: world.hub.ledger.message(posted.message_id).state is State.DELIVERED)


def test_a_confirmation_that_breaks_its_rules_is_turned_away(world: World) -> None:
    body = confirmations.ship("PO-1", 8)
    body["lines"][0]["shipped"] = "9"
    answer = world.post("shipment_confirmation", body)
    assert answer.problems
    assert world.hub.ledger.message(answer.message_id).state is State.REJECTED


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (b"", State.REJECTED),
        (b"\x00" * 300, State.REJECTED),
        (b"UNA:+.? 'UNB+UNOA:1+A+B+260101:1200+1'UNZ+0+1'", State.REJECTED),
        (b"ISA*00*garbage", State.REJECTED),
    ],
)
def test_what_is_no_x12_is_rejected_and_kept(world: World, data: bytes, state: State) -> None:
    world.drop(data)
    world.run()
    message = world.one(Kind.INTERCHANGE, "x12")
    assert message.state is state, world.trouble()
    assert message.payload is not None
    assert world.hub.ledger.payload(message.payload) == data


def test_nobody_speaks_in_anothers_name(world: World) -> None:
    world.drop(world.order("PO-1").replace(b"BIGBOX         ", b"SMALLBOX       "))
    world.run()
    assert world.one(Kind.INTERCHANGE, "x12").state is State.HELD
    assert world.journals["erp"].all("taken") == []


def test_each_interchange_of_a_file_goes_its_own_way(world: World) -> None:
    foreign = world.order("PO-3").replace(b"BIGBOX         ", b"SMALLBOX       ")
    world.drop(world.order("PO-1") + foreign + world.order("PO-2") + b"\r\n\x1a")
    world.run()
    states = [m.state for m in world.messages(Kind.INTERCHANGE)]
    assert sorted(states) == [State.DELIVERED] * 3 + [State.HELD]
    assert {body["purchase_order_number"] for body in _bodies(world, "erp")} == {"PO-1", "PO-2"}
    file = next(m for m in world.messages(Kind.INTERCHANGE) if m.parent is None)
    parts = sorted(world.hub.ledger.children(file.id), key=lambda m: m.facts["offset"])
    payload = world.hub.ledger.payload
    assert b"".join(payload(m.payload or "") for m in parts) == payload(file.payload or ""), "no byte is lost"
