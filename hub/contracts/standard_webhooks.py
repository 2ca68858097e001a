"""Standard Webhooks signatures: the one way in which Crossdock signs what it pushes and checks what is pushed to it.

Source: the Standard Webhooks specification 1.0, "Webhook headers (sending metadata)" and "Signature scheme". Signed is
``{webhook-id}.{webhook-timestamp}.{raw body}`` with HMAC-SHA256; the header holds a space-separated list of
``v1,<base64>`` so that two secrets can be active while one is being replaced. Pure: no clock, no input or output.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping

from hub.errors import Misconfigured

__all__ = [
    "SECRET_BYTES_MAX",
    "SECRET_BYTES_MIN",
    "TOLERANCE_SECONDS",
    "refusal",
    "secret_key",
    "signed_headers",
    "usable_secrets",
]

TOLERANCE_SECONDS = 300
SECRET_BYTES_MIN = 24
SECRET_BYTES_MAX = 64
ID_CHARACTERS_MAX = 255
SIGNATURES_MAX = 16


def usable_secrets(value_of: Callable[[str], str], names: Iterable[str]) -> list[str]:
    """The values of the secrets ``names``. Raises Misconfigured, naming the first that is missing or cannot sign."""
    values = {name: value_of(name) for name in names}
    for name, value in values.items():
        secret_key(value, name)
    return list(values.values())


def secret_key(secret: str, name: str = "") -> bytes:
    """The HMAC key in ``whsec_<base64>`` (the prefix may be missing). Raises Misconfigured; never shows the secret."""
    try:
        key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not SECRET_BYTES_MIN <= len(key) <= SECRET_BYTES_MAX:
        raise Misconfigured(
            f"The secret {name} cannot sign webhooks." if name else "A webhook signing secret is not usable.",
            fix=f'write it as "whsec_" and the base64 of {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} random bytes',
        ) from None
    return key


def signed_headers(secrets: Iterable[str], message_id: str, now: float, body: bytes) -> dict[str, str]:
    """The three headers for ``body``, signed with every secret given."""
    stamp = str(int(now))
    content = _content(message_id, stamp, body)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join("v1," + _digest(secret_key(secret), content) for secret in secrets),
    }


def refusal(secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: float) -> str:
    """Why ``body`` is not believed, as a sentence; "" if one of ``secrets`` signed it less than 5 minutes ago.

    ``headers`` has lower-case names. Whatever the headers hold, the answer is a sentence and never an exception. Raises
    Misconfigured only where a secret of ours is not usable.
    """
    message_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if not (message_id and stamp and signatures):
        return "The headers webhook-id, webhook-timestamp and webhook-signature are needed."
    if len(message_id) > ID_CHARACTERS_MAX or not message_id.isascii() or not message_id.isprintable():
        return f"webhook-id is not {ID_CHARACTERS_MAX} printable characters or fewer."
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return "webhook-timestamp is not a number of seconds since 1970."
    if abs(now - int(stamp)) > TOLERANCE_SECONDS:
        return f"webhook-timestamp is more than {TOLERANCE_SECONDS} seconds away from our clock."
    content = _content(message_id, stamp, body)
    expected = [_digest(secret_key(secret), content).encode() for secret in secrets]
    if _any_equal(expected, signatures.split(" ", SIGNATURES_MAX)[:SIGNATURES_MAX]):
        return ""
    return "No signature in webhook-signature fits this body and a secret of this connection."


def _content(message_id: str, stamp: str, body: bytes) -> bytes:
    return message_id.encode("utf-8", "surrogateescape") + b"." + stamp.encode() + b"." + body


def _digest(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def _any_equal(expected: list[bytes], offered: list[str]) -> bool:
    """Every pair is compared, so that the time taken says nothing."""
    found = False
    for item in offered:
        version, _, value = item.partition(",")
        for digest in expected:
            found |= hmac.compare_digest(digest, value.encode("utf-8", "surrogateescape")) and version == "v1"
    return found
