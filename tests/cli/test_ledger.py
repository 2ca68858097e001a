"""messages, show, orders, dead, replay, audit, doctor, partners, routes: looking at a hub's home and mending it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.cli.exits import Exit
from hub.ledger import Kind, State
from hub.orders.lifecycle import apply
from tests.cli.conftest import Command
from tests.orders.samples import NOW, opened, shipment
from tests.records import Records


@pytest.mark.parametrize("verb", ["messages", "orders", "dead"])
def test_an_empty_list_is_an_empty_list(crossdock: Command, home: Path, verb: str) -> None:
    result = crossdock(verb, "--json")
    assert (result.code, result.out) == (0, b"[]\n")
    assert home.exists()
    assert crossdock(verb).out == b""


def test_messages_are_listed_filtered_and_paged(crossdock: Command, records: Records) -> None:
    held, dead = records.message(State.HELD), records.message(State.DEAD, type="erp_order", kind=Kind.DELIVERY)
    assert {line["id"] for line in crossdock("messages", "--json").json} == {held, dead}
    assert [line["id"] for line in crossdock("messages", "--json", "--state", "held").json] == [held]
    assert [line["id"] for line in crossdock("messages", "--json", "--kind", "delivery").json] == [dead]
    assert len(crossdock("messages", "--json", "--state", "held,dead").json) == 2
    first = crossdock("messages", "--json", "--limit", "1")
    cursor = first.err.partition("cursor: ")[2].strip()
    second = crossdock("messages", "--json", "--limit", "1", "--cursor", cursor)
    assert {first.json[0]["id"], second.json[0]["id"]} == {held, dead}
    refused = crossdock("messages", "--state", "lost")
    assert refused.code == Exit.USAGE
    assert "delivered" in refused.err


def test_search_finds_by_business_key(crossdock: Command, records: Records) -> None:
    message = records.message()
    records.ledger.write(lambda change: change.add_search_keys(message, None, [("isa13", "000000101")]))
    assert [line["id"] for line in crossdock("messages", "--json", "--search", "000000101").json] == [message]
    assert crossdock("messages", "--json", "--search", "nothing").json == []


def test_show_tells_history_and_problems(crossdock: Command, records: Records) -> None:
    problem = {
        "code": "value_not_in_list", "severity": "error", "message": "PO103 says BX.", "fix": "Send EA.",
        "segment": "PO1", "position": 9, "element": 3, "component": None, "value": "BX", "loop": "PO1",
        "ack": {"AK403": "7"},
    }  # fmt: skip
    message = records.message(State.REJECTED, payload=b"ST*850\xff~", facts={"problems": [problem]})
    value = crossdock("show", message, "--json").json
    assert value["problems"] == [problem]
    assert [event["what"] for event in value["events"]] == ["received"]
    text = crossdock("show", message).text
    assert "segment 9, PO103 in loop PO1" in text
    assert "Send EA." in text
    assert crossdock("show", message, "--payload").out == b"ST*850\xff~"
    assert crossdock("show", message, "--reading").code == Exit.NOT_FOUND
    assert crossdock("show", "nothing").code == Exit.NOT_FOUND


def test_orders_tell_balance_and_steps(crossdock: Command, records: Records) -> None:
    records.order(apply(opened(), shipment(), NOW, "m2"))
    line = crossdock("orders", "--json").json[0]
    assert (line["key"], line["stage"], line["open"]) == ("bigbox:PO-1", "partly_shipped", "2")
    value = crossdock("orders", "PO-1", "--json").json
    assert [entry["shipped"] for entry in value["lines"]] == ["8", "3"]
    assert value["shipments"][0]["parcels"][0]["tracking_number"] == "1Z1"
    text = crossdock("orders", "bigbox:PO-1").text
    assert "[x] ordered" in text
    assert "[~] shipped" in text
    assert "1Z1" in text
    assert crossdock("orders", "PO-9").code == Exit.NOT_FOUND


def test_dead_is_grouped_by_cause(crossdock: Command, records: Records) -> None:
    for _ in range(2):
        records.message(State.DEAD, cause="rejected", type="erp_order", endpoint="erp", detail="customer blocked")
    text = crossdock("dead").text
    assert text.splitlines()[1].split()[:4] == ["2", "rejected", "erp_order", "erp"]
    assert len(crossdock("dead", "--json").json) == 2


def test_a_replay_is_rehearsed_needs_a_reason_and_is_done(crossdock: Command, records: Records) -> None:
    message = records.message(State.DEAD)
    planned = crossdock("replay", message, "--dry-run", "--json").json
    assert (planned[0]["possible"], planned[0]["replayed"]) == (True, False)
    assert crossdock("replay", message).code == Exit.USAGE
    assert records.ledger.message(message).state is State.DEAD
    done = crossdock("replay", message, "--reason", "mended", "--json")
    assert (done.code, done.json[0]["replayed"]) == (0, True)
    assert records.ledger.message(message).state is State.RECEIVED
    assert crossdock("replay", message, "--reason", "again").code == Exit.CONFLICT


def test_a_replay_by_filter_takes_what_matches(crossdock: Command, records: Records) -> None:
    wanted = {records.message(State.DEAD, cause="rejected") for _ in range(3)}
    other = records.message(State.DEAD, cause="broken")
    done = crossdock("replay", "--where", "state=dead,cause=rejected", "--reason", "mended", "--json").json
    assert {line["id"] for line in done} == wanted
    assert records.ledger.message(other).state is State.DEAD
    nothing = crossdock("replay", "--where", "cause=none", "--reason", "r", "--json")
    assert (nothing.code, nothing.json) == (0, [])


def test_a_replay_may_put_corrected_bytes_in_place(crossdock: Command, records: Records, tmp_path: Path) -> None:
    message = records.message(State.REJECTED, payload=b"old")
    (tmp_path / "new.edi").write_bytes(b"new")
    done = crossdock("replay", message, "--edit", tmp_path / "new.edi", "--reason", "typo", "--json").json
    new = records.ledger.message(done[0]["message_id"])
    assert new.replay_of == message
    assert records.ledger.payload(str(new.payload)) == b"new"
    assert crossdock("replay", message, "--edit", tmp_path / "none", "--reason", "r").code == Exit.NOT_FOUND


@pytest.mark.parametrize(
    "arguments", [(), ("x", "--where", "state=dead"), ("--where", "size=1"), ("--where", "state=")]
)
def test_a_replay_says_what_it_needs(crossdock: Command, home: Path, arguments: tuple[str, ...]) -> None:
    result = crossdock("replay", *arguments, "--reason", "r")
    assert result.code == Exit.USAGE
    assert "how to mend it" in result.err
    assert home.exists()


def test_one_of_several_that_cannot_be_replayed_makes_it_partly_done(crossdock: Command, records: Records) -> None:
    dead, delivered = records.message(State.DEAD), records.message(State.DELIVERED)
    assert crossdock("replay", dead, delivered, "--reason", "mended").code == Exit.PARTLY


def test_audit_balances_and_notices_when_it_does_not(crossdock: Command, records: Records, home: Path) -> None:
    message = records.message(State.DEAD)
    balanced = crossdock("audit", "--json")
    assert (balanced.code, balanced.json["balanced"], balanced.json["chain_ok"]) == (0, True, True)
    assert "It balances." in crossdock("audit").text
    records.ledger.close()
    tamper(home / "ledger.db", message)
    broken = crossdock("audit")
    assert broken.code == Exit.FAILED
    assert message in broken.text


def tamper(path: Path, message: str) -> None:
    """Change a state by hand, as nobody should."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE message SET state='delivered' WHERE id=?", (message,))
        database.commit()


