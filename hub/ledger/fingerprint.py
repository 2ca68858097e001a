"""The cause of a stop without what differs from message to message: what has the same one is mended together."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

__all__ = ["cause_in_general", "fingerprint"]

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_BETWEEN = r"\s,;:()\[\]{}<>=\"'`"
_WORD_WITH_DIGIT = re.compile(rf"(?<![^{_BETWEEN}])[^{_BETWEEN}\d]*\d[^{_BETWEEN}]*")
_KEPT = re.compile(r"[A-Z][A-Z0-9]{1,2}(?:0[1-9]|[1-3]\d)(?:-\d)?\.?")
"""An element of X12 (``N104``, ``PO103-1``) says what is wrong, and is not what differs."""
_STATUS = re.compile(r"(?<=HTTP )[1-5]\d\d\b")
_STANDS_FOR_DIGIT = re.compile("[\ue000-\ue009]")
_SHOWN_MAX = 300


def cause_in_general(detail: str) -> str:
    """The sentence with quoted values, numbers, ids and dates replaced by ``…``, at most 300 characters.

    Names of X12 elements and HTTP status codes stay.
    """
    kept, codes = _STATUS.subn(lambda found: "".join(chr(0xE000 + int(digit)) for digit in found[0]), detail)
    shown = _WORD_WITH_DIGIT.sub(_general_word, _QUOTED.sub("…", kept))
    if codes:
        shown = _STANDS_FOR_DIGIT.sub(lambda found: str(ord(found[0]) - 0xE000), shown)
    return re.sub(r"…(?:[\s,.]*…)+", "…", shown)[:_SHOWN_MAX]


@lru_cache(maxsize=16_384)  # a page that shows what stopped asks for the same ones each time
def fingerprint(kind: str, type_: str, endpoint: str, cause: str, detail: str) -> str:
    """12 hex digits over error slug, general sentence, kind, type and endpoint."""
    text = "\x1f".join((kind, type_, endpoint, cause, cause_in_general(detail)))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _general_word(found: re.Match[str]) -> str:
    word = found[0]
    if _KEPT.fullmatch(word):
        return word
    return "…." if word.endswith(".") else "…"
