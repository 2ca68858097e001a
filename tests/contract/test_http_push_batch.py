"""HTTP push, several documents in one call: what is sent, and what every kind of answer means for each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.http_push import HttpPush, HttpPushSettings
from hub.contracts.connector import BatchSink, Parcel, Receipt
from hub.contracts.standard_webhooks import refusal
from hub.errors import OutcomeUnknown, Rejected, Throttled
from tests.contract.http_server import HttpFarEnd, answering, cut
from tests.contract.site import HUB_SECRETS, NOW, Time, parcel, site

Build = Callable[..., HttpPush]


@pytest.fixture
def push(http_far_end: HttpFarEnd, tmp_path: Path, time: Time) -> Iterator[Build]:
    built: list[HttpPush] = []

    def build(**settings: Any) -> HttpPush:
        values = {
            "base_url": http_far_end.url,
            "paths": {"erp_order": "/orders", "erp_cash": "/cash"},
            "batch_paths": {"erp_order": "/orders/batch"},
            "answer_timeout_seconds": 0.5,
        }
        built.append(HttpPush(HttpPushSettings.model_validate({**values, **settings}), site(tmp_path, time)))
        return built[-1]

    yield build
    for each in built:
        each.close()


def _order(key: str) -> Parcel:
    return parcel(key, document="erp_order", data=b'{"q": 1.50}', media_type="application/json")


def _results(*results: dict[str, Any]) -> Callable[[Any], None]:
    return answering(200, json.dumps({"results": list(results)}).encode())


def test_what_is_sent(push: Build, http_far_end: HttpFarEnd) -> None:
    http_far_end.trouble = _results({"key": "b", "reference": "R-2"}, {"key": "a", "reference": 1, "repeated": True})
    sink = push(signing_secrets=["signing"])
    assert isinstance(sink, BatchSink)
    answers = sink.deliver_many([_order("a"), _order("b")])
    assert [(one.reference, one.repeated) for one in answers if isinstance(one, Receipt)] == [
        ("1", True),
        ("R-2", False),
    ]
    (request,) = http_far_end.requests
    assert request.path == "/orders/batch"
    assert request.body == b'{"items":[{"key":"a","document":{"q": 1.50}},{"key":"b","document":{"q": 1.50}}]}'
    assert refusal([HUB_SECRETS["signing"]], request.headers, request.body, NOW) == ""
    assert request.headers["idempotency-key"] == request.headers["webhook-id"]


def test_each_document_has_its_own_answer(push: Build, http_far_end: HttpFarEnd) -> None:
    refused = {"key": "b", "error": {"code": "BLOCKED", "message": "customer is blocked"}}
    http_far_end.trouble = _results({"key": "a", "reference": "R"}, refused, {"key": "zzz", "reference": "?"})
    taken, rejected, unknown = push().deliver_many([_order("a"), _order("b"), _order("c")])
    assert isinstance(taken, Receipt)
    assert isinstance(rejected, Rejected)
    assert "BLOCKED" in rejected.message
    assert "customer is blocked" in rejected.message
    assert isinstance(unknown, OutcomeUnknown), "nothing was said of it: it may have arrived"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"results": 1}', b'{"results": [1, "a"]}', b"\xff"])
def test_an_answer_that_says_nothing_is_no_receipt(push: Build, http_far_end: HttpFarEnd, body: bytes) -> None:
    http_far_end.trouble = answering(200, body)
    (answer,) = push().deliver_many([_order("a")])
    assert isinstance(answer, OutcomeUnknown)


def test_what_came_of_the_call_came_of_each(push: Build, http_far_end: HttpFarEnd) -> None:
    http_far_end.trouble = cut
    assert {type(one) for one in push().deliver_many([_order("a"), _order("b")])} == {OutcomeUnknown}
    http_far_end.trouble = answering(429, b"{}")
    assert {type(one) for one in push().deliver_many([_order("a"), _order("b")])} == {Throttled}


def test_what_cannot_share_a_call_goes_alone(push: Build, http_far_end: HttpFarEnd) -> None:
    cash = parcel("c", document="erp_cash", data=b"{}")
    no_json = parcel("x", document="erp_order", data=b'{"q": ')
    answers = push(batch_paths={}).deliver_many([_order("a"), cash, no_json])
    assert all(isinstance(one, Receipt) for one in answers)
    assert [request.path for request in http_far_end.requests] == ["/orders", "/cash", "/orders"]
    http_far_end.requests.clear()
    push().deliver_many([cash, no_json, _order("d"), _order("e")])
    assert [request.path for request in http_far_end.requests] == ["/cash", "/orders", "/orders/batch"]


def test_no_more_in_a_call_than_is_allowed(push: Build, http_far_end: HttpFarEnd) -> None:
    http_far_end.trouble = _results(*({"key": str(number)} for number in range(5)))
    sink = push(batch_max=2)
    assert sink.batch_max == 2
    assert all(isinstance(one, Receipt) for one in sink.deliver_many([_order(str(number)) for number in range(5)]))
    assert [len(json.loads(request.body)["items"]) for request in http_far_end.requests] == [2, 2, 1]
    assert push(batch_paths={}).batch_max == 1
