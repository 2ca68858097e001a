"""AvaTax in the shapes of its documentation: exact numbers, its key, its errors, its ping that says 200 to anyone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from connectors.tax_avatax import Avatax, AvataxSettings, escaped_code
from hub.contracts.connector import Question
from hub.errors import (
    AuthExpired,
    Broken,
    CrossdockError,
    KeyConflict,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unreachable,
)
from tests.contract.site import Time, parcel, site

BASE = "https://sandbox-rest.avatax.com/api/v2"
ONE = f"{BASE}/companies/HUBCO/transactions/INV-1"
REQUEST = (
    b'{"code":"INV-1","type":"SalesInvoice","date":"2026-11-20","customerCode":"ACME","commit":true,'
    b'"lines":[{"number":"1","amount":125.50,"quantity":10},{"number":"FREIGHT","amount":0.1000000000000000055}]}'
)
TOTAL = "125.6000000000000000055"
FOUND = b'{"id":9,"code":"INV-1","status":"%s","customerCode":"ACME","totalAmount":%s,"totalTax":7.53}'
COMMIT = parcel("k-1", document="tax_commit", facts={"code": "INV-1"})


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as mocked:
        yield mocked


@pytest.fixture
def avatax(tmp_path: Path, time: Time) -> Iterator[Avatax]:
    values = {"base_url": "https://sandbox-rest.avatax.com/", "company_code": "HUBCO", "credentials_secret": "avatax"}
    connector = Avatax(AvataxSettings.model_validate(values), site(tmp_path, time))
    yield connector
    connector.close()


def record(connector: Avatax, data: bytes = REQUEST) -> Any:
    return connector.ask(Question(operation="record", key="k", data=data))


def found(status: str = "Saved", total: str = TOTAL) -> httpx.Response:
    return httpx.Response(200, content=FOUND % (status.encode(), total.encode()))


def error(status: int, code: str, words: str = "words") -> httpx.Response:
    detail = {"code": code, "number": 1, "message": words, "description": "more words", "faultCode": "Client"}
    return httpx.Response(status, json={"error": {"code": code, "message": words, "details": [detail]}})


def test_recording_keeps_every_digit_and_never_commits(router: respx.MockRouter, avatax: Avatax) -> None:
    create = router.post(f"{BASE}/transactions/create").mock(return_value=found())
    answer = record(avatax)
    assert answer.data == found().content
    assert answer.facts == {}
    (call,) = create.calls
    assert str(call.request.url) == f"{BASE}/transactions/create?$include=Lines,Details,Summary"
    sent = json.loads(call.request.content, parse_float=Decimal)
    assert sent["lines"][1]["amount"] == Decimal("0.1000000000000000055")
    assert b"125.50" in call.request.content
    assert (sent["type"], sent["commit"], sent["companyCode"]) == ("SalesInvoice", False, "HUBCO")
    assert call.request.headers["authorization"].startswith("Basic ")
    assert call.request.headers["x-avalara-client"].count(";") == 4


def test_a_quote_is_an_order_that_is_not_recorded(router: respx.MockRouter, avatax: Avatax) -> None:
    create = router.post(f"{BASE}/transactions/create").mock(return_value=found("Temporary"))
    avatax.ask(Question(operation="quote", key="k", data=REQUEST))
    sent = json.loads(create.calls[0].request.content)
    assert (sent["type"], sent["commit"]) == ("SalesOrder", False)


def test_a_conflict_with_the_same_transaction_is_an_answer(router: respx.MockRouter, avatax: Avatax) -> None:
    router.post(f"{BASE}/transactions/create").mock(return_value=error(400, "DocumentCodeConflict"))
    router.get(ONE).mock(return_value=found("Committed"))
    answer = record(avatax)
    assert answer.facts == {"repeated": "true"}
    assert json.loads(answer.data)["status"] == "Committed"


@pytest.mark.parametrize(
    "other", [found("Committed", "125.59"), httpx.Response(200, json={"customerCode": "OTHER", "totalAmount": 125.6})]
)
def test_a_conflict_with_another_transaction_is_loud(
    router: respx.MockRouter, avatax: Avatax, other: httpx.Response
) -> None:
    router.post(f"{BASE}/transactions/create").mock(return_value=error(400, "DocumentCodeConflict"))
    router.get(ONE).mock(return_value=other)
    with pytest.raises(KeyConflict, match="another transaction"):
        record(avatax)


@pytest.mark.parametrize(
    "lost", [httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), error(500, "UnhandledException")]
)
def test_after_a_lost_answer_it_looks(router: respx.MockRouter, avatax: Avatax, lost: Any) -> None:
    create = router.post(f"{BASE}/transactions/create")
    create.mock(return_value=lost) if isinstance(lost, httpx.Response) else create.mock(side_effect=lost)
    look = router.get(ONE).mock(return_value=found())
    assert record(avatax).facts == {"repeated": "true"}
    look.mock(return_value=error(404, "EntityNotFoundError"))
    with pytest.raises(Unreachable, match="has not recorded it"):
        record(avatax)
    assert len(create.calls) == 2, "nothing is sent twice by itself"
    look.mock(side_effect=httpx.ReadTimeout("x"))
    with pytest.raises(Unreachable):
        record(avatax)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (error(401, "AuthenticationException"), AuthExpired),
        (error(403, "AuthorizationException"), Misconfigured),
        (error(429, "RateLimitExceededError"), Throttled),
        (error(400, "RequestLimitExceeded"), Throttled),
        (error(400, "ConcurrentRequestLimitExceeded"), Throttled),
        (error(400, "InvalidAddress", "Address is incomplete."), Rejected),
        (error(400, "ValueRequiredError"), Rejected),
        (error(400, "SomethingNew"), Rejected),
        (error(404, "CompanyNotFoundError"), Misconfigured),
        (httpx.Response(404, html="<h1>not here</h1>"), Misconfigured),
        (httpx.Response(503), Unreachable),
        (httpx.Response(302, headers={"location": "https://elsewhere.example"}), Misconfigured),
    ],
)
def test_what_its_errors_mean(
    router: respx.MockRouter, avatax: Avatax, answer: httpx.Response, outcome: type[CrossdockError]
) -> None:
    router.post(f"{BASE}/transactions/create").mock(return_value=answer)
    with pytest.raises(outcome) as caught:
        record(avatax)
    assert type(caught.value) is outcome
    code = json.loads(answer.content)["error"]["code"] if answer.content.startswith(b"{") else ""
    assert code in caught.value.message


def test_committing(router: respx.MockRouter, avatax: Avatax) -> None:
    commit = router.post(f"{ONE}/commit").mock(return_value=found("Committed"))
    receipt = avatax.deliver(COMMIT)
    assert (receipt.reference, receipt.repeated) == ("9", False)
    assert json.loads(commit.calls[0].request.content) == {"commit": True}
    look = router.get(ONE).mock(return_value=found("Committed"))
    commit.mock(return_value=error(400, "AnyCodeAtAll"))
    assert avatax.deliver(COMMIT).repeated
    look.mock(return_value=found("Saved"))
    with pytest.raises(Rejected):
        avatax.deliver(COMMIT)
    assert avatax.find(COMMIT) is None
    commit.mock(return_value=error(404, "EntityNotFoundError", "Document not found."))
    with pytest.raises(Rejected, match="Document not found"):
        avatax.deliver(COMMIT)
    commit.mock(side_effect=httpx.ReadTimeout("x"))
    with pytest.raises(OutcomeUnknown):
        avatax.deliver(COMMIT)
    commit.mock(side_effect=httpx.ConnectTimeout("x"))
    with pytest.raises(Unreachable):
        avatax.deliver(COMMIT)


def test_voiding(router: respx.MockRouter, avatax: Avatax) -> None:
    void = router.post(f"{ONE}/void").mock(return_value=found("Cancelled"))
    question = Question(operation="void", key="k", facts={"code": "INV-1"})
    assert avatax.ask(question).facts == {}
    assert json.loads(void.calls[0].request.content) == {"code": "DocVoided"}
    void.mock(return_value=error(400, "AnyCodeAtAll"))
    router.get(ONE).mock(return_value=found("Cancelled"))
    assert avatax.ask(question).facts == {"repeated": "true"}
    void.mock(return_value=error(400, "CannotModifyLockedTransaction"))
    router.get(ONE).mock(return_value=found("Committed"))
    with pytest.raises(Rejected):
        avatax.ask(question)


def test_the_ping_says_200_to_anyone(router: respx.MockRouter, avatax: Avatax) -> None:
    ping = router.get(f"{BASE}/utilities/ping").mock(return_value=httpx.Response(200, json={"authenticated": False}))
    assert not avatax.probe().ok
    ping.mock(return_value=httpx.Response(200, content=b"\xff"))
    assert not avatax.probe().ok
    ping.mock(return_value=httpx.Response(200, json={"authenticated": True}))
    assert avatax.probe().ok


@pytest.mark.parametrize(
    ("code", "escaped"),
    [
        ("INV-1", "INV-1"), ("A/B", "A_-ava2f-_B"), ("A+B?C#D%E", "A_-ava2b-_B_-ava3f-_C_-ava23-_D_-ava25-_E"),
        ("A B", "A%20B"), ("é", "%C3%A9"),
    ],
)  # fmt: skip
def test_codes_in_paths(router: respx.MockRouter, avatax: Avatax, code: str, escaped: str) -> None:
    assert escaped_code(code) == escaped
    look = router.get(url__startswith=f"{BASE}/companies/HUBCO/").mock(return_value=found("Committed"))
    avatax.find(parcel(document="tax_commit", facts={"code": code}))
    assert look.calls[0].request.url.raw_path.startswith(f"/api/v2/companies/HUBCO/transactions/{escaped}?".encode())


@pytest.mark.parametrize("code", ["", "x" * 51, "A_-ava2f-_B"])
def test_codes_that_cannot_be_told_apart(code: str) -> None:
    with pytest.raises(Rejected):
        escaped_code(code)


def test_wrong_use_is_said(avatax: Avatax) -> None:
    with pytest.raises(Broken, match="quote, record and void"):
        avatax.ask(Question(operation="guess", key="k"))
    with pytest.raises(Misconfigured, match="tax_commit"):
        avatax.deliver(parcel(document="erp_order", facts={"code": "INV-1"}))
    with pytest.raises(Broken):
        avatax.deliver(parcel(document="tax_commit"))
    for data in (b"", b"[]", b"\xff", b"{", b'{"lines": []}'):
        with pytest.raises(Broken):
            record(avatax, data)


def test_credentials_travel_encrypted() -> None:
    values = {"base_url": "http://rest.avatax.com", "company_code": "HUBCO", "credentials_secret": "avatax"}
    with pytest.raises(ValueError, match="use https"):
        AvataxSettings.model_validate(values)
    assert AvataxSettings.model_validate(values | {"base_url": "http://127.0.0.1:8080"}).base_url.port == 8080
