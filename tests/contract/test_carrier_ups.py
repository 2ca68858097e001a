"""UPS in the shapes of its documentation: tokens, what "not found" looks like, errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from connectors.carrier_ups import Ups, UpsSettings
from hub.contracts.connector import Question
from hub.errors import AuthExpired, Broken, CrossdockError, Misconfigured, NotYet, Rejected, Throttled, Unreachable
from tests.contract.site import HUB_SECRETS, Time, site

BASE = "https://wwwcie.ups.com"
NUMBER = "1Z999AA10123456784"
ANSWER = {"trackResponse": {"shipment": [{"inquiryNumber": NUMBER, "package": [{"trackingNumber": NUMBER}]}]}}
WARNING = {
    "trackResponse": {"shipment": [{"warnings": [{"code": "TW0001", "message": "Tracking Information Not Found"}]}]}
}


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as mocked:
        yield mocked


@pytest.fixture
def token(router: respx.MockRouter) -> respx.Route:
    answers = ({"access_token": f"token-{number}", "expires_in": "14399"} for number in range(1, 100))
    route: respx.Route = router.post(f"{BASE}/security/v1/oauth/token")
    return route.mock(side_effect=lambda _: httpx.Response(200, json=next(answers)))


@pytest.fixture
def track(router: respx.MockRouter) -> respx.Route:
    return router.get(url__startswith=f"{BASE}/api/track/v1/details/").respond(200, json=ANSWER)


@pytest.fixture
def ups(tmp_path: Path, time: Time, token: respx.Route, track: respx.Route) -> Iterator[Ups]:
    values = {"base_url": BASE, "credentials_secret": "ups", "merchant_id": "A1B2C3"}
    connector = Ups(UpsSettings.model_validate(values), site(tmp_path, time))
    yield connector
    connector.close()


def ask(connector: Ups, number: str = NUMBER) -> Any:
    return connector.ask(Question(operation="track", key="q-1", facts={"tracking_number": number}))


def ups_error(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"response": {"errors": [{"code": code, "message": "words"}]}})


def test_what_is_sent(ups: Ups, token: respx.Route, track: respx.Route) -> None:
    answer = ask(ups)
    assert b"1Z999AA10123456784" in answer.data
    login = token.calls[0].request
    assert login.content == b"grant_type=client_credentials"
    assert login.headers["authorization"].startswith("Basic ")
    assert login.headers["x-merchant-id"] == "A1B2C3"
    asked = track.calls[0].request
    assert asked.url.path == f"/api/track/v1/details/{NUMBER}"
    assert asked.url.params["locale"] == "en_US"
    assert asked.headers["authorization"] == "Bearer token-1"
    assert len(asked.headers["transid"]) == 32
    assert asked.headers["transactionsrc"] == "crossdock"


def test_a_token_is_kept_until_shortly_before_its_end(ups: Ups, token: respx.Route, time: Time) -> None:
    ask(ups)
    time.seconds += 14399 * 0.9 - 1
    ask(ups)
    assert token.call_count == 1
    time.seconds += 2
    ask(ups)
    assert token.call_count == 2


def test_many_threads_fetch_one_token(ups: Ups, router: respx.MockRouter, token: respx.Route) -> None:
    barrier = threading.Barrier(8)

    def run(_: int) -> None:
        barrier.wait(20)
        ask(ups)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))
    assert token.call_count == 1


def test_a_token_that_is_refused_is_dropped(ups: Ups, token: respx.Route, track: respx.Route) -> None:
    track.mock(return_value=ups_error(401, "250002"))
    with pytest.raises(AuthExpired):
        ask(ups)
    track.mock(return_value=httpx.Response(200, json=ANSWER))
    ask(ups)
    assert token.call_count == 2
    assert track.calls[-1].request.headers["authorization"] == "Bearer token-2"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json=WARNING),
        httpx.Response(200, json={"trackResponse": {"shipment": []}}),
        httpx.Response(200, json={"trackResponse": {"shipment": [{"package": []}]}}),
        httpx.Response(404),
        ups_error(404, "151018"),
        ups_error(400, "151044"),
    ],
)
def test_a_number_that_is_not_known_yet(ups: Ups, track: respx.Route, answer: httpx.Response) -> None:
    track.mock(return_value=answer)
    with pytest.raises(NotYet) as caught:
        ask(ups)
    assert caught.value.retry_after_seconds == 3600


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (ups_error(400, "TV1002"), Rejected),
        (ups_error(400, "1"), Rejected),
        (ups_error(403, "250001"), Misconfigured),
        (ups_error(429, "10429"), Throttled),
        (ups_error(500, "1"), Unreachable),
        (httpx.Response(503), Unreachable),
        (httpx.Response(200, json=[]), Unreachable),
        (httpx.Response(200, content=b"<html>"), Unreachable),
        (httpx.Response(200, json={"trackResponse": None}), Unreachable),
        (httpx.ReadTimeout("x"), Unreachable),
        (httpx.ConnectError("x"), Unreachable),
    ],
)
def test_what_its_errors_mean(ups: Ups, track: respx.Route, answer: Any, outcome: type[CrossdockError]) -> None:
    track.mock(return_value=answer) if isinstance(answer, httpx.Response) else track.mock(side_effect=answer)
    with pytest.raises(outcome) as caught:
        ask(ups)
    assert type(caught.value) is outcome
    if outcome is Throttled:
        assert caught.value.as_json()["status"] == 429


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (httpx.Response(401, json={}), Misconfigured),
        (httpx.Response(400, json={}), Misconfigured),
        (httpx.Response(200, json={"access_token": "", "expires_in": "14399"}), Unreachable),
        (httpx.Response(200, json={"access_token": "t", "expires_in": "soon"}), Unreachable),
        (httpx.Response(200, json={"access_token": "t", "expires_in": "²"}), Unreachable),
        (httpx.Response(200, json={"access_token": 7, "expires_in": 1}), Unreachable),
        (httpx.Response(500), Unreachable),
    ],
)
def test_a_login_that_fails(
    ups: Ups, token: respx.Route, answer: httpx.Response, outcome: type[CrossdockError]
) -> None:
    token.mock(return_value=answer)
    with pytest.raises(outcome) as caught:
        ask(ups)
    assert HUB_SECRETS["ups"].partition(":")[2] not in repr(caught.value.as_json())
    assert not ups.probe().ok


@pytest.mark.parametrize("number", ["", "123456", "1" * 35, "1Z 999", "../../security", "1Z999AA1?x=1"])
def test_numbers_that_are_none(ups: Ups, token: respx.Route, number: str) -> None:
    with pytest.raises(Rejected):
        ask(ups, number)
    assert token.call_count == 0


def test_wrong_use_is_said(ups: Ups) -> None:
    with pytest.raises(Broken, match="it has track"):
        ups.ask(Question(operation="rate", key="k"))
