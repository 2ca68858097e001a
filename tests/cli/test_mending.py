"""dead, replay, jobs, close: the queue of work, and replays of many."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.cli.exits import Exit
from hub.cli.moments import moment
from hub.errors import Misconfigured
from hub.ledger import Change, Kind, State
from tests.cli.conftest import Command
from tests.records import Records

BLOCKED = {"cause": "rejected", "type": "erp_order", "endpoint": "erp", "kind": Kind.DELIVERY}


def blocked(records: Records, count: int) -> list[str]:
    return [records.message(State.DEAD, detail=f"order PO-{n} is blocked", **BLOCKED) for n in range(count)]


def test_groups_are_owned_noted_and_snoozed(crossdock: Command, records: Records) -> None:
    blocked(records, 3)
    (group,) = crossdock("dead", "--group", "--json").json
    assert (group["count"], group["what"], group["owner"]) == (3, "order … is blocked", "")
    name = group["group"]
    assert crossdock("dead", "--assign", name, "--to", "dana", "--json").json["owner"] == "dana"
    assert crossdock("dead", "--note", name, "--text", "ERP team knows", "--json").json["note"] == "ERP team knows"
    assert "dana" in crossdock("dead").text
    snoozed = crossdock("dead", "--snooze", name, "--until", "2d", "--json").json
    assert [step["what"] for step in snoozed["history"]] == ["assigned", "noted", "snoozed"]
    assert len(snoozed["messages"]) == 3
    assert crossdock("dead", "--group", "--json").json == []
    assert len(crossdock("dead", "--group", "--all", "--json").json) == 1
    assert len(crossdock("dead", "--json").json) == 3, "its messages are there all the same"
    crossdock("dead", "--snooze", name, "--until", "now")
    assert len(crossdock("dead", "--group", "--json").json) == 1
    assert crossdock("dead", "--of", "nothing").code == Exit.NOT_FOUND
    assert crossdock("dead", "--snooze", name, "--until", "soon").code == Exit.USAGE
    assert crossdock("dead", "--note", name).code == Exit.USAGE


@pytest.mark.parametrize(
    "arguments",
    [("--of", "G", "--to", "dana"), ("--assign", "G"), ("--until", "2d"), ("--text", "known"), ("--cursor", "x")],
)
def test_what_would_be_passed_over_is_refused(crossdock: Command, records: Records, arguments: tuple[str, ...]) -> None:
    blocked(records, 2)
    (group,) = crossdock("dead", "--group", "--json").json
    crossdock("dead", "--assign", group["group"], "--to", "dana")
    named = [group["group"] if word == "G" else word for word in arguments]
    assert crossdock("dead", *named).code == Exit.USAGE
    assert crossdock("dead", "--group", "--json").json[0]["owner"] == "dana"
    assert crossdock("messages", "--cursor", "").code == Exit.USAGE


def test_a_group_is_replayed_as_one_job(crossdock: Command, records: Records) -> None:
    ids = blocked(records, 3)
    other = records.message(State.DEAD, detail="no such item", **BLOCKED)
    groups = crossdock("dead", "--group", "--json").json
    name = next(group["group"] for group in groups if group["count"] == 3)
    done = crossdock("replay", "--group", name, "--reason", "unblocked", "--json")
    assert done.code == 0
    assert [(line["id"], line["replayed"]) for line in done.json] == [(key, True) for key in ids]
    assert records.ledger.message(other).state is State.DEAD
    (job,) = crossdock("jobs", "--json").json
    assert (job["state"], job["total"], job["reason"], job["selection"]) == ("done", 3, "unblocked", {"group": name})
    shown = crossdock("jobs", job["job"], "--json").json
    assert shown["outcomes"] == {"received": 3}
    assert "3 replayed" in crossdock("jobs", job["job"]).text
    assert crossdock("jobs", job["job"], "--resume").code == Exit.CONFLICT
    assert crossdock("jobs", "nothing").code == Exit.NOT_FOUND


def test_a_canary_is_waited_for_and_the_job_aborted_and_resumed(crossdock: Command, records: Records) -> None:
    blocked(records, 4)
    begun = crossdock("replay", "--where", "cause=rejected", "--canary", "1", "--wait", "0", "--reason", "r", "--json")
    assert [line["state"] for line in begun.json] == ["replayed", "waiting", "waiting", "waiting"]
    job = begun.json[0]["job"]
    assert f"crossdock jobs {job}" in begun.err
    assert crossdock("jobs", job, "--abort", "--json").json["state"] == "aborted"
    assert crossdock("jobs", job, "--resume", "--json").json["state"] == "canary"
    assert crossdock("jobs", "--abort").code == Exit.USAGE


def test_close_says_that_nothing_more_follows(crossdock: Command, records: Records) -> None:
    dead, delivered = records.message(State.DEAD), records.message()
    done = crossdock("close", dead, "--reason", "entered by hand", "--json")
    assert (done.code, done.json[0]["closed"]) == (0, True)
    assert records.ledger.message(dead).cause == "closed"
    assert crossdock("close", delivered, "--reason", "r").code == Exit.CONFLICT
    another = records.message(State.HELD)
    partly = crossdock("close", another, delivered, "--reason", "r", "--json")
    assert (partly.code, [line["closed"] for line in partly.json]) == (Exit.PARTLY, [True, False])
    assert crossdock("close", another, "--reason", " ").code == Exit.USAGE
    assert crossdock("close", "nothing", "nobody", "--reason", "r").code == Exit.NOT_FOUND


def test_nothing_is_replayed_where_one_of_them_is_not_there(crossdock: Command, records: Records) -> None:
    dead = records.message(State.DEAD)
    refused = crossdock("replay", dead, "nothing", "--reason", "r")
    assert refused.code == Exit.NOT_FOUND
    assert "crossdock messages" in refused.err
    assert records.ledger.message(dead).state is State.DEAD
    assert crossdock("replay", "--group", "nothing", "--reason", "r").code == Exit.NOT_FOUND


@pytest.mark.parametrize(
    "arguments",
    [
        ("--where", "state=dead", "--rule", "drop it"),
        ("x", "--from", "beginning"),
        ("x", "--mapping", "newest"),
        ("x", "--set", "no value"),
        ("x", "--set", "a=1", "--rule", "set N104 = 1"),
        ("--where", "since=soon"),
        ("--where", "state=dead", "--rate", "0"),
        ("x", "--rate", "0"),
        ("x", "--sample", "1"),
    ],
)
def test_what_a_replay_does_not_understand_is_usage(
    crossdock: Command, records: Records, arguments: tuple[str, ...]
) -> None:
    message = records.message(State.DEAD)
    named = [message if word == "x" else word for word in arguments]
    assert crossdock("replay", *named, "--reason", "r").code == Exit.USAGE
    assert records.ledger.message(message).state is State.DEAD


def test_an_edit_without_bytes_is_refused(crossdock: Command, records: Records, tmp_path: Path) -> None:
    message = records.message(State.REJECTED)
    (tmp_path / "empty.edi").write_bytes(b"")
    assert crossdock("replay", message, "--edit", tmp_path / "empty.edi", "--reason", "r").code == Exit.USAGE
    assert records.ledger.message(message).state is State.REJECTED


def test_what_is_at_rest_is_not_due(crossdock: Command, records: Records) -> None:
    dead, due = records.message(State.DEAD), records.message(State.RECEIVED)
    shown = {line["id"]: line["due_at"] for line in crossdock("messages", "--json").json}
    assert (shown[dead], bool(shown[due])) == (None, True)
    assert "due_at" not in crossdock("show", dead).text


def test_a_field_that_cannot_be_edited_is_told(crossdock: Command, records: Records) -> None:
    message = records.message(State.DEAD)
    refused = crossdock("replay", message, "--set", "id=1", "--reason", "r")
    assert refused.code == Exit.CONFLICT
    assert "no fields" in refused.text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("4h", 14_400), ("2d", 172_800), ("2027-01-15", 0.0), ("2027-01-15T01:00:00+01:00", 0.0)],
)
def test_moments(text: str, seconds: float) -> None:
    now = 1_799_971_200.0
    assert moment(text, now) == (now + seconds if text[1] in "hd" else now)


def test_a_span_goes_back_where_the_past_is_meant() -> None:
    assert moment("1d", 100_000.0, past=True) == 13_600.0
    with pytest.raises(Misconfigured):
        moment("yesterday", 0.0)


def test_skip_lets_those_behind_go_on(crossdock: Command, records: Records) -> None:
    order = {**BLOCKED, "order_key": "erp|bigbox:4711", "order_hold": True}
    first = records.message(State.DEAD, **order)
    second = records.message(State.RECEIVED, **{**order, "cause": ""})
    assert first in crossdock("messages").text
    done = crossdock("skip", first, "--reason", "not needed", "--json")
    assert (done.code, done.json[0]["skipped"], done.json[0]["state"]) == (0, True, "dead")
    assert records.ledger.message(second).cause == ""
    assert crossdock("skip", first, "--reason", "again").code == Exit.CONFLICT


def test_doctor_and_dead_tell_what_is_waited_for(crossdock: Command, records: Records) -> None:
    until = records.ledger.now() + 7200

    def pause(change: Change) -> None:
        change.pause_endpoint("erp", until, cause="maintenance", detail="Maintenance, as hub.toml says.")
        change.endpoint_failed("tax", open_until=until, cause="unreachable", detail="tax could not be reached.")

    records.ledger.write(pause)
    told = {line["check"]: line for line in crossdock("doctor", "--json").json}
    assert (told["endpoint erp"]["ok"], told["endpoint tax"]["ok"]) == (True, False)
    assert "Nothing is sent to tax before" in told["endpoint tax"]["detail"]
    assert "Nothing is sent to erp before" in crossdock("dead").err


def test_a_sample_is_rehearsed(crossdock: Command, records: Records) -> None:
    ids = blocked(records, 9)
    done = crossdock("replay", "--where", "cause=rejected", "--dry-run", "--sample", "3", "--json")
    assert [line["id"] for line in done.json] == ids[::3]
    assert "3 of 9" in done.err
