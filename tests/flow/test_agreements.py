"""What is agreed with a partner beside X12: leniency, its guide, 999s, whole groups, documents without ISA."""

from __future__ import annotations

from decimal import Decimal

import pytest

from demo import documents
from hub.flow.own_envelope import envelope_of
from hub.flow.reread import reread
from hub.ledger import Kind, State
from tests.flow.agreed import agree, answer, replaced
from tests.flow.world import TODAY, World

ORDER = documents.purchase_order("PO-1", {"SKU-RED": Decimal(10)}, TODAY.date())


@pytest.mark.parametrize(("lenient", "told"), [(False, ["R", "4"]), (True, ["E", "4"])])
def test_wrong_counts_reject_unless_agreed(world: World, lenient: bool, told: list[str]) -> None:
    agree(world, lenient_counts=lenient)
    data = replaced(world.order("PO-1"), (b"SE*20*", b"SE*99*"))
    world.drop(data)
    world.run()
    assert answer(world).all("AK5")[0][1:] == told
    assert len(world.outbox("855")) == lenient


def test_an_agreement_holds_where_partners_share_a_channel(world: World) -> None:
    agree(world, lenient_counts=True)
    world.drop(replaced(world.order("PO-1"), (b"SE*20*", b"SE*99*")), partner="")
    world.run()
    assert answer(world).value("AK5", 1) == "E"


@pytest.mark.parametrize(("separates", "told"), [(True, "E"), (False, "A")])
def test_isa11_separates_nothing_where_that_is_agreed(world: World, separates: bool, told: str) -> None:
    agree(world, repetition=separates)
    body = [segment for segment in ORDER if segment[0] not in ("N9", "MSG")]
    plain = world.write("PO", "850", body)
    world.drop(
        replaced(
            plain,
            (b"*U*00401*", b"*^*00501*"),
            (b"*X*004010", b"*X*005010"),
            (b"*BIGBOX ACCOUNTS", b"*BIG^BOX ACCOUNTS"),
        )
    )
    world.run()
    assert answer(world).value("AK5", 1) == told
    assert len(world.outbox("855")) == 1


@pytest.mark.parametrize("part", ["group", "document"])
def test_documents_without_isa(world: World, part: str) -> None:
    agree(world, naked=True)
    whole = world.order("PO-1")
    first, last = (b"GS*", b"IEA*") if part == "group" else (b"ST*", b"GE*")
    naked = whole[whole.index(first) : whole.index(last)]
    world.drop(naked)
    world.drop(naked)
    world.run()
    assert len(world.outbox("855")) == 1
    assert len(world.outbox("997")) == (part == "group"), "there is no group number to acknowledge otherwise"
    states = sorted(message.state for message in world.messages(Kind.INTERCHANGE))
    assert states == [State.ANSWERED, State.DELIVERED], "the same file again is a duplicate"
    message = world.one(Kind.DOCUMENT, "850")
    assert reread(world.hub.flow, message) == world.hub.flow.canonical(message)
    envelope = envelope_of(world.hub.flow, message)
    again = envelope.around(naked[naked.index(b"ST*") :].split(b"GE*")[0])
    assert again.startswith(first)
    world.audit()


def test_documents_without_isa_are_refused_unless_agreed(world: World) -> None:
    whole = world.order("PO-1")
    world.drop(whole[whole.index(b"ST*") : whole.index(b"GE*")])
    world.run()
    message = world.messages(Kind.INTERCHANGE)[0]
    assert (message.state, message.cause) == (State.REJECTED, "bad_document")
    assert world.messages(Kind.DOCUMENT) == []


def test_a_whole_group_is_rejected_where_that_is_agreed(world: World) -> None:
    agree(world, reject_whole_group=True)
    bad = documents.faulty_order("PO-2", {"SKU-RED": Decimal(1)}, TODAY.date())
    world.drop(world.write("PO", "850", ORDER, bad))
    world.run()
    told = answer(world)
    assert ([segment[1] for segment in told.all("AK5")], told.all("AK9")[0][1:]) == (["R", "R"], ["R", "2", "2", "0"])
    found = world.messages(Kind.DOCUMENT, "850")
    assert {message.state for message in found} == {State.REJECTED}
    assert "document 0002 of it is faulty" in next(m.detail for m in found if m.facts["control_number"] == "0001")
    assert world.outbox("855") == []
    world.audit()


def test_a_guide_rejects_in_words_and_codes(world: World) -> None:
    world.drop(replaced(world.order("PO-1"), (b"*EA*", b"*BX*")))
    world.run()
    message = world.one(Kind.DOCUMENT, "850")
    assert message.state is State.REJECTED
    assert "the guide agreed with bigbox allows EA" in message.detail
    assert answer(world).all("AK4") == [["AK4", "3", "355", "7", "BX"]]


def test_a_partner_may_take_999s_and_send_them(world: World) -> None:
    agree(world, acknowledge_with="999")
    world.drop(replaced(world.order("PO-1"), (b"*EA*", b"*BX*")))
    world.drop(world.order("PO-2"))
    world.run()
    assert world.outbox("997") == []
    rejected, accepted = (entry.documents[0] for entry in world.outbox("999"))
    assert rejected.all("IK4") == [["IK4", "3", "355", "I6", "BX"]]
    assert rejected.all("IK5")[0][1:] == ["R", "I5"]
    assert accepted.all("IK5")[0][1:] == ["A"]
    (sent,) = (entry.documents[0] for entry in world.outbox("855"))
    said = [
        ["AK1", sent.group_type, sent.group_control], ["AK2", sent.kind, sent.control], ["IK5", "A"],
        ["AK9", "A", "1", "1", "1"],
    ]  # fmt: skip
    world.drop(
        replaced(world.write("FA", "999", said), (b"*U*00401*", b"*^*00501*"), (b"*X*004010", b"*X*005010X231A1"))
    )
    world.run()
    assert world.one(Kind.DOCUMENT, "999").state is State.ANSWERED
    (entry,) = world.hub.ledger.sent(message_id=world.one(Kind.DELIVERY, "855").id)
    assert entry.state == "accepted"
