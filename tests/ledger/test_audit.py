"""P3: the equation balances, and nobody can quietly change what happened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from hub.ledger import Change, Kind, Ledger, Message, State

from .conftest import NewDocument

Tamper = Callable[..., None]


@pytest.fixture
def tamper(ledger_url: str) -> Tamper:
    """Changes rows behind the ledger's back."""

    def change(sql: str, **values: Any) -> None:
        engine = create_engine(ledger_url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            assert connection.execute(text(sql), values).rowcount > 0
        engine.dispose()

    return change


@pytest.fixture
def story(ledger: Ledger, new: NewDocument) -> dict[str, str]:
    """An interchange of two documents, one delivered with its delivery, one held; sealed."""
    raw = ledger.store(b"ISA~ST~ST~IEA~")
    interchange = new(Kind.INTERCHANGE, type="x12", payload=raw, facts={"documents": 2})
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
    ledger.write(lambda change: change.finish(sent, State.DELIVERED, event="delivered"))
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
