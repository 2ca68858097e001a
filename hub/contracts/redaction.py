"""Taking secrets out of a transcript of bytes before anyone may keep or show it. Pure.

Works by shape, not by value, so that it also covers secrets that the far end made (tokens, cookies). What it cannot
recognise it leaves; what looks like a secret goes, even where it was none.
"""

from __future__ import annotations

import re

__all__ = ["MARK", "redacted"]

MARK = b"[redacted]"

_FIELDS = (
    rb"access_token|refresh_token|id_token|client_secret|license_?key|password|passphrase|secret|token|api_?key|"
    rb"private_key|authorization|x-api-key|x-merchant-id|webhook-signature|cookie|set-cookie"
)
_HEADERS = (
    rb"authorization|proxy-authorization|cookie|set-cookie|x-api-key|x-merchant-id|webhook-signature|"
    rb"x-amz-security-token|x-auth-token"
)
_RULES: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MARK),
    (
        re.compile(rb"(?im)^([<>* \t]*(?:%s)[ \t]*:)[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*" % _HEADERS),
        rb"\1 " + MARK,
    ),
    (
        re.compile(rb"(?i)(b?[\"'](?:%s)[\"']\s*[:,]\s*)b?(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')" % _FIELDS),
        rb'\1"' + MARK + b'"',
    ),
    (re.compile(rb"(?i)\b((?:%s)=)[^&\s\"']+" % _FIELDS), rb"\1" + MARK),
    (re.compile(rb"(?i)\b(basic|bearer)[ \t]+[a-z0-9._~+/=-]+"), rb"\1 " + MARK),
    (re.compile(rb"\bwhs(?:ec|k)_[A-Za-z0-9+/=_-]+"), MARK),
    (re.compile(rb"(://[^/\s:@]*):[^/\s@]+@"), rb"\1:" + MARK + b"@"),
)


def redacted(transcript: bytes) -> bytes:
    """``transcript`` without private keys, credentials in headers, JSON, forms and URLs, and signing secrets."""
    for pattern, replacement in _RULES:
        transcript = pattern.sub(replacement, transcript)
    return transcript
