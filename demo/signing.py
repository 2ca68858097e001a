"""Webhook signatures as Standard Webhooks 1.0 says: HMAC-SHA256 over ``{id}.{timestamp}.{body}``."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping

__all__ = ["fault", "headers", "new_secret"]

TOLERANCE_SECONDS = 300


def new_secret() -> str:
    """A secret of 32 random bytes in its written form, ``whsec_…``."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers that sign a body; ``timestamp`` in seconds since 1970."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + _signature(secret, message_id, str(timestamp), body),
    }


def fault(secret: str, given: Mapping[str, str], body: bytes, now: float) -> str:
    """What is wrong with a signature, in words; "" if it is right."""
    message_id = given.get("webhook-id") or ""
    timestamp = given.get("webhook-timestamp") or ""
    signatures = (given.get("webhook-signature") or "").split()
    if not (message_id and signatures and timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 13):
        return "webhook-id, webhook-timestamp and webhook-signature are needed"
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return f"webhook-timestamp is more than {TOLERANCE_SECONDS} seconds off"
    expected = "v1," + _signature(secret, message_id, timestamp, body)
    if not any(hmac.compare_digest(expected.encode(), one.encode("utf-8", "replace")) for one in signatures):
        return "no signature fits"
    return ""


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("a webhook secret is whsec_ and base64") from None
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
