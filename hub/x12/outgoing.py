"""What writing X12 needs: the envelope around it, its groups, the bodies of its documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from hub.clock import utc
from hub.errors import BadDocument, Misconfigured
from hub.x12.control import group_control, interchange_control
from hub.x12.document import Delimiters

__all__ = ["COMPONENT", "REPETITION", "Clash", "DocumentBody", "Envelope", "GroupBody", "separators"]

SEGMENT, ELEMENT = "\x1c", "\x1d"
COMPONENT = "\x1f"
"""Joins the components of a composite in a body, whatever the partner's separator will be."""
REPETITION = "\x1e"
"""Joins the repetitions of an element in a body."""

Clash = Literal["refuse", "choose", "replace"]
"""What happens where data holds a delimiter; X12 has no release character. ``refuse``: BadDocument. ``choose``: another
delimiter that no data holds. ``replace``: the character becomes `Envelope.replacement`."""

Segments = Sequence[Sequence[str]]

_IDENTIFIER = re.compile(r"[!-~](?:[ -~]*[!-~])?").fullmatch
_VERSION = re.compile(r"\d{6}[A-Z0-9]{0,6}").fullmatch
_FREE_REPETITION = "^!|`"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentBody:
    """One document without ST and SE; both are written with counts taken from what was written.

    ``segments[i][0]`` is the tag, ``segments[i][3]`` element 03. Components of a composite are joined by `COMPONENT`,
    repetitions by `REPETITION`; or, for segments that were read, by the characters in ``joined_by``.
    ``document``: ST01. ``control_number``: ST02, 4 to 9 letters or digits. ``convention``: ST03, from 005010 on.
    ``clash``: this document's own rule, instead of the envelope's; ``choose`` is the envelope's business only.
    """

    document: str
    control_number: str
    segments: Segments
    convention: str = ""
    joined_by: Delimiters | None = None
    clash: Literal["refuse", "replace"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBody:
    """One functional group. ``type``: GS01. ``control``: GS06. Empty strings take the envelope's value."""

    type: str
    control: int
    documents: Sequence[DocumentBody]
    version: str = ""
    sender: str = ""
    receiver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """ISA and what the groups inherit from it.

    ``control``: ISA13 as a number. ``at_seconds``: time of writing, seconds since 1970, from the injected clock; ISA
    and GS carry it in UTC. ``version``: GS08, such as 004010VICS; its first five digits are ISA12. ``group_sender`` and
    ``group_receiver``: GS02 and GS03, the interchange ids where empty. ``newline`` follows each terminator unless that
    is itself a line end; CR with LF after it is the one pair allowed. ``delimiters.repetition`` is written in ISA11
    from 00402 on, ``U`` before (X12.5). ``charset``: how text becomes bytes.

    Raises Misconfigured for what no ISA or GS can carry.
    """

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    control: int
    at_seconds: float
    version: str = "004010"
    usage: Literal["T", "P"] = "P"
    ack_requested: bool = False
    group_sender: str = ""
    group_receiver: str = ""
    delimiters: Delimiters = field(default_factory=Delimiters)
    newline: Literal["", "\n", "\r\n"] = ""
    clash: Clash = "refuse"
    replacement: str = " "
    charset: Literal["ascii", "latin-1", "utf-8"] = "utf-8"
    effective: Delimiters = field(init=False)
    """The delimiters that are written: a repetition separator exactly where the version has one."""

    def __post_init__(self) -> None:
        _check_version(self.version)
        object.__setattr__(self, "effective", _effective(self.delimiters, self.version))
        for name, qualifier in (("ISA05", self.sender_qualifier), ("ISA07", self.receiver_qualifier)):
            if len(qualifier) != 2 or not (qualifier.isascii() and qualifier.isalnum()):
                msg = f"{name} (id qualifier) must be 2 letters or digits; {qualifier!r} was given"
                raise Misconfigured(msg, fix="use a code of X12 element I05, such as ZZ, 01 or 12")
        for name, value in (
            ("ISA06", self.sender),
            ("ISA08", self.receiver),
            ("GS02", self.group_sender or self.sender),
            ("GS03", self.group_receiver or self.receiver),
        ):
            _check_identifier(name, value)
        _check_delimiters(self.effective)
        for name, value in (("ISA06", self.sender), ("ISA08", self.receiver)):
            refuse_delimiters(name, value, self.effective)
        _check_replacement(self.replacement, self.effective)

    @property
    def line_end(self) -> str:
        """What follows each terminator; nothing where that would double a line end."""
        if self.delimiters.segment == "\r":
            return "\n" if self.newline == "\n" else ""
        return "" if self.delimiters.segment == "\n" else self.newline

    def isa(self) -> str:
        """ISA with its terminator, 106 characters."""
        d, at = self.effective, utc(self.at_seconds)
        fields = (
            "ISA", "00", " " * 10, "00", " " * 10,
            self.sender_qualifier, self.sender.ljust(15), self.receiver_qualifier, self.receiver.ljust(15),
            f"{at:%y%m%d}", f"{at:%H%M}", d.repetition or "U", self.version[:5], interchange_control(self.control),
            "1" if self.ack_requested else "0", self.usage, d.component,
        )  # fmt: skip
        return d.element.join(fields) + d.segment

    def gs(self, group: GroupBody) -> list[str]:
        """The GS segment. GS04 has a century from 004010 on (X12 element 373), none before (element 29).

        Raises Misconfigured for ids or a version that GS cannot carry.
        """
        version = group.version or self.version
        _check_version(version)
        sender = group.sender or self.group_sender or self.sender
        receiver = group.receiver or self.group_receiver or self.receiver
        for name, value in (("GS02", sender), ("GS03", receiver)):
            _check_identifier(name, value)
            refuse_delimiters(name, value, self.effective)
        if len(group.type) != 2 or not group.type.isalnum():
            msg = f"GS01 must be 2 letters or digits; {group.type!r} was given"
            raise Misconfigured(msg, fix="use the functional group of the set, such as PO for 850")
        at = utc(self.at_seconds)
        date = f"{at:%Y%m%d}" if version[:6] >= "004010" else f"{at:%y%m%d}"
        return ["GS", group.type, sender, receiver, date, f"{at:%H%M}", group_control(group.control), "X", version]


def _effective(given: Delimiters, version: str) -> Delimiters:
    repetition = given.repetition
    if version[:5] < "00402":
        repetition = ""
    elif not repetition:
        taken = given.element + given.segment + given.component
        repetition = next(character for character in _FREE_REPETITION if character not in taken)
    return Delimiters(given.element, given.segment, given.component, repetition)


def separators(
    element: str, terminator: str, component: str, repetition: str = "", *, newline: bool = False
) -> tuple[Delimiters, Literal["", "\n", "\r\n"]]:
    """Delimiters and newline of an `Envelope` from a partner's settings.

    ``terminator``: one character, or CR LF. ``newline``: a line end after a terminator that is none itself.
    """
    if terminator == "\r\n":
        return Delimiters(element, "\r", component, repetition), "\n"
    suffix: Literal["", "\n"] = "\n" if newline and terminator not in {"\r", "\n"} else ""
    return Delimiters(element, terminator, component, repetition), suffix


def refuse_delimiters(name: str, value: str, delimiters: Delimiters) -> None:
    """Raises Misconfigured where a setting that goes into the envelope holds a delimiter."""
    for role in ("element", "segment", "component", "repetition"):
        character = getattr(delimiters, role)
        if character and character in value:
            msg = f"{name} {value!r} holds the {role} separator {character!r}"
            raise Misconfigured(msg, fix=f"choose another {role} separator for this partner")


def _check_identifier(name: str, value: str) -> None:
    if not 1 <= len(value) <= 15:
        msg = f"{name} must have 1 to 15 characters; {value!r} has {len(value)}"
        raise Misconfigured(msg, fix="agree a shorter id with the partner" if len(value) > 15 else "give the id")
    if not _IDENTIFIER(value):
        msg = f"{name} {value!r} holds blanks at an end or characters outside printable ASCII"
        raise Misconfigured(msg, fix="give the id without padding")


def _check_version(version: str) -> None:
    if not _VERSION(version):
        msg = f"{version!r} is no X12 version (GS08)"
        raise Misconfigured(msg, fix="use six digits and an optional suffix, such as 004010 or 004010VICS")


def _check_delimiters(delimiters: Delimiters) -> None:
    used: dict[str, str] = {}
    for role, character in delimiters.as_json().items():
        if role == "repetition" and not character:
            continue
        if len(character) != 1 or not character.isascii() or character.isalnum() or character in " \0":
            msg = f"the {role} separator {character!r} cannot be used: one ASCII character, no letter, digit or blank"
            raise Misconfigured(msg, fix='common choices are "*" element, "~" segment, ">" component, "^" repetition')
        if character in used:
            msg = f"the {role} and {used[character]} separators are both {character!r}"
            raise Misconfigured(msg, fix="give each separator its own character")
        used[character] = role


def _check_replacement(replacement: str, delimiters: Delimiters) -> None:
    if len(replacement) > 1 or not replacement.isascii() or (replacement and not replacement.isprintable()):
        msg = f"the replacement {replacement!r} must be one printable ASCII character, or nothing"
        raise Misconfigured(msg, fix='use " "')
    refuse_delimiters("the replacement", replacement, delimiters)


def check_document(document: DocumentBody) -> None:
    """Raises BadDocument where ST01 or ST02 cannot be written."""
    for name, value, least, most in (
        ("ST01", document.document, 3, 3),
        ("ST02", document.control_number, 4, 9),
        ("ST03", document.convention or "none", 1, 35),
    ):
        if not least <= len(value) <= most or not (value.isascii() and value.isalnum()):
            msg = f"{name} must be {least} to {most} letters or digits; {value!r} was given"
            raise BadDocument(msg, fix="take set ids from X12 and control numbers from the sequence")
