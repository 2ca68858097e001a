"""HTTP push against a real server: what was sent, and what every kind of answer and silence means."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.http_push import HttpPush, HttpPushSettings
from hub.contracts.http_outcome import retry_after_seconds
from hub.contracts.standard_webhooks import refusal
from hub.errors import (
    AuthExpired,
    CrossdockError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unreachable,
)
from tests.contract.http_server import HttpFarEnd, answering, cut, cut_in_answer, drip, silent
from tests.contract.site import HUB_SECRETS, NOW, Time, parcel, site

Build = Callable[..., HttpPush]
ORDER = parcel("k-1", document="erp_order", data=b'{"q": "1.50"}', media_type="application/json")


@pytest.fixture
def push(http_far_end: HttpFarEnd, tmp_path: Path, time: Time) -> Iterator[Build]:
    built: list[HttpPush] = []

    def build(**settings: Any) -> HttpPush:
        values = {"base_url": http_far_end.url, "paths": {"erp_order": "/orders"}, "find_path": "/deliveries/{key}"}
        model = HttpPushSettings.model_validate({**values, "answer_timeout_seconds": 0.2, **settings})
        built.append(HttpPush(model, site(tmp_path, time)))
        return built[-1]

    yield build
    for each in built:
        each.close()


def test_what_is_sent(push: Build, http_far_end: HttpFarEnd) -> None:
    receipt = push(bearer_secret="bearer", signing_secrets=["signing", "signing_next"]).deliver(ORDER)
    assert (receipt.reference, receipt.repeated) == ("R-1", False)
    (request,) = http_far_end.requests
    assert (request.method, request.path, request.body) == ("POST", "/orders", ORDER.data)
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == "k-1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == f"Bearer {HUB_SECRETS['bearer']}"
    for name in ("signing", "signing_next"):
        assert refusal([HUB_SECRETS[name]], request.headers, request.body, NOW) == ""


def test_basic_credentials(push: Build, http_far_end: HttpFarEnd) -> None:
    push(basic_secret="basic").deliver(ORDER)
    assert http_far_end.requests[0].headers["authorization"].startswith("Basic ")
    push().deliver(ORDER)
    assert "authorization" not in http_far_end.requests[1].headers


def test_find_asks_for_the_key(push: Build, http_far_end: HttpFarEnd) -> None:
    odd = parcel("k/1 ü?#%", document="erp_order")
    assert push().find(odd) is None
    assert http_far_end.requests[0].path == "/deliveries/k%2F1%20%C3%BC%3F%23%25"
    http_far_end.kept["k/1 ü?#%"] = b""
    found = push().find(odd)
    assert found is not None
    assert (found.reference, found.repeated) == ("R-1", True)
    with pytest.raises(Rejected, match="no way to look"):
        push(find_path=None).find(odd)


REFUSAL = {"error": {"code": "NO_SUCH_SKU", "message": "SKU-PINK is not sold"}}


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "outcome_of_find"),
    [
        (301, {"location": "/elsewhere"}, Misconfigured, Misconfigured),
        (307, {"location": "http://elsewhere.example/"}, Misconfigured, Misconfigured),
        (400, {}, Rejected, Rejected),
        (401, {}, AuthExpired, AuthExpired),
        (403, {}, Misconfigured, Misconfigured),
        (404, {}, Misconfigured, None),
        (405, {}, Misconfigured, Misconfigured),
        (408, {}, Unreachable, Unreachable),
        (409, {}, Rejected, Rejected),
        (413, {}, Rejected, Rejected),
        (415, {}, Misconfigured, Misconfigured),
        (422, {}, Rejected, Rejected),
        (425, {}, Unreachable, Unreachable),
        (429, {}, Throttled, Throttled),
        (500, {}, OutcomeUnknown, Unreachable),
        (501, {}, Misconfigured, Misconfigured),
        (502, {}, OutcomeUnknown, Unreachable),
        (503, {}, Unreachable, Unreachable),
        (503, {"retry-after": "5"}, Throttled, Throttled),
        (504, {}, OutcomeUnknown, Unreachable),
        (599, {}, OutcomeUnknown, Unreachable),
    ],
)
def test_what_a_status_means(
    push: Build,
    http_far_end: HttpFarEnd,
    status: int,
    headers: dict[str, str],
    outcome: type[CrossdockError],
    outcome_of_find: type[CrossdockError] | None,
) -> None:
    http_far_end.trouble = answering(status, REFUSAL, headers)
    connector = push()
    with pytest.raises(outcome) as caught:
        connector.deliver(ORDER)
    assert type(caught.value) is outcome
    assert caught.value.facts == {"status": status, "code": "NO_SUCH_SKU"}
    assert "SKU-PINK is not sold" in caught.value.message
    if outcome_of_find is None:
        assert connector.find(ORDER) is None
    else:
        with pytest.raises(outcome_of_find):
            connector.find(ORDER)
    assert len(http_far_end.requests) == 2, "nothing is retried, no redirect is followed"


@pytest.mark.parametrize("trouble", [silent, cut, cut_in_answer, drip], ids=lambda trouble: trouble.__name__)
def test_an_answer_that_does_not_come(push: Build, http_far_end: HttpFarEnd, trouble: Any) -> None:
    http_far_end.trouble = trouble
    connector = push()
    with pytest.raises(OutcomeUnknown):
        connector.deliver(ORDER)
    with pytest.raises(Unreachable):
        connector.find(ORDER)
    http_far_end.trouble = None
    http_far_end.released.set()
    found = connector.find(ORDER)
    assert found is not None, "it had arrived all the same"


def test_an_answer_that_is_too_large(push: Build, http_far_end: HttpFarEnd) -> None:
    http_far_end.trouble = answering(200, b" " * 4_000_001)
    with pytest.raises(OutcomeUnknown, match="more than 4000000 bytes"):
        push(answer_timeout_seconds=10).deliver(ORDER)
    http_far_end.trouble = answering(422, b" " * 4_000_001)
    with pytest.raises(Rejected):
        push(answer_timeout_seconds=10).deliver(ORDER)


@pytest.mark.parametrize("body", [b"", b"OK", b"[1]", b'"R-1"', b"\xff", b"[" * 100_000, b'{"reference": {"a": 1}}'])
def test_an_answer_without_a_reference_is_a_receipt(push: Build, http_far_end: HttpFarEnd, body: bytes) -> None:
    http_far_end.trouble = answering(200, body)
    receipt = push().deliver(ORDER)
    assert (receipt.reference, receipt.repeated) == ("", False)


def test_wrong_settings_are_said(push: Build) -> None:
    with pytest.raises(Misconfigured, match="it has: erp_order"):
        push().deliver(parcel(document="erp_invoice"))
    with pytest.raises(Misconfigured):
        push(bearer_secret="missing").deliver(ORDER)
    with pytest.raises(Misconfigured, match="secret password cannot sign"):
        push(signing_secrets=["password"]).deliver(ORDER)
    assert "whsec_" in push(signing_secrets=["password"]).probe().fix
    with pytest.raises(Misconfigured):
        push().deliver(parcel("key\r\nx: y", document="erp_order"))
    with pytest.raises(Unreachable):
        push(base_url="http://nowhere.invalid").deliver(ORDER)


@pytest.mark.parametrize(
    "values",
    [
        {"base_url": "ftp://x"},
        {"base_url": "http://user:pass@x"},
        {"paths": {"a": "no-slash"}},
        {"paths": {"a": "/with space"}},
        {"find_path": "/no-key"},
        {"bearer_secret": "a", "basic_secret": "b"},
        {"answer_timeout_seconds": 0},
    ],
    ids=json.dumps,
)
def test_settings_that_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpPushSettings.model_validate({"base_url": "http://x", "paths": {}, **values})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0), ("17", 17.0), ("999999999", 86_400.0), ("9" * 60, 86_400.0), ("-1", None), ("soon", None),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60.0), ("Mon, 21 Sep 2020 14:14:20 GMT", 0.0), ("Mon, 99 Sep", None),
        ("Mon, 21 Sep 2026 14:14:20 -0000", 60.0), ("", None),
    ],
)  # fmt: skip
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after_seconds({"retry-after": value}, NOW) == seconds
    assert retry_after_seconds({}, NOW) is None
