"""Documents get their interchange: ids from the partner's profile, control numbers from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.contracts.partner import Partner
from hub.errors import Misconfigured
from hub.flow.desk import Desk
from hub.ledger import Change
from hub.x12.control import document_control
from hub.x12.grammar import load, nearest
from hub.x12.outgoing import DocumentBody, Envelope, GroupBody, separators
from hub.x12.write import write_interchange

__all__ = ["Outgoing", "Sent", "SentDocument", "envelope", "interchange", "one_document"]

CONTROL_MAX = 999_999_999
"""ISA13 and GS06 count to nine digits and begin again at 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A functional group to be written. ``version``: GS08, the partner's own where empty."""

    type: str
    documents: tuple[DocumentBody, ...]
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentDocument:
    """By what a 997 will name a document that we sent."""

    group_type: str
    group_control: str
    document: str
    document_control: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A written interchange."""

    data: bytes
    control_number: str
    documents: tuple[SentDocument, ...]


def interchange(
    desk: Desk,
    change: Change,
    partner: Partner,
    groups: Sequence[Outgoing],
    *,
    ta1: Sequence[Sequence[str]] = (),
    numbers: Sequence[int] = (),
) -> Sent:
    """Write documents to the partner, a functional group for each entry.

    Takes ISA13 and GS06 from the ledger within ``change``: they are used up exactly when the delivery is on record.
    ``numbers``: those of an earlier interchange, ISA13 and then each group's GS06, which are used again.
    Raises BadDocument or Misconfigured as the writer does.
    """
    again = iter(numbers)
    control = next(again, 0) or change.next_number(f"isa13:{partner.id}", maximum=CONTROL_MAX)
    bodies: list[GroupBody] = []
    sent: list[SentDocument] = []
    for group in groups:
        number = next(again, 0) or change.next_number(f"gs06:{partner.id}", maximum=CONTROL_MAX)
        bodies.append(GroupBody(type=group.type, control=number, documents=group.documents, version=group.version))
        sent += [
            SentDocument(
                group_type=group.type,
                group_control=str(number),
                document=body.document,
                document_control=body.control_number,
            )
            for body in group.documents
        ]
    data = write_interchange(envelope(partner, control=control, at_seconds=desk.clock.now()), bodies, ta1=ta1)
    return Sent(data=data, control_number=f"{control:09d}", documents=tuple(sent))


def one_document(set_id: str, segments: list[list[str]]) -> Outgoing:
    """A group with one document. ``segments``: its body without ST and SE.

    Raises Misconfigured for a set that there is no table of.
    """
    return Outgoing(
        type=_group_type(set_id),
        documents=(DocumentBody(document=set_id, control_number=document_control(1), segments=segments),),
    )


def _group_type(set_id: str) -> str:
    """GS01, which is the set's own in every release (X12 element 479)."""
    release = nearest("", set_id)
    if release is None:
        raise Misconfigured(f"there is no table of {set_id}, so its functional group is not known", fix="add its table")
    return load(release, set_id).group


def envelope(partner: Partner, *, control: int, at_seconds: float) -> Envelope:
    """The envelope of what we send to a partner. Raises Misconfigured for separators that cannot be."""
    profile = partner.x12
    delimiters, newline = separators(
        profile.element_separator,
        profile.segment_terminator,
        profile.component_separator,
        profile.repetition_separator,
        newline=profile.newline,
    )
    return Envelope(
        sender_qualifier=profile.us.qualifier,
        sender=profile.us.id,
        receiver_qualifier=profile.partner.qualifier,
        receiver=profile.partner.id,
        control=control,
        at_seconds=at_seconds,
        version=profile.version,
        usage=profile.usage,
        delimiters=delimiters,
        newline=newline,
    )
