"""The acknowledgments owed for what was read, as interchanges ready to send back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from hub.errors import BadDocument, Misconfigured
from hub.x12.acknowledge import DocumentResult, GroupResult, Listed, Style, acknowledgment, acknowledgment_version
from hub.x12.control import document_control, successor
from hub.x12.document import Delimiters, Document, Group, Interchange
from hub.x12.interchange_ack import InterchangeResult, ta1
from hub.x12.outgoing import DocumentBody, Envelope, GroupBody
from hub.x12.write import write_interchange

__all__ = ["answers", "reply_envelope"]


@dataclass(slots=True)
class _Read:
    """One interchange with its groups and the results of their documents."""

    interchange: Interchange
    groups: list[tuple[Group, list[DocumentResult]]] = field(default_factory=list)


def answers(
    events: Iterable[Interchange | Group | Document],
    *,
    at_seconds: float,
    control: int = 1,
    style: Style = "997",
    listed: Listed | Literal["none"] = "all",
    whole_group: bool = False,
    newline: Literal["", "\n", "\r\n"] = "\n",
) -> Iterator[bytes]:
    """The interchange owed for each interchange read, nothing where none is owed.

    ``control``: ISA13 and GS06 of the first answer, counting on from there. ``at_seconds``: since 1970. ``listed``:
    ``none`` for TA1 alone. Documents are dropped as soon as their result is known. Raises BadDocument where ISA names
    nobody to answer.
    """
    for read in _collected(events):
        accepted = sum(result.verdict != "rejected" for _, results in read.groups for result in results)
        owed = ta1(InterchangeResult.of(read.interchange, groups=len(read.groups), accepted=accepted))
        groups = [] if listed == "none" else _groups(read, control, style, listed, whole_group=whole_group)
        if owed or groups:
            envelope = reply_envelope(read.interchange, control=control, at_seconds=at_seconds, newline=newline)
            yield write_interchange(envelope, groups, ta1=[owed] if owed else [])
            control = successor(groups[-1].control if groups else control)


def reply_envelope(
    interchange: Interchange, *, control: int, at_seconds: float, newline: Literal["", "\n", "\r\n"] = ""
) -> Envelope:
    """The envelope of an answer: ids exchanged, delimiters, version and usage as they came; standard delimiters where
    those that came cannot be written. Raises BadDocument where the ids cannot be answered."""
    version = (
        interchange.version + "0" if interchange.version.isdecimal() and len(interchange.version) == 5 else "004010"
    )

    def envelope(delimiters: Delimiters) -> Envelope:
        return Envelope(
            sender_qualifier=interchange.receiver_qualifier,
            sender=interchange.receiver,
            receiver_qualifier=interchange.sender_qualifier,
            receiver=interchange.sender,
            control=control,
            at_seconds=at_seconds,
            version=version,
            usage="T" if interchange.usage == "T" else "P",
            delimiters=delimiters,
            newline=newline,
        )

    try:
        return envelope(interchange.delimiters)
    except Misconfigured:
        try:
            return envelope(Delimiters())
        except Misconfigured as error:
            message = f"interchange {interchange.control_number} cannot be answered: {error.message}"
            raise BadDocument(message, fix="its sender must mend ISA05 to ISA08") from error


def _collected(events: Iterable[Interchange | Group | Document]) -> Iterator[_Read]:
    """What was read, an interchange at a time, once its end has been seen: counts and faults are known then."""
    read: _Read | None = None
    for event in events:
        if isinstance(event, Interchange):
            if read is not None and event is not read.interchange:
                yield read
                read = None
            read = read or _Read(event)
        elif read is not None:
            group = event.group if isinstance(event, Document) else event
            if not read.groups or read.groups[-1][0] is not group:
                read.groups.append((group, []))
            if isinstance(event, Document):
                read.groups[-1][1].append(DocumentResult.of(event))
    if read is not None:
        yield read


def _groups(read: _Read, control: int, style: Style, listed: Listed, *, whole_group: bool) -> list[GroupBody]:
    """The acknowledgments, those with the same version and ids together in one FA group."""
    bodies: dict[tuple[str, str, str], list[DocumentBody]] = {}
    for group, results in read.groups:
        facts = GroupResult.of(group)
        key = (acknowledgment_version(facts, style), group.receiver, group.sender)
        number = document_control(len(bodies.get(key, ())) + 1)
        body = acknowledgment(
            facts, results, control_number=number, style=style, listed=listed, whole_group=whole_group
        )
        if body is not None:
            bodies.setdefault(key, []).append(body)
    groups = []
    for (version, sender, receiver), documents in bodies.items():
        groups.append(
            GroupBody(
                type="FA", control=control, documents=documents, version=version, sender=sender, receiver=receiver
            )
        )
        control = successor(control)
    return groups
