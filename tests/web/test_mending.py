"""Groups of dead letters, replay jobs and closing, on the page and in the API."""

from __future__ import annotations

import httpx
import pytest

from hub.flow import replay_job
from hub.ledger import Change, Kind, State
from hub.runtime import Hub
from tests.orders.samples import opened, order
from tests.records import Records

BLOCKED = {"cause": "rejected", "type": "erp_order", "endpoint": "erp", "kind": Kind.DELIVERY}


@pytest.fixture
def ids(records: Records) -> list[str]:
    """Three dead deliveries of one cause."""
    return [records.message(State.DEAD, detail=f"order PO-{n} is blocked", **BLOCKED) for n in range(3)]


def test_the_api_looks_after_a_group(page: httpx.Client, ids: list[str]) -> None:
    (group,) = page.get("/v1/dead/groups").json()["items"]
    assert group["count"] == len(ids)
    path = f"/v1/dead/groups/{group['group']}"
    said = page.post(path, json={"actor": "dana", "owner": "dana", "snoozed_until": "2099-01-01T00:00:00Z"}).json()
    assert (said["owner"], said["snoozed_until"]) == ("dana", "2099-01-01T00:00:00.000Z")
    assert page.get("/v1/dead/groups").json() == {"items": [], "snoozed": 1}
    page.post(path, json={"snoozed_until": None})
    assert [entry["owner"] for entry in page.get("/v1/dead/groups").json()["items"]] == ["dana"]
    assert page.post("/v1/dead/groups/nothing", json={}).status_code == 404
    assert page.post(path, json={"colour": "red"}).status_code == 422


def test_the_api_makes_rehearses_aborts_and_resumes_a_job(page: httpx.Client, hub: Hub, ids: list[str]) -> None:
    wanted = {"reason": "mended", "where": {"cause": "rejected"}}
    rehearsed = page.post("/v1/replay-jobs", json={**wanted, "dry_run": True}).json()
    assert (rehearsed["total"], {line["possible"] for line in rehearsed["items"]}) == (3, {True})
    assert page.get("/v1/replay-jobs").json()["items"] == []
    job = page.post("/v1/replay-jobs", json={**wanted, "actor": "dana", "canary": 1}).json()
    assert (job["state"], job["total"], job["actor"]) == ("running", 3, "dana")
    path = f"/v1/replay-jobs/{job['job']}"
    assert page.post(path + "/abort").json()["state"] == "aborted"
    assert page.post(path + "/resume").json()["state"] == "running"
    replay_job.step(hub.flow, job["job"])
    shown = page.get(path).json()
    assert [item["state"] for item in shown["items"]] == ["replayed", "waiting", "waiting"]
    assert shown["outcomes"] == {"received": 1}
    assert page.post("/v1/replay-jobs", json={"reason": "r"}).status_code == 422
    assert page.post("/v1/replay-jobs", json={"reason": "", "ids": ids}).status_code == 422
    assert page.post("/v1/replay-jobs", json={"reason": "r", "ids": ids, "rule": "no rule"}).status_code == 422
    assert page.get("/v1/replay-jobs/nothing").status_code == 404


def test_the_api_closes_a_message(page: httpx.Client, ids: list[str]) -> None:
    path = f"/v1/messages/{ids[0]}/close"
    assert page.post(path, json={"reason": "by hand"}).json()["state"] == "answered"
    assert page.post(path, json={"reason": "by hand"}).status_code == 409


def test_the_page_shows_groups_and_replays_one(page: httpx.Client, hub: Hub, ids: list[str]) -> None:
    text = page.get("/dead").text
    assert "3 × rejected at erp" in text
    (group,) = page.get("/v1/dead/groups").json()["items"]
    saved = page.post(f"/dead/{group['group']}", data={"owner": "dana", "note": "<b>known</b>", "snooze_hours": ""})
    assert saved.status_code == 303
    text = page.get("/dead").text
    assert 'value="dana"' in text
    assert "&lt;b&gt;known" in text
    answer = page.post(f"/dead/{group['group']}/replay", data={"reason": "mended"})
    assert answer.status_code == 303
    job = answer.headers["location"]
    assert "mended" in page.get(job).text
    assert job in page.get("/dead").text
    assert page.post(job, data={"do": "abort"}).status_code == 303
    assert "aborted by page" in page.get(job).text
    assert page.post(job, data={"do": "explode"}).status_code == 422
    assert page.post(f"/dead/{group['group']}/replay", data={"reason": ""}).status_code == 422
    assert page.post(f"/dead/{group['group']}", data={"snooze_hours": "many"}).status_code == 422
    page.post(f"/dead/{group['group']}", data={"owner": "", "note": "", "snooze_hours": "4"})
    assert "1 more cause is snoozed" in page.get("/dead").text


def test_what_waits_says_why_and_goes_on_when_it_is_skipped(page: httpx.Client, hub: Hub, records: Records) -> None:
    place = {"order_key": "erp|bigbox:4711", "order_hold": True, "facts": {"document": "x12/855"}}
    first = records.message(State.DEAD, **{**BLOCKED, **place})
    second = records.message(State.RECEIVED, **{**BLOCKED, **place, "cause": ""})
    told = page.get(f"/v1/messages/{second}").json()
    assert (told["cause"], told["due_at"]) == ("in_order", None)
    assert first in told["waits"]
    assert first in page.get("/messages?state=received").text
    assert 'aria-label="Skip"' in page.get(f"/messages/{first}").text
    skipped = page.post(f"/messages/{first}/skip", data={"reason": "not needed"})
    assert skipped.status_code == 303
    assert page.get(f"/v1/messages/{second}").json()["waits"] == ""
    assert 'aria-label="Skip"' not in page.get(f"/messages/{first}").text
    assert page.post(f"/v1/messages/{first}/skip", json={"reason": "again"}).status_code == 409


def test_an_endpoint_that_is_waited_for_is_told_everywhere(page: httpx.Client, hub: Hub, records: Records) -> None:
    until = hub.ledger.now() + 7200
    records.order(opened(order(id="4711")))
    records.message(
        State.RECEIVED, **{**BLOCKED, "cause": "", "order_key": "erp|bigbox:4711", "facts": {"document": "x12/855"}}
    )

    def work(change: Change) -> None:
        change.pause_endpoint("erp", until, cause="maintenance", detail="Maintenance until later, as hub.toml says.")
        change.open_obligation("bigbox:4711", "855", due_at=until - 60, message_id="", partner="bigbox")

    hub.ledger.write(work)
    (endpoint,) = page.get("/v1/endpoints").json()["items"]
    assert (endpoint["cause"], endpoint["waiting"]) == ("maintenance", 1)
    assert "Maintenance until later" in page.get("/").text
    assert "Maintenance until later" in page.get("/v1/messages").json()["items"][0]["waits"]
    (due,) = page.get("/v1/orders/bigbox:4711").json()["obligations"]
    assert "Nothing is sent to erp before" in due["waits"]
    assert "Nothing is sent to erp before" in page.get("/orders/bigbox:4711").text
