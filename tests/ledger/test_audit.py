"""P3: the equation balances, and nobody can quietly change what happened."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.ledger import Change, Kind, Ledger, Message, State
from hub.ledger.chain import event_hash

from .conftest import NewDocument

Tamper = Callable[..., None]


@pytest.fixture
def tamper(ledger: Ledger) -> Tamper:
    """Changes rows as no change of the ledger does."""

    def change(sql: str, **values: Any) -> None:
        given = [values[name] for name in re.findall(r":([a-z]\w*)", sql)]
        marked = re.sub(r":[a-z]\w*", "?", sql)
        assert ledger._database.write(lambda db, _: db.run(marked, given), lambda: None) > 0

    return change


@pytest.fixture
def story(ledger: Ledger, new: NewDocument) -> dict[str, str]:
    """An interchange of two documents, one delivered with its delivery, one held; sealed."""
    raw = ledger.store(b"ISA~ST~ST~IEA~")
    interchange = new(Kind.INTERCHANGE, type="x12", payload=raw, unique_key="file-1", facts={"documents": 2})
    good, bad = (new(parent=interchange.id, payload=ledger.store(name)) for name in (b"ST~1", b"ST~2"))
    delivery = new(Kind.DELIVERY, endpoint="erp", parent=good.id, payload=ledger.store(b"{}" * 40_000))

    def claim(kind: Kind, **more: str) -> list[Message]:
        return ledger.claim(kind, 9, lease_seconds=60, owner="a", **more)  # type: ignore[arg-type]

    ledger.write(lambda change: change.insert(interchange))
    (claimed,) = claim(Kind.INTERCHANGE)
    ledger.write(
        lambda change: (change.insert_many([good, bad]), change.finish(claimed, State.DELIVERED, event="split"))
    )
    by_id = {message.id: message for message in claim(Kind.DOCUMENT)}
    ledger.write(
        lambda change: (
            change.insert(delivery),
            change.finish(by_id[good.id], State.DELIVERED, event="processed", reading=ledger.store(b"{}")),
            change.finish(by_id[bad.id], State.HELD, event="held", cause="held"),
        )
    )
    (sent,) = claim(Kind.DELIVERY, endpoint="erp")
    ledger.write(lambda change: change.finish(sent, State.DELIVERED, event="delivered", facts={"said": 200}))
    ledger.seal()
    return {"interchange": interchange.id, "good": good.id, "bad": bad.id, "delivery": delivery.id}


def _problems(ledger: Ledger) -> set[str]:
    return {problem["problem"] for problem in ledger.audit()["problems"]}


def test_an_honest_ledger_balances(ledger: Ledger, story: dict[str, str], new: NewDocument) -> None:
    ledger.write(lambda change: change.insert_many([new(), new(state=State.REJECTED), new(state=State.ANSWERED)]))
    steps: list[str] = []
    report = ledger.audit(lambda step, _rows: steps.append(step))
    expected = {"received": 7, "delivered": 3, "answered": 1, "held": 1, "rejected": 1, "dead": 0, "in_flight": 1}
    assert {name: report[name] for name in expected} == expected
    assert (report["balanced"], report["chain_ok"], report["problems"]) == (True, True, [])
    assert report["kinds"]["interchange"]["delivered"] == 1
    assert {"event", "message", "payload", "seal"} <= set(steps)
    counted = {kind: {k: v for k, v in counts.items() if v} for kind, counts in report["kinds"].items()}
    assert {kind: {k: v for k, v in c.items() if v} for kind, c in ledger.counts().items()} == counted


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE event SET detail='nothing to see' WHERE message_id=:bad AND what='held'", "chain_broken"),
        ("UPDATE event SET at=at-3600 WHERE message_id=:bad AND what='received'", "chain_broken"),
        ("UPDATE event SET facts='{}' WHERE message_id=:good AND what='processed'", "chain_broken"),
        ("DELETE FROM event WHERE message_id=:bad AND what='held'", "chain_broken"),
        ("DELETE FROM event WHERE message_id=:bad AND what='received'", "chain_broken"),
        ("DELETE FROM event WHERE message_id=:bad", "events_missing"),
        ("UPDATE message SET chain='x' WHERE id=:bad", "chain_broken"),
        ("UPDATE message SET state='delivered' WHERE id=:bad", "state_changed"),
        ("UPDATE message SET state='lost' WHERE id=:bad", "state_unknown"),
        ("UPDATE message SET kind='letter' WHERE id=:bad", "state_unknown"),
        ("UPDATE event SET kind='letter' WHERE message_id=:bad", "not_balanced"),
        ("DELETE FROM message WHERE id=:bad", "message_missing"),
        ("UPDATE payload SET data=data||data WHERE data IS NOT NULL AND size=4", "payload_broken"),
        ("DELETE FROM payload WHERE size=4", "payload_missing"),
        ("DELETE FROM message WHERE id=:good", "parent_missing"),
        ("DELETE FROM message WHERE id=:bad", "documents_missing"),
        ("UPDATE seal SET hash='x'", "seal_broken"),
        ("UPDATE message SET payload=(SELECT payload FROM message WHERE id=:good) WHERE id=:bad", "message_changed"),
        ("UPDATE message SET reading=payload WHERE id=:good", "message_changed"),
        ("UPDATE message SET reading=payload WHERE id=:bad", "message_changed"),
        ("UPDATE message SET reading=payload WHERE id=:delivery", "message_changed"),
        ("UPDATE message SET kind='delivery' WHERE id=:bad", "message_changed"),
        ("UPDATE message SET type='860' WHERE id=:bad", "message_changed"),
        ("UPDATE message SET partner='tinybox' WHERE id=:bad", "message_changed"),
        ("UPDATE message SET endpoint='wms' WHERE id=:delivery", "message_changed"),
        ("UPDATE message SET order_key='bigbox:2' WHERE id=:bad", "message_changed"),
        ("UPDATE message SET seq=2 WHERE id=:bad", "message_changed"),
        ("UPDATE message SET order_hold=1 WHERE id=:bad", "message_changed"),
        ("UPDATE message SET unique_key=NULL WHERE id=:interchange", "message_changed"),
        ("UPDATE message SET parent=:good WHERE id=:bad", "message_changed"),
        ("UPDATE message SET replay_of=:good WHERE id=:bad", "message_changed"),
        ("UPDATE message SET created_at=created_at-60 WHERE id=:bad", "message_changed"),
        ("UPDATE message SET changed_at=changed_at-60 WHERE id=:bad", "message_changed"),
        ("UPDATE message SET cause='' WHERE id=:bad", "message_changed"),
        ("UPDATE message SET detail='solved' WHERE id=:bad", "message_changed"),
        ("UPDATE message SET facts='{}' WHERE id=:delivery", "message_changed"),
        ("UPDATE message SET facts='{' WHERE id=:bad", "facts_unreadable"),
        ("UPDATE message SET facts='[\"documents\"' WHERE id=:interchange", "facts_unreadable"),
        ("UPDATE message SET facts='[]' WHERE id=:interchange", "facts_unreadable"),
        ("UPDATE event SET facts='{' WHERE message_id=:bad", "chain_broken"),
        ("UPDATE seal SET tally='{'", "seal_broken"),
        ("UPDATE seal SET tally='[]'", "seal_broken"),
    ],
)
def test_tampering_is_found(ledger: Ledger, story: dict[str, str], tamper: Tamper, sql: str, found: str) -> None:
    tamper(sql, **{name: value for name, value in story.items() if f":{name}" in sql})
    assert found in _problems(ledger)


def test_a_message_removed_with_all_its_events_is_missed(ledger: Ledger, story: dict[str, str], tamper: Tamper) -> None:
    tamper("DELETE FROM event WHERE message_id=:id", id=story["delivery"])
    tamper("DELETE FROM message WHERE id=:id", id=story["delivery"])
    report = ledger.audit()
    assert [problem["problem"] for problem in report["problems"]] == ["seal_broken"]
    assert (report["balanced"], report["chain_ok"]) == (True, False)


@pytest.mark.parametrize("sql", ["DELETE FROM seal", "DELETE FROM seal WHERE id>1"])
def test_seals_that_were_removed_are_missed(
    ledger: Ledger, story: dict[str, str], new: NewDocument, tamper: Tamper, sql: str
) -> None:
    last = new()
    ledger.write(lambda change: change.insert(last))
    ledger.seal()
    ledger.write(lambda change: change.insert(new()))
    assert _problems(ledger) == set()
    tamper("DELETE FROM event WHERE message_id=:id", id=last.id)
    tamper("DELETE FROM message WHERE id=:id", id=last.id)
    tamper(sql)
    report = ledger.audit()
    assert ([problem["problem"] for problem in report["problems"]], report["chain_ok"]) == (["seals_missing"], False)


def test_an_equation_that_does_not_add_up_is_told(ledger: Ledger, story: dict[str, str], tamper: Tamper) -> None:
    tamper("DELETE FROM message WHERE id=:id", id=story["bad"])
    report = ledger.audit()
    assert not report["balanced"]
    assert "not_balanced" in {problem["problem"] for problem in report["problems"]}


def test_a_large_payload_that_is_altered_or_gone_is_found(
    ledger: Ledger, story: dict[str, str], tmp_path: Path
) -> None:
    sha256 = ledger.message(story["delivery"]).payload
    assert sha256 is not None
    (file,) = [path for path in (tmp_path / "payloads").rglob("*") if path.is_file()]
    file.write_bytes(b"something else")
    assert _problems(ledger) == {"payload_broken"}
    ledger.store(b"{}" * 40_000)
    assert _problems(ledger) == set(), "the same bytes come again"
    file.write_bytes(b"[]" * 40_000)
    ledger.store(b"{}" * 40_000)
    assert _problems(ledger) == set(), "a size that is right proves nothing"
    file.unlink()
    assert _problems(ledger) == {"payload_not_found"}
    ledger.store(b"{}" * 40_000)
    assert _problems(ledger) == set()


@pytest.mark.parametrize("sql", ["UPDATE payload SET data=data||data WHERE size=4", "DELETE FROM payload WHERE size=4"])
def test_bytes_that_come_again_mend_what_was_altered_or_removed(
    ledger: Ledger, story: dict[str, str], tamper: Tamper, new: NewDocument, sql: str
) -> None:
    tamper(sql)
    (problem,) = {entry["problem"]: entry for entry in ledger.audit()["problems"]}.values()
    assert "same bytes" in problem["detail"]
    again = [new(payload=ledger.store(name)) for name in (b"ST~1", b"ST~2")]
    ledger.write(lambda change: change.insert_many(again))
    assert ledger.audit()["problems"] == []


def test_seals_follow_each_other(ledger: Ledger, story: dict[str, str], new: NewDocument) -> None:
    assert not ledger.seal()
    for _ in range(3):
        ledger.write(lambda change: change.insert(new()))
        assert ledger.seal()
    assert ledger.audit()["problems"] == []
    assert ledger.counts()["document"] == {"received": 5, "in_flight": 3, "delivered": 1, "held": 1}


def test_what_refers_to_something_that_is_gone_is_told_with_a_command(
    ledger: Ledger, story: dict[str, str], tamper: Tamper
) -> None:
    def refer(change: Change) -> None:
        change.open_obligation("bigbox:PO-9", "855", due_at=1.0, message_id=story["good"], partner="bigbox")
        change.record_sent(
            partner="bigbox", group_type="PR", group_control="7", document="855", document_control="0001",
            message_id="gone", due_at=None,
        )  # fmt: skip

    ledger.write(refer)
    found = {problem["problem"]: problem for problem in ledger.audit()["problems"]}
    assert set(found) == {"order_missing", "sent_message_missing"}
    assert found["order_missing"]["command"] == f"crossdock show {story['good']}"
    ledger.write(lambda change: change.add_steps("bigbox:PO-8", [(1.0, "received", "", story["good"])]))
    gone = [entry for entry in ledger.audit()["problems"] if entry.get("order") == "bigbox:PO-8"]
    assert [entry["command"] for entry in gone] == [f"crossdock show {story['good']}"]
    tamper("DELETE FROM message WHERE id=:good", good=story["good"])
    problems = ledger.audit()["problems"]
    commands = {problem["problem"]: problem["command"] for problem in problems}
    assert commands["documents_missing"].startswith(f"crossdock replay {story['interchange']} --again")
    assert commands["parent_missing"] == f"crossdock show {story['delivery']}"


def test_a_message_that_was_skipped_is_as_its_events_say(ledger: Ledger, new: NewDocument, tamper: Tamper) -> None:
    stopped = new(state=State.HELD, order_key="bigbox:1", order_hold=True)
    ledger.write(lambda change: change.insert(stopped))
    ledger.write(lambda change: change.skip(stopped.id, actor="dana", reason="not needed"))
    assert _problems(ledger) == set()
    tamper("UPDATE message SET order_hold=1")
    assert _problems(ledger) == {"message_changed"}


def test_what_it_was_read_as_may_change_while_it_is_worked_on(ledger: Ledger, new: NewDocument, tamper: Tamper) -> None:
    first, second = ledger.store(b'{"a":1}'), ledger.store(b'{"a":2}')
    document = new(payload=first, reading=first)
    ledger.write(lambda change: (change.insert(document), change.put_payload(second)))
    (claimed,) = ledger.claim(Kind.DOCUMENT, 1, lease_seconds=60, owner="a")
    ledger.write(lambda change: change.finish(claimed, State.HELD, event="held", reading=second, facts={"n": [1.5]}))
    ledger.write(lambda change: change.event(document.id, "note", "dana", {"reading": "twice"}))
    ledger.write(
        lambda change: change.move(
            document.id, [State.HELD], State.ANSWERED, event="closed", actor="dana", cause="closed", facts={"n": None}
        )
    )
    assert _problems(ledger) == set()
    tamper("UPDATE message SET reading=payload")
    assert _problems(ledger) == {"message_changed"}


def test_nothing_is_said_of_what_an_older_version_did(ledger: Ledger, new: NewDocument, tamper: Tamper) -> None:
    first, second = ledger.store(b'{"a":1}'), ledger.store(b'{"a":2}')
    document = new(payload=first, reading=first)
    ledger.write(lambda change: (change.insert(document), change.put_payload(second)))
    (claimed,) = ledger.claim(Kind.DOCUMENT, 1, lease_seconds=60, owner="a")
    event = (document.id, 1.0, "processed", "hub", "document", "working", "delivered", "", "", '{"attempt":1}')
    chain = event_hash(claimed.chain, *event)
    names = [f"v{number}" for number in range(len(event))]
    tamper(
        "INSERT INTO event (message_id, at, what, actor, kind, state_from, state_to, cause, detail, facts, hash)"
        f" VALUES ({','.join(f':{name}' for name in names)}, :hash)",
        **dict(zip(names, event, strict=True)),
        hash=chain,
    )
    tamper(
        "UPDATE message SET state='delivered', changed_at=1.0, owner='', reading=:reading, chain=:chain",
        reading=second.sha256,
        chain=chain,
    )
    assert _problems(ledger) == set()
    tamper("UPDATE message SET type='860'")
    assert _problems(ledger) == {"message_changed"}


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("DELETE FROM order_step", "steps_missing"),
        ("DELETE FROM business_key", "business_key_missing"),
        ("DELETE FROM search_key", "search_key_missing"),
        ("DELETE FROM search_key WHERE kind='isa13'", "search_key_missing"),
        ("DELETE FROM customer_order", "order_missing"),
        ("DELETE FROM order_sequence", "counter_behind"),
        ("UPDATE order_sequence SET seq=1", "counter_behind"),
        ("DELETE FROM control_number", "counter_behind"),
        ("UPDATE control_number SET value=1", "counter_behind"),
    ],
)
def test_tables_that_lack_what_must_be_there_are_told(
    ledger: Ledger, new: NewDocument, tamper: Tamper, sql: str, found: str
) -> None:
    file = new(Kind.INTERCHANGE, state=State.DELIVERED, facts={"documents": 2, "control_number": "000000007"})
    orders = [new(state=State.DELIVERED, order_key="bigbox:PO-1", parent=file.id) for _ in range(2)]

    def trade(change: Change) -> None:
        change.insert_many([file, *orders])
        change.add_search_keys(file.id, None, [("isa13", "000000007")])
        change.add_search_keys(orders[0].id, "bigbox:PO-1", [("po", "PO-1")])
        change.take_key("Order", "bigbox:PO-1", "", orders[0].id)
        change.save_order("bigbox:PO-1", partner="bigbox", po="PO-1", state="ordered", data="{}", expected_version=None)
        change.add_steps("bigbox:PO-1", [(1.0, "ordered", "", orders[0].id)])
        for _ in range(2):
            number = f"{change.next_number('isa13:bigbox', maximum=999_999_999):09d}"
            change.insert(new(Kind.DELIVERY, endpoint="mailbox/bigbox", facts={"isa13": number}))

    ledger.write(trade)
    assert _problems(ledger) == set()
    tamper(sql)
    assert _problems(ledger) == {found}
