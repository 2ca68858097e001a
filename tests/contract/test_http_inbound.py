"""HTTP inbound over real sockets: who is believed, what is answered, and that nothing is answered 500."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.http_inbound.inbound import HttpInbound
from connectors.http_inbound.settings import HttpInboundSettings
from hub.contracts.connector import Accepted, Arrival
from hub.contracts.standard_webhooks import signed_headers
from hub.errors import BadDocument, Broken, Duplicate, KeyConflict, Misconfigured, Throttled, Unreachable
from hub.problem import Problem
from tests.contract.site import HUB_SECRETS, NOW, Hub, Time, site
from tests.contract.waiting import WAIT_SECONDS_MAX

Build = Callable[..., HttpInbound]
SHIPMENTS = "/v1/wms/under_test/shipment-confirmations"
DOCUMENTS = "/v1/documents/under_test"
BODY = b'{"schema": "crossdock.shipment_confirmation/1"}'


@pytest.fixture
def inbound(tmp_path: Path, time: Time) -> Iterator[Build]:
    built: list[HttpInbound] = []

    def build(**values: Any) -> HttpInbound:
        given = {"signing_secrets": ["signing"], "body_bytes_max": 2000, "partner": "rno1", **values}
        built.append(HttpInbound(HttpInboundSettings.model_validate(given), site(tmp_path, time)))
        return built[-1]

    yield build
    for each in built:
        each.close()


@pytest.fixture
def url(inbound: Build, hub: Hub) -> str:
    opened = inbound(bearer_secrets=["bearer"])
    opened.start(hub.accept)
    return opened.address()


def signed(key: str = "msg-1", body: bytes = BODY, secret: str = "signing", now: float = NOW) -> dict[str, str]:
    return {"content-type": "application/json", **signed_headers([HUB_SECRETS[secret]], key, now, body)}


def post(url: str, headers: dict[str, str], body: bytes = BODY) -> httpx.Response:
    return httpx.post(url, content=body, headers=headers, timeout=20, trust_env=False)


@pytest.mark.parametrize(
    ("kind", "document"),
    [("shipment-confirmations", "shipment_confirmation"), ("pick-confirmations", "pick_confirmation")],
)
def test_a_confirmation_is_accepted_once(url: str, hub: Hub, kind: str, document: str) -> None:
    first = post(f"{url}/v1/wms/under_test/{kind}", signed())
    again = post(f"{url}/v1/wms/under_test/{kind}", signed())
    assert (first.status_code, first.json()) == (202, {"id": "m1", "status": "accepted", "duplicate": False})
    assert (again.status_code, again.json()) == (200, {"id": "m1", "status": "accepted", "duplicate": True})
    (arrival,) = hub.arrivals
    assert (arrival.data, arrival.document, arrival.name, arrival.partner) == (BODY, document, "msg-1", "rno1")
    assert arrival.source_key == f"{document}/msg-1"
    assert arrival.media_type == "application/json"
    assert set(arrival.facts) <= {"user-agent", "content-type", "peer"}


def test_any_bytes_are_a_document(url: str, hub: Hub) -> None:
    body = b"ISA*00*\xff\x00~"
    answer = post(url + DOCUMENTS, signed(body=body) | {"content-type": "application/edi-x12"}, body)
    assert answer.status_code == 202
    assert (hub.arrivals[0].data, hub.arrivals[0].document) == (body, "")
    assert hub.arrivals[0].media_type == "application/edi-x12"


def test_a_bearer_token_instead(url: str, hub: Hub) -> None:
    headers = {"authorization": f"Bearer {HUB_SECRETS['bearer']}", "content-type": "application/json"}
    assert post(url + SHIPMENTS, headers | {"idempotency-key": "k-1"}).status_code == 202
    assert hub.arrivals[0].name == "k-1"
    without = post(url + SHIPMENTS, headers)
    assert (without.status_code, without.json()["error"]) == (400, "no_key")
    assert post(url + SHIPMENTS, headers | {"idempotency-key": "x" * 300}).status_code == 400
    for wrong in ("Bearer wrong", "Bearer", f"Basic {HUB_SECRETS['bearer']}", HUB_SECRETS["bearer"], "Bearer \xff"):
        raw = {**headers, "idempotency-key": "k-2"}
        raw["authorization"] = wrong
        answer = httpx.post(
            url + SHIPMENTS, content=BODY, headers={k: v.encode("latin-1") for k, v in raw.items()}, trust_env=False
        )
        assert answer.status_code == 401
    assert len(hub.arrivals) == 1


def test_two_secrets_while_one_is_replaced(inbound: Build, hub: Hub) -> None:
    opened = inbound(signing_secrets=["signing", "signing_next"])
    opened.start(hub.accept)
    for number, name in enumerate(("signing", "signing_next")):
        assert post(opened.address() + SHIPMENTS, signed(f"m-{number}", secret=name)).status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "application/json"},
        signed(secret="signing_next"),
        signed(now=NOW - 301),
        signed(now=NOW + 301),
        signed(body=b"other"),
        signed() | {"webhook-signature": "v1,garbage"},
        signed() | {"webhook-signature": "\x7f\x01"[:1]},
        signed() | {"webhook-timestamp": "soon"},
        signed() | {"webhook-id": "other"},
    ],
    ids=lambda headers: str(sorted(headers.items()))[:60],
)
def test_strangers_are_not_believed(url: str, hub: Hub, headers: dict[str, str]) -> None:
    answer = post(url + SHIPMENTS, {"content-type": "application/json"} | headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "not_authenticated")
    assert answer.json()["message"]
    assert hub.calls == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/wms/other/shipment-confirmations", 404),
        ("POST", "/v1/wms/under_test/inventory", 404),
        ("POST", "/v1/documents/other", 404),
        ("POST", "/", 404),
        ("GET", SHIPMENTS, 405),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
    ],
)
def test_what_is_not_there(url: str, method: str, path: str, status: int) -> None:
    assert httpx.request(method, url + path, headers=signed(), trust_env=False).status_code == status


@pytest.mark.parametrize("media_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/xml"])
def test_confirmations_are_json(url: str, hub: Hub, media_type: str) -> None:
    assert post(url + SHIPMENTS, signed() | {"content-type": media_type}).status_code == 415
    assert post(url + SHIPMENTS, signed() | {"content-encoding": "gzip"}).status_code == 415
    assert post(url + DOCUMENTS, signed() | {"content-type": "multipart/form-data; boundary=x"}).status_code == 415
    assert hub.calls == 0
    assert post(url + SHIPMENTS, signed() | {"content-type": "application/vnd.wms+json"}).status_code == 202


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large(url: str, hub: Hub, chunked: bool) -> None:
    large = b"x" * 2001
    content: Any = iter([large[:1000], large[1000:]]) if chunked else large
    answer = httpx.post(url + SHIPMENTS, content=content, headers=signed(body=large), trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert hub.calls == 0


def test_a_body_without_end_is_cut_off(url: str, hub: Hub) -> None:
    """An endless chunked body is answered as soon as it is too large."""
    host, port = url.removeprefix("http://").split(":")
    head = "".join(f"{name}: {value}\r\n" for name, value in signed().items())
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(f"POST {SHIPMENTS} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n{head}\r\n".encode())
        for _ in range(30):
            connection.sendall(b"64\r\n" + b"x" * 100 + b"\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
    assert hub.calls == 0


def test_a_body_that_never_comes(inbound: Build, hub: Hub) -> None:
    opened = inbound(body_timeout_seconds=0.1)
    opened.start(hub.accept)
    host, port = opened.address().removeprefix("http://").split(":")
    head = "".join(f"{name}: {value}\r\n" for name, value in signed().items())
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(f"POST {SHIPMENTS} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n{head}\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 408")
    assert hub.calls == 0


PROBLEM = Problem(code="over_shipped", message="Line 1 ships more than was ordered.", segment="/lines/0/shipped")


@pytest.mark.parametrize(
    ("refusal", "status", "error"),
    [
        (KeyConflict("other bytes"), 422, "key_conflict"),
        (BadDocument("not a confirmation", problems=[PROBLEM]), 422, "bad_document"),
        (Unreachable("database at 10.0.0.7"), 503, "unavailable"),
        (Throttled("slow down", retry_after_seconds=42), 503, "unavailable"),
        (Misconfigured("internals"), 503, "unavailable"),
        (Broken("internals"), 503, "unavailable"),
        (ZeroDivisionError("a mistake"), 503, "unavailable"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_hub_says_against_it(url: str, hub: Hub, refusal: Exception, status: int, error: str) -> None:
    hub.refusal = refusal
    answer = post(url + SHIPMENTS, signed())
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    if status == 503:
        assert answer.headers["retry-after"] == ("42" if isinstance(refusal, Throttled) else "10")
        assert str(refusal) not in answer.text
    if isinstance(refusal, BadDocument):
        assert answer.json()["problems"] == [PROBLEM.as_json()]
    hub.refusal = None
    assert post(url + SHIPMENTS, signed()).status_code == 202


def test_problems_of_what_was_turned_away(url: str, hub: Hub) -> None:
    hub.problems = (PROBLEM.as_json(),)
    answer = post(url + SHIPMENTS, signed())
    assert answer.status_code == 422
    assert answer.json()["problems"] == [PROBLEM.as_json()]
    assert answer.json()["id"] == "m1"


def test_a_duplicate_that_is_raised(url: str, hub: Hub) -> None:
    hub.refusal = Duplicate()
    answer = post(url + SHIPMENTS, signed())
    assert (answer.status_code, answer.json()["duplicate"]) == (200, True)


def test_it_is_answered_only_after_the_hub_owns_the_bytes(inbound: Build) -> None:
    """P1; and a slow hub does not keep others waiting."""
    entered, released = threading.Event(), threading.Event()

    def accept(arrival: Arrival) -> Accepted:
        if arrival.name == "slow":
            entered.set()
            assert released.wait(WAIT_SECONDS_MAX)
        return Accepted(message_id=arrival.name)

    opened = inbound()
    opened.start(accept)
    answers: list[httpx.Response] = []
    slow = threading.Thread(target=lambda: answers.append(post(opened.address() + SHIPMENTS, signed("slow"))))
    slow.start()
    assert entered.wait(WAIT_SECONDS_MAX)
    assert post(opened.address() + SHIPMENTS, signed("quick")).status_code == 202
    assert answers == []
    released.set()
    slow.join(WAIT_SECONDS_MAX)
    assert [answer.status_code for answer in answers] == [202]


NEARLY_BELIEVED = {"content-type": b"application/json", "webhook-id": b"m", "webhook-signature": b"v1,x"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    path=st.sampled_from([SHIPMENTS, DOCUMENTS]),
    headers=st.dictionaries(
        st.sampled_from(
            ["webhook-id", "webhook-timestamp", "webhook-signature", "authorization", "idempotency-key",
             "content-type", "content-length", "content-encoding"]
        ),
        st.binary(max_size=40),
    ),
    body=st.binary(max_size=100),
)  # fmt: skip
@example(path=SHIPMENTS, headers=dict(NEARLY_BELIEVED, **{"content-length": "²".encode("latin-1")}), body=b"{}")
@example(path=DOCUMENTS, headers=dict(NEARLY_BELIEVED, **{"content-length": b"9" * 5000}), body=b"{}")
def test_garbage_is_never_answered_500(
    inbound: Build, hub: Hub, path: str, headers: dict[str, bytes], body: bytes
) -> None:
    """Straight into the application, past what an HTTP parser would already refuse."""
    app = inbound(bearer_secrets=["bearer"]).app(hub.accept)
    statuses: list[int] = []
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "scheme": "http", "http_version": "1.1", "headers": [(name.encode(), value) for name, value in headers.items()],
        "client": None, "server": ("x", 80), "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(app(scope, receive, send))
    assert len(statuses) == 1
    assert statuses[0] in (400, 401, 413, 415)
    assert hub.calls == 0


def test_wrong_settings_are_said(inbound: Build, hub: Hub) -> None:
    with pytest.raises(ValidationError, match="at least one secret"):
        HttpInboundSettings()
    with pytest.raises(Misconfigured):
        inbound(signing_secrets=["missing"]).start(hub.accept)
    with pytest.raises(Misconfigured, match="secret password cannot sign"):
        inbound(signing_secrets=["password"]).start(hub.accept)
    probe = inbound(signing_secrets=["password"]).probe()
    assert not probe.ok
    assert "password" in probe.detail
    assert "whsec_" in probe.fix
    first = inbound()
    first.start(hub.accept)
    with pytest.raises(Misconfigured, match="cannot listen"):
        inbound(port=int(first.address().rpartition(":")[2])).start(hub.accept)


def test_an_answer_is_json_that_says_what_to_do(url: str) -> None:
    answer = post(url + "/v1/wms/under_test/returns", signed())
    assert json.loads(answer.content) == {
        "error": "not_found",
        "message": "Confirmations are: pick-confirmations, shipment-confirmations.",
    }
