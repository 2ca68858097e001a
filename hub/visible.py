"""Text from outside, made safe to show: nothing in a document may move a cursor or turn a line around."""

from __future__ import annotations

import unicodedata

__all__ = ["visible"]

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str, limit: int = 0) -> str:
    """The text with control, format and surrogate characters written as escapes, and cut at ``limit`` characters.

    Terminals act on escape sequences (ECMA-48) and both terminals and browsers on the bidirectional controls of
    Unicode (UAX 9); a payload may hold either. ``limit`` 0 cuts nothing.
    """
    if limit and len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
