"""The JSON API gives the objects of the command."""

from __future__ import annotations

import base64

import httpx
import pytest

from hub.errors import Unreachable
from hub.ledger import Change, Kind, State
from hub.runtime import Hub
from hub.web.audits import Audits
from tests.orders.samples import opened
from tests.records import Records


def test_health_tells_the_balance(page: httpx.Client, records: Records) -> None:
    records.message(State.DEAD)
    answer = page.get("/healthz").json()
    assert answer["ok"] is True
    assert answer["counts"]["received"] == answer["counts"]["dead"] == 1


def test_health_says_why_the_ledger_cannot_be_written(hub: Hub, page: httpx.Client) -> None:
    def work(change: Change) -> None:
        raise Unreachable("the disk of the ledger is full")

    with pytest.raises(Unreachable):
        hub.ledger.write(work)
    answer = page.get("/healthz")
    assert (answer.status_code, answer.json()["ok"]) == (503, False)
    assert "full" in answer.json()["trouble"]


def test_messages_are_listed_filtered_and_paged(page: httpx.Client, records: Records) -> None:
    ids = [records.message(State.HELD if number % 2 else State.DEAD) for number in range(6)]
    first = page.get("/v1/messages", params={"limit": 4}).json()
    second = page.get("/v1/messages", params={"limit": 4, "cursor": first["cursor"]}).json()
    assert [line["id"] for line in first["items"] + second["items"]] == sorted(ids, reverse=True)
    assert second["cursor"] is None
    for params, many in (({"since": "2000-01-01"}, 6), ({"until": "2000-01-01T08:00Z"}, 0), ({"endpoint": "x"}, 0)):
        assert len(page.get("/v1/messages", params=params).json()["items"]) == many
    assert page.get("/v1/messages", params={"since": "soon"}).status_code == 422
    held = page.get("/v1/messages", params={"state": "held"}).json()["items"]
    assert {line["state"] for line in held} == {"held"}
    assert page.get("/v1/dead").json()["items"][0]["state"] == "dead"


def test_a_message_has_its_history_family_and_payload(page: httpx.Client, records: Records) -> None:
    file = records.message(kind=Kind.INTERCHANGE, type="x12", payload=b"ISA*\xff")
    child = records.message(parent=file)
    answer = page.get(f"/v1/messages/{file}").json()
    assert [event["what"] for event in answer["events"]] == ["received"]
    assert [line["id"] for line in answer["children"]] == [child]
    payload = page.get(f"/v1/messages/{file}/payload").json()
    assert base64.b64decode(payload["base64"]) == b"ISA*\xff"
    assert payload["text"] == "ISA*ÿ"


def test_orders_are_found_by_key_and_by_number(page: httpx.Client, records: Records) -> None:
    records.order(opened())
    assert page.get("/v1/orders").json()["items"][0]["key"] == "bigbox:PO-1"
    for name in ("bigbox:PO-1", "PO-1"):
        answer = page.get(f"/v1/orders/{name}").json()
        assert [line["open"] for line in answer["lines"]] == ["10", "3"]


def test_a_replay_is_rehearsed_and_then_done(page: httpx.Client, records: Records) -> None:
    message = records.message(State.DEAD)
    path = f"/v1/messages/{message}/replay"
    planned = page.post(path, json={"reason": "mended", "dry_run": True}).json()
    assert planned[0]["possible"] is True
    assert records.ledger.message(message).state is State.DEAD
    done = page.post(path, json={"reason": "mended", "actor": "mira"}).json()
    assert done[0]["replayed"] is True
    assert records.ledger.message(message).state is State.RECEIVED


def test_an_edit_takes_the_place_of_the_original(page: httpx.Client, records: Records) -> None:
    message = records.message(State.REJECTED, payload=b"ISA*old")
    edit = base64.b64encode(b"ISA*new").decode()
    done = page.post(f"/v1/messages/{message}/replay", json={"reason": "r", "edit_base64": edit}).json()
    new = records.ledger.message(done[0]["message_id"])
    assert new.replay_of == message
    assert records.ledger.payload(str(new.payload)) == b"ISA*new"
    assert records.ledger.message(message).state is State.ANSWERED


def test_the_audit_balances(page: httpx.Client, records: Records) -> None:
    records.message(State.DEAD)
    answer = page.get("/v1/audit").json()
    assert answer["balanced"] is True
    assert answer["chain_ok"] is True


def test_a_long_audit_is_not_waited_for(records: Records) -> None:
    audits = Audits(records.ledger, wait_seconds=0.0, good_seconds=3600.0)
    begun_at = audits.answer()[1]["begun_at"]
    while (answer := audits.answer())[0] == 202:
        assert answer[1]["running"]
    records.message(State.DEAD)
    status, found = audits.answer()
    assert (status, found["dead"]) == (200, 0), "the result of a moment ago is good enough"
    assert found["begun_at"] == begun_at
    assert Audits(records.ledger, good_seconds=-1.0).answer()[1]["dead"] == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/v1/messages/nothing", None, 404, "not_found"),
        ("GET", "/v1/orders/nothing", None, 404, "not_found"),
        ("GET", "/v1/orders?cursor=nothing", None, 422, "misconfigured"),
        ("GET", "/v1/messages?state=lost", None, 422, "misconfigured"),
        ("GET", "/v1/messages?limit=0", None, 422, "bad_document"),
        ("GET", "/v1/nothing", None, 404, "not_found"),
        ("POST", "/v1/messages/nothing/replay", {"reason": "r"}, 404, "not_found"),
        ("POST", "/v1/messages/nothing/replay", {}, 422, "bad_document"),
        ("POST", "/v1/messages/nothing/replay", {"reason": "r", "force": True}, 422, "bad_document"),
    ],
)
def test_what_is_wrong_is_told_as_one_object(
    page: httpx.Client, method: str, path: str, body: object, status: int, error: str
) -> None:
    answer = page.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["error"] == error
    assert answer.json()["message"]