def test_doctor_names_what_is_wrong_and_how_to_mend_it(crossdock: Command, home: Path) -> None:
    result = crossdock("doctor", "--json")
    checks = result.json
    assert all(check.keys() >= {"check", "ok", "detail", "fix"} for check in checks)
    assert result.code == Exit.FAILED
    faulty = [check for check in checks if not check["ok"]]
    assert any("erp" in check["check"] for check in faulty)
    assert home.exists()


def test_partners_and_routes_are_listed(crossdock: Command, home: Path) -> None:
    assert [partner["id"] for partner in crossdock("partners", "--json").json] == ["bigbox"]
    assert "ZZ/BIGBOX" in crossdock("partners").text
    routes = crossdock("routes", "--json").json
    assert {"Order", "Invoice"} <= {route["on"] for route in routes}
    assert home.exists()


def test_wrong_settings_are_told_with_file_key_and_what_is_allowed(crossdock: Command, home: Path) -> None:
    settings = home / "config" / "hub.toml"
    settings.write_text(settings.read_text().replace('site = "RNO1"', 'place = "RNO1"'))
    assert crossdock("messages").code == 0
    result = crossdock("partners")
    assert result.code == Exit.USAGE
    for expected in ("hub.toml", "entity.place", "site"):
        assert expected in result.err
