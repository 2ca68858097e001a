"""Looking at the ledger: pages, searches, orders, what was sent, what is due."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.errors import Broken, Held, KeyConflict, NotFound
from hub.ledger import Filter, Kind, Ledger, State

from .conftest import HandClock, NewDocument


def test_pages_are_newest_first_and_complete(ledger: Ledger, new: NewDocument) -> None:
    rows = [new(partner=f"p{number % 3}") for number in range(25)]
    ledger.write(lambda change: change.insert_many(rows))
    seen: list[str] = []
    cursor = None
    while True:
        page = ledger.messages(Filter(partner="p1"), limit=3, cursor=cursor)
        seen += [message.id for message in page.items]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == sorted((row.id for row in rows if row.partner == "p1"), reverse=True)


def test_filters_restrict_together(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    wanted = new(Kind.DELIVERY, endpoint="erp", type="erp_order", state=State.DEAD, cause="rejected", order_key="po1")
    others = [new(Kind.DELIVERY, endpoint="erp", type="erp_order"), new(state=State.DEAD), new(order_key="po1")]
    ledger.write(lambda change: change.insert_many([wanted, *others]))
    which = Filter(
        kind=Kind.DELIVERY,
        states=frozenset({State.DEAD, State.HELD}),
        type="erp_order",
        partner="bigbox",
        endpoint="erp",
        cause="rejected",
        order_key="po1",
        created_from=clock.now() - 60,
        created_until=clock.now() + 1,
    )
    assert [message.id for message in ledger.messages(which).items] == [wanted.id]
    assert ledger.messages(Filter(created_until=clock.now() - 60)).items == ()


def test_a_search_key_leads_to_messages_and_orders(ledger: Ledger, new: NewDocument) -> None:
    first, second = new(), new()
    ledger.write(lambda change: change.insert_many([first, second]))
    ledger.write(
        lambda change: (
            change.add_search_keys(first.id, "bigbox/4711", [("po", " 4711 "), ("isa13", "000000001"), ("x", "")]),
            change.add_search_keys(first.id, "bigbox/4711", [("po", "4711")]),
            change.add_search_keys(second.id, "bigbox/4711", [("po", "4711"), ("sscc", "003400000000000013")]),
            change.save_order(
                "bigbox/4711", partner="bigbox", po="4711", state="new", data="{}", expected_version=None
            ),
        )
    )
    found = ledger.search("4711")
    assert [message.id for message in found.messages] == [second.id, first.id]
    assert [order.key for order in found.orders] == ["bigbox/4711"]
    assert [message.id for message in ledger.search("003400000000000013").messages] == [second.id]
    assert [message.id for message in ledger.search(first.id).messages] == [first.id]
    assert (ledger.search("").messages, ledger.search("nothing").orders) == ((), ())
    assert ledger.write(lambda change: change.orders_found("po", "4711")) == ["bigbox/4711"]


def test_an_order_is_saved_by_one_at_a_time(ledger: Ledger) -> None:
    def save(version: int | None, state: str) -> int:
        return ledger.write(
            lambda change: change.save_order(
                "o1", partner="p", po="1", state=state, data='{"lines":["9.95"]}', expected_version=version
            )
        )

    assert save(None, "new") == 1
    with pytest.raises(KeyConflict):
        save(None, "new")
    assert save(1, "shipped") == 2
    with pytest.raises(KeyConflict):
        save(1, "late")
    row = ledger.write(lambda change: change.load_orders(["o1"])).get("o1")
    assert row is not None
    assert (row.state, row.version, row.data) == ("shipped", 2, {"lines": ["9.95"]})
    assert ledger.order("o1") == row
    assert ledger.write(lambda change: change.load_orders(["nothing"])) == {}
    with pytest.raises(NotFound):
        ledger.order("nothing")


def test_orders_are_paged(ledger: Ledger, clock: HandClock) -> None:
    for number in range(7):
        clock.advance(number % 2)
        ledger.write(
            lambda change, number=number: change.save_order(
                f"o{number}", partner="p", po=str(number), state="new", data="{}", expected_version=None
            )
        )
    first = ledger.orders(limit=4)
    second = ledger.orders(limit=4, cursor=first.cursor)
    assert [order.key for order in (*first.items, *second.items)] == [f"o{number}" for number in range(6, -1, -1)]
    assert second.cursor is None
    assert [order.key for order in ledger.orders(po="3", state="new", partner="p").items] == ["o3"]


def test_what_was_sent_is_matched_with_its_answer(ledger: Ledger, clock: HandClock) -> None:
    def send(control: str, message_id: str, group: str = "1") -> None:
        ledger.write(
            lambda change: change.record_sent(
                partner="bigbox",
                group_type="PR",
                group_control=group,
                document="855",
                document_control=control,
                message_id=message_id,
                due_at=clock.now() + 60,
            )
        )

    said: list[tuple[str, bool]] = []

    def answer(control: str | None, state: str = "accepted", group: str = "1") -> list[str]:
        found = ledger.write(
            lambda change: change.match_sent(
                partner="bigbox", group_type="PR", group_control=group, document_control=control, state=state
            )
        )
        said.extend((entry.before, entry.late) for entry in found)
        return [entry.message_id for entry in found]

    for control, message_id in (("0001", "a"), ("0002", "b"), ("0002", "b")):
        send(control, message_id)
    assert answer("0001") == ["a"]
    assert answer(None, "rejected") == ["a", "b"]
    assert said == [("", False), ("accepted", False), ("", False)], "what was answered before is told"
    assert (answer("0009"), answer(None, group="7")) == ([], [])
    (sent,) = ledger.sent(message_id="b")
    assert (sent.state, sent.document, sent.answered_at) == ("rejected", "855", clock.now())
    send("0001", "c", group="2")
    assert ledger.sent(overdue_at=clock.now()) == []
    assert [row.message_id for row in ledger.sent(overdue_at=clock.now() + 61)] == ["c"]


def test_obligations_open_once_and_close(ledger: Ledger, clock: HandClock) -> None:
    def open_it(message_id: str, due_in: float) -> None:
        ledger.write(
            lambda change: change.open_obligation(
                "o1", "ship_notice", due_at=clock.now() + due_in, message_id=message_id, partner="bigbox"
            )
        )

    open_it("m1", 60)
    open_it("m2", 5)
    (due,) = ledger.obligations()
    assert (due.opened_by, due.due_at) == ("m1", clock.now() + 60)
    assert ledger.obligations(overdue_at=clock.now() + 30) == []
    assert ledger.obligations(overdue_at=clock.now() + 61) == [due]
    assert ledger.write(lambda change: change.close_obligation("o1", "ship_notice", message_id="m3"))
    assert not ledger.write(lambda change: change.close_obligation("o1", "ship_notice", message_id="m3"))
    assert ledger.obligations() == []
    open_it("m1", 99)
    assert ledger.obligations() == []
    open_it("m4", 99)
    assert [row.opened_by for row in ledger.obligations(order_key="o1")] == ["m4"]


def test_business_keys_are_taken_once(ledger: Ledger) -> None:
    def take(message_id: str, fingerprint: str) -> tuple[str | None, bool]:
        taken = ledger.write(lambda change: change.take_key("order", "bigbox/1", fingerprint, message_id))
        return taken.existing_message_id, taken.same_fingerprint

    assert take("m1", "f") == (None, True)
    assert take("m1", "f") == (None, True)
    assert take("m2", "f") == ("m1", True)
    assert take("m2", "other") == ("m1", False)
    assert not ledger.write(lambda change: change.give_key("order", "bigbox/1", "m2"))
    assert ledger.write(lambda change: change.give_key("order", "bigbox/1", "m1"))
    assert take("m2", "other") == (None, True)


def test_control_numbers_go_round_at_their_maximum(ledger: Ledger) -> None:
    numbers = [ledger.write(lambda change: change.next_number("isa/bigbox", maximum=3)) for _ in range(5)]
    assert numbers == [1, 2, 3, 1, 2]
    assert ledger.write(lambda change: change.next_number("gs/bigbox", maximum=3)) == 1


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3_000_000])
def test_payloads_of_any_size_come_back(ledger: Ledger, new: NewDocument, size: int, tmp_path: Path) -> None:
    data = os.urandom(size)
    stored = ledger.store(data)
    document, copy = new(payload=stored, reading=stored), new(payload=ledger.store(data))
    ledger.write(lambda change: change.insert_many([document, copy]))
    assert ledger.payload(stored.sha256) == data
    files = [path for path in (tmp_path / "payloads").rglob("[!.]*") if path.is_file()]
    assert len(files) == (1 if size > 65_536 else 0)


def test_an_unknown_payload_is_not_found_and_an_altered_one_broken(
    ledger: Ledger, new: NewDocument, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        ledger.payload("0" * 64)
    stored = ledger.store(b"x" * 100_000)
    ledger.write(lambda change: change.insert(new(payload=stored)))
    (file,) = [path for path in (tmp_path / "payloads").rglob("[!.]*") if path.is_file()]
    file.write_bytes(b"y" * 100_000)
    with pytest.raises(Broken):
        ledger.payload(stored.sha256)
    file.unlink()
    with pytest.raises(Held, match="file of payload") as told:
        ledger.payload(stored.sha256)
    assert str(file) in told.value.fix
