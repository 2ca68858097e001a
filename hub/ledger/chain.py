"""The hash chain: each event of a message covers the one before it, and the message's row keeps the newest hash.

``hash = sha256(previous hash, canonical JSON of [message_id, at, what, actor, kind, from, to, cause, detail, facts])``.
Changing, inserting or removing an event breaks the chain or its head. Facts of events cover the message's row: ``row``
the columns that stay as they are, ``reading`` what it was read as, empty where work on it left that as it was. Seals
(see `hub.ledger.seals`) chain batches of committed events across messages, so that a message removed with all its
events is missed too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson

__all__ = ["canonical_json", "event_hash", "key_text", "printable", "row_digest", "short"]

_SHORT = 32
"""Hexadecimal digits: 128 bits, and half the room."""
_MAX_TEXT = 4000
_MAX_KEY = 200


def canonical_json(value: Mapping[str, Any]) -> str:
    """Sorted keys, no blanks, UTF-8; Decimal as string. TypeError for anything JSON does not know."""
    if not value:
        return "{}"
    return orjson.dumps(value, default=_decimal, option=orjson.OPT_SORT_KEYS).decode()


def event_hash(previous: str, *content: str | float) -> str:
    """``content``: message_id, at, what, actor, kind, state_from, state_to, cause, detail, facts (JSON text)."""
    return hashlib.sha256(previous.encode() + orjson.dumps(content)).hexdigest()


def row_digest(columns: Sequence[str | float | None]) -> str:
    """Of the columns of a message that stay as they are, as `hub.ledger.unit` inserts them, in the fact ``row``."""
    return short(hashlib.sha256(orjson.dumps(columns)).hexdigest())


def short(sha256: str | None) -> str:
    """As much of a hash as facts of events hold; empty where there is none."""
    return sha256[:_SHORT] if sha256 else ""


def printable(text: str) -> str:
    """Text that both engines and JSON can hold, at most 4,000 characters: no NUL, no lone surrogate."""
    if not text or (text.isprintable() and len(text) <= _MAX_TEXT):
        return text
    return text[:_MAX_TEXT].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def key_text(text: str) -> str:
    """A key both engines can hold and index: at most 200 characters; where it had to be altered, its hash tells it
    from others."""
    if text.isprintable() and len(text) <= _MAX_KEY:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{printable(text)[: _MAX_KEY - 65]}#{digest}"


def _decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")
