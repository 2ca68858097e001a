"""Signatures as the Standard Webhooks specification writes them; garbage gets a sentence, never an exception."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.contracts.standard_webhooks import refusal, secret_key, signed_headers
from hub.errors import Misconfigured

# The example of the specification's reference implementations.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def headers(**changes: str) -> dict[str, str]:
    given = {"webhook-id": ID, "webhook-timestamp": str(STAMP), "webhook-signature": SIGNATURE}
    return given | {name.replace("_", "-"): value for name, value in changes.items()}


def test_the_specifications_example() -> None:
    assert signed_headers([SECRET], ID, STAMP, BODY) == headers()
    assert refusal([SECRET], headers(), BODY, STAMP) == ""


@pytest.mark.parametrize(
    "signature", [f"v1,AAAA {SIGNATURE}", f"v1a,xyz {SIGNATURE} v2,abc", f"{SIGNATURE} {SIGNATURE}"]
)
def test_one_good_signature_among_others_is_enough(signature: str) -> None:
    assert refusal([SECRET], headers(webhook_signature=signature), BODY, STAMP) == ""


def test_two_secrets_while_one_is_replaced() -> None:
    assert refusal([OTHER, SECRET], headers(), BODY, STAMP) == ""
    both = signed_headers([OTHER, SECRET], ID, STAMP, BODY)
    assert refusal([SECRET], both, BODY, STAMP) == refusal([OTHER], both, BODY, STAMP) == ""
    assert refusal([OTHER], headers(), BODY, STAMP) != ""


@pytest.mark.parametrize(("seconds", "good"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
def test_five_minutes_both_ways(seconds: int, good: bool) -> None:
    assert (refusal([SECRET], headers(), BODY, STAMP + seconds) == "") is good


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook_id": ""}, {"webhook_id": "other"}, {"webhook_id": "ü"}, {"webhook_id": "x" * 300},
        {"webhook_timestamp": ""}, {"webhook_timestamp": "now"}, {"webhook_timestamp": "-1"},
        {"webhook_timestamp": "٣"}, {"webhook_timestamp": "9" * 400}, {"webhook_timestamp": "1614265331"},
        {"webhook_signature": ""}, {"webhook_signature": "v1"}, {"webhook_signature": SIGNATURE.replace("v1", "v2")},
        {"webhook_signature": SIGNATURE[3:]}, {"webhook_signature": "v1,\udcff"}, {"webhook_signature": "v1,é"},
        {"webhook_signature": "v1," + SIGNATURE[3:].lower()}, {"webhook_signature": " " * 5000},
    ],
    ids=str,
)  # fmt: skip
def test_everything_else_is_refused_in_a_sentence(changed: dict[str, str]) -> None:
    assert refusal([SECRET], headers(**changed), BODY, STAMP).endswith(".")


def test_other_bytes_are_refused() -> None:
    assert refusal([SECRET], headers(), BODY + b" ", STAMP) != ""
    assert refusal([], headers(), BODY, STAMP) != ""


@given(
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()), st.binary()
)
def test_no_headers_make_it_stumble(given: dict[str, str], body: bytes) -> None:
    assert refusal([SECRET], given, body, STAMP) != ""


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "not base64 at all!", "whsec_" + "A" * 200, "ünïcode"])
def test_secrets_that_cannot_be_used_are_said_and_not_shown(secret: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        secret_key(secret)
    assert secret.removeprefix("whsec_") == "" or secret.removeprefix("whsec_") not in repr(caught.value.as_json())
    assert caught.value.__cause__ is None
