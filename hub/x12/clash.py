"""Delimiters against data: X12 has no release character, so data that holds a delimiter is refused, or one of the two
changes (`hub.x12.outgoing.Clash`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from hub.errors import BadDocument
from hub.problem import Problem
from hub.x12.document import Delimiters
from hub.x12.outgoing import COMPONENT, ELEMENT, REPETITION, SEGMENT, DocumentBody, Envelope

__all__ = ["free_delimiters", "settled"]

_ROLES = ("element", "segment", "component", "repetition")
_ALTERNATIVES = {"element": "*|+!", "segment": "~'\n", "component": ">:<\\", "repetition": "^!`|"}


def free_delimiters(delimiters: Delimiters, texts: Iterable[str]) -> Delimiters:
    """The delimiters given, each that occurs in ``texts`` exchanged for one that does not.

    Raises BadDocument where all alternatives occur too.
    """
    # control characters are structure here or written as blanks, never data
    found = {character for text in texts for character in set(text) if character > "\x1f"}
    chosen: dict[str, str] = {}
    for role in _ROLES:
        wish = getattr(delimiters, role)
        if not wish:
            chosen[role] = ""
            continue
        taken = {*found, *chosen.values(), *(getattr(delimiters, r) for r in _ROLES if r != role)}
        free = [character for character in (wish, *_ALTERNATIVES[role]) if character not in taken]
        if not free:
            msg = f"every usable {role} separator ({' '.join((wish, *_ALTERNATIVES[role]))}) occurs in the data"
            raise BadDocument(msg, fix="replace the character in the data, or agree another separator")
        chosen[role] = free[0]
    return Delimiters(**chosen)


def settled(envelope: Envelope, document: DocumentBody, text: str) -> str:
    """``text`` (structure characters still in it), free of delimiters in data and fit for the charset.

    Raises BadDocument naming segment, position, element and value where the document's rule is to refuse.
    """
    delimiters, replaces = envelope.effective, (document.clash or envelope.clash) == "replace"
    if REPETITION in text and not delimiters.repetition:
        raise _refusal(document, text, REPETITION, "repetition_not_possible", "repeated element",
                       "version 00402 or later has repetition; write one value here")  # fmt: skip
    for role in _ROLES:
        character = getattr(delimiters, role)
        if character > "\x1f" and character in text:
            if not replaces:
                raise _refusal(document, text, character, "delimiter_in_data", f"{role} separator in data",
                               f"change the value, agree another {role} separator, or set a replacement")  # fmt: skip
            text = text.replace(character, envelope.replacement)
    return text if text.isascii() else _encodable(envelope, document, text, replaces)


def _encodable(envelope: Envelope, document: DocumentBody, text: str, replaces: bool) -> str:
    try:
        text.encode(envelope.charset)
    except UnicodeEncodeError as error:
        if not replaces:
            raise _refusal(document, text, text[error.start], "character_not_writable", "character outside the charset",
                           f"change the value; {envelope.charset} cannot carry it") from None  # fmt: skip
        plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = plain.encode(envelope.charset, "replace").decode(envelope.charset)
        return settled(envelope, document, text)
    return text


def _refusal(document: DocumentBody, text: str, character: str, code: str, what: str, fix: str) -> BadDocument:
    position, segment, element, value = _where(text, character)
    shown = value.replace(COMPONENT, " ").replace(REPETITION, " ")[:99]
    message = (
        f"{document.document} {document.control_number}: {what} {character!r} in {segment}{element:02d}, {shown!r}"
    )
    problem = Problem(
        code=code, message=message, fix=fix, segment=segment, position=position, element=element, value=shown
    )
    return BadDocument(message, fix=fix, problems=[problem])


def _where(text: str, character: str) -> tuple[int, str, int, str]:
    """Position (ST is 1), tag, element number and value of the first element that holds ``character``."""
    for position, segment in enumerate(text.split(SEGMENT), 2):
        if character in segment:
            elements = segment.split(ELEMENT)
            index = next(i for i, value in enumerate(elements) if character in value)
            return position, elements[0], index, elements[index]
    return 0, "", 0, ""
