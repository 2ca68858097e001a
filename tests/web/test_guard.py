"""What is refused before anything is read, and what every answer carries."""

from __future__ import annotations

import httpx
import pytest

from hub.contracts.partner import Http, HubSettings
from hub.ledger import State
from hub.runtime import Hub
from hub.web.guard import is_loopback
from tests.orders.samples import entity
from tests.records import Records
from tests.web.conftest import served


@pytest.mark.parametrize("path", ["/", "/messages/nothing", "/v1/messages", "/static/crossdock.css", "/healthz"])
def test_every_answer_forbids_scripts_frames_and_foreign_sources(page: httpx.Client, path: str) -> None:
    headers = page.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"origin": "{own}"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://127.0.0.1:9090"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_change_must_come_from_the_page_itself(
    page: httpx.Client, records: Records, headers: dict[str, str], status: int
) -> None:
    message = records.message(State.DEAD)
    own = str(page.base_url).rstrip("/")
    sent = {name: value.format(own=own) for name, value in headers.items()}
    answer = page.post(f"/messages/{message}/replay", data={"reason": "mended"}, headers=sent)
    assert answer.status_code == status
    state = records.ledger.message(message).state
    assert state is (State.RECEIVED if status == 303 else State.DEAD)


@pytest.mark.parametrize("path", ["/", "/v1/messages"])
def test_on_loopback_another_host_name_is_refused(page: httpx.Client, path: str) -> None:
    assert page.get(path, headers={"host": "rebound.example"}).status_code == 421
    assert page.get(path, headers={"host": "localhost:8080"}).status_code == 200


def test_where_the_page_is_published_any_host_name_is_served(hub: Hub) -> None:
    hub.settings = HubSettings(entity=entity(), http=Http(host="0.0.0.0"))
    with served(hub) as client:
        assert client.get("/", headers={"host": "hub.example"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("127.0.0.1:8080", True), ("localhost", True), ("[::1]:80", True), ("::1", False),
        ("127.0.0.1.evil.example", False), ("localhost.evil.example", False), ("", False), ("[", False),
    ],
)  # fmt: skip
def test_loopback_is_known_by_its_address(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_a_replay_needs_a_reason_and_a_small_form(page: httpx.Client, records: Records) -> None:
    message = records.message(State.DEAD)
    for reason in ("", "   ", "x" * 20_000):
        assert page.post(f"/messages/{message}/replay", data={"reason": reason}).status_code == 422
    assert records.ledger.message(message).state is State.DEAD


def test_a_replay_is_put_on_record_with_its_reason(page: httpx.Client, records: Records) -> None:
    message = records.message(State.DEAD)
    answer = page.post(f"/messages/{message}/replay", data={"reason": "ERP mended"})
    assert answer.headers["location"] == f"/messages/{message}"
    events = records.ledger.events(message)
    assert (events[-1].what, events[-1].actor, events[-1].detail) == ("replayed", "page", "ERP mended")


def test_no_documentation_page_fetches_from_elsewhere(page: httpx.Client) -> None:
    assert [page.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]
