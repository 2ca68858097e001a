"""What a transcript must not hold any more, and what it must keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.contracts.redaction import redacted

SECRET = b"s3cr3t-9f2c"
PEM = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\ns3cr3t-9f2c\n-----END OPENSSH PRIVATE KEY-----"


@pytest.mark.parametrize(
    "transcript",
    [
        b"Authorization: Bearer s3cr3t-9f2c\r\nHost: x",
        b"authorization: Basic s3cr3t-9f2c==\nHost: x",
        b"> AUTHORIZATION : Digest username=a, response=s3cr3t-9f2c\nHost: x",
        b"Authorization: Bearer\r\n s3cr3t-9f2c\r\nHost: x",
        b"Cookie: a=b; session=s3cr3t-9f2c\r\nHost: x",
        b"Set-Cookie: session=s3cr3t-9f2c; HttpOnly\r\nHost: x",
        b"webhook-signature: v1,s3cr3t-9f2c v1,other\r\nHost: x",
        b"X-Api-Key: s3cr3t-9f2c\r\nHost: x",
        b"(b'Authorization', b'Bearer s3cr3t-9f2c') Host: x",
        b"{'authorization': 'Basic s3cr3t-9f2c', 'Host: x': 1}",
        b'{"access_token": "s3cr3t-9f2c", "a": "Host: x"}',
        b'{"client_secret":"s3cr3t\\"-9f2c s3cr3t-9f2c","a":"Host: x"}',
        b'{"licenseKey" : "s3cr3t-9f2c"} Host: x',
        b"grant_type=x&client_secret=s3cr3t-9f2c&a=1 Host: x",
        b"password=s3cr3t-9f2c Host: x",
        b"https://user:s3cr3t-9f2c@erp.example/path Host: x",
        b"signed with whsec_s3cr3t-9f2c Host: x",
        b"curl -H 'Bearer s3cr3t-9f2c' Host: x",
        PEM + b" Host: x",
    ],
    ids=lambda transcript: transcript[:24].decode(),
)
def test_a_secret_is_gone_and_the_rest_is_there(transcript: bytes) -> None:
    cleaned = redacted(transcript)
    assert SECRET not in cleaned
    assert b"9f2c" not in cleaned
    assert b"[redacted]" in cleaned
    assert b"Host: x" in cleaned


def test_a_key_that_was_cut_off_is_gone_too() -> None:
    assert SECRET not in redacted(PEM[:-40])


def test_what_is_no_secret_stays() -> None:
    kept = b'POST /orders HTTP/1.1\r\nIdempotency-Key: k-1\r\n\r\n{"sku": "SKU-RED", "quantity": "10"}'
    assert redacted(kept) == kept


@given(st.binary())
def test_any_bytes_can_be_redacted(transcript: bytes) -> None:
    assert redacted(redacted(transcript)) == redacted(transcript)
