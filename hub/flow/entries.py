"""What one file holds, document by document: its verdicts, its rows, and the acknowledgments it is owed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.contracts.mapping import Reading
from hub.contracts.partner import Partner
from hub.errors import Duplicate, Held, KeyConflict
from hub.flow.desk import Desk
from hub.flow.duplicates import Repeat
from hub.flow.envelope import Outgoing
from hub.flow.place import in_file
from hub.ledger.message import Kind, Message, NewMessage, State
from hub.problem import Problem
from hub.x12.acknowledge import DocumentResult, GroupResult, Listed, acknowledgment, acknowledgment_version
from hub.x12.control import document_control
from hub.x12.document import Document, Group, Interchange
from hub.x12.outgoing import DocumentBody

__all__ = ["Contents", "Entry", "acknowledgments", "row_of"]

_STOPS: Mapping[str, tuple[State, str]] = {
    "ignore": (State.ANSWERED, Duplicate.slug),
    "hold": (State.HELD, KeyConflict.slug),
}
"""Where a document that repeats another one rests, by what is agreed; a rejected one is rejected for its problem."""


@dataclass(slots=True)
class Entry:
    """One document with what its mapping made of it; ``held`` says why nothing may follow from it yet.

    ``beside``: the faulty document of its group for which it is rejected too, as was agreed.
    """

    document: Document
    data: bytes
    reading: Reading | None
    held: Held | None = None
    beside: str = ""
    repeat: Repeat | None = None

    @property
    def problems(self) -> list[Problem]:
        repeated = [self.repeat.problem("document")] if self.repeat and self.repeat.policy == "reject" else []
        return [*self.document.problems, *(self.reading.problems if self.reading else ()), *repeated]

    @property
    def faulty(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    @property
    def rejected(self) -> bool:
        return self.faulty or bool(self.beside)

    def result(self) -> DocumentResult:
        """The verdict that its sender is told: what the standard and what the mapping say."""
        result = DocumentResult.of(self.document)
        return result._replace(verdict="rejected", problems=self.problems) if self.faulty else result


@dataclass(slots=True)
class Contents:
    """One interchange of the file."""

    interchange: Interchange
    partner: Partner
    groups: list[tuple[Group, list[Entry]]] = field(default_factory=list)

    def documents(self) -> Iterable[Entry]:
        for _, documents in self.groups:
            yield from documents

    def fingerprint(self) -> str:
        """What it held, apart from padding and line ends around it."""
        digest = hashlib.sha256("|".join(self.interchange.isa).encode())
        for entry in self.documents():
            digest.update(entry.data)
        return digest.hexdigest()


def row_of(desk: Desk, message: Message, entry: Entry, group: Group, partner: Partner) -> NewMessage:
    """One document as it goes on record: rejected, held, or on its way."""
    document, reading, problems = entry.document, entry.reading, entry.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    facts: dict[str, Any] = {
        "document": document.document,
        "control_number": document.control_number,
        "group": group.control_number,
        "isa13": group.interchange.control_number,
        "version": group.version,
        "problems": [problem.as_json() for problem in problems],
    }
    state, cause, detail, key, stored = State.RECEIVED, "", "", None, None
    canonical = reading.message if reading else None
    if reading is not None:
        facts["unmapped"] = [unmapped.as_json() for unmapped in reading.unmapped]
    repeat = entry.repeat
    if repeat is not None:
        facts["duplicate_of"] = repeat.original
    if entry.beside:
        state, cause = State.REJECTED, "bad_document"
        detail = f"Rejected with its group, as agreed with {partner.name}: document {entry.beside} of it is faulty."
    elif entry.held is not None:
        state, cause, detail = State.HELD, "held", entry.held.message
    elif repeat is not None and repeat.policy in _STOPS:
        state, cause = _STOPS[repeat.policy]
        detail = repeat.sentence
    elif reading is None or canonical is None or errors:
        state, cause = State.REJECTED, "bad_document"
        detail = f"{len(errors)} problems; {errors[0].message}" if errors else "it could not be read"
    else:
        facts["message"] = type(canonical).__name__
        stored = desk.ledger.store(reading.json())
        key = in_file(partner.id, canonical)
    return NewMessage(
        id=desk.ids.new(),
        kind=Kind.DOCUMENT,
        type=document.document,
        partner=partner.id,
        endpoint=message.endpoint,
        payload=desk.ledger.store(entry.data),
        reading=stored,
        parent=message.id,
        order_key=key,
        order_hold=canonical is not None and desk.holds(type(canonical).__name__),
        state=state,
        cause=cause,
        detail=detail,
        facts=facts,
    )


def acknowledgments(envelope: Contents) -> list[Outgoing]:
    """One FA group for each version that is answered; none where the partner wants none."""
    if envelope.partner.x12.acknowledge == "none":
        return []
    bodies: dict[str, list[DocumentBody]] = {}
    profile = envelope.partner.x12
    listed: Listed = "faulty" if profile.acknowledge == "faulty" else "all"
    for group, documents in envelope.groups:
        if not group.control_number and not envelope.interchange.sender_qualifier:
            continue  # documents that came without ISA and GS have no group to speak of
        facts = GroupResult.of(group)
        if documents and all(entry.repeat and entry.repeat.policy == "reject" for entry in documents):
            facts = replace(facts, problems=(*facts.problems, *_told_of_group(documents)))
        version = acknowledgment_version(facts, profile.acknowledge_with)
        body = acknowledgment(
            facts,
            [entry.result() for entry in documents],
            control_number=document_control(len(bodies.get(version, ())) + 1),
            style=profile.acknowledge_with,
            listed=listed,
            whole_group=profile.reject_whole_group,
        )
        if body is not None:
            bodies.setdefault(version, []).append(body)
    return [Outgoing(type="FA", documents=tuple(found), version=version) for version, found in bodies.items()]


def _told_of_group(documents: Sequence[Entry]) -> list[Problem]:
    """What a group that repeats one is told besides what each of its documents is."""
    repeat = documents[0].repeat
    return [repeat.problem()] if repeat is not None and repeat.scope == "group" else []
