"""One file of X12: taken apart into documents, each read on its own, and its sender answered, in one commit (P4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from hub.contracts.mapping import Reading
from hub.contracts.partner import Partner
from hub.errors import BadDocument, CrossdockError, Held, KeyConflict
from hub.flow.desk import Desk
from hub.flow.envelope import Outgoing
from hub.flow.outbox import Outbox
from hub.flow.parties import sender_of
from hub.flow.settle import settle
from hub.ledger import Change
from hub.ledger.message import Kind, Message, NewMessage, State
from hub.orders.lifecycle import order_key, order_number
from hub.problem import Problem
from hub.x12 import read
from hub.x12.acknowledge import DocumentResult, GroupResult, Listed, acknowledgment, acknowledgment_version
from hub.x12.control import document_control
from hub.x12.document import Document, Group, Interchange
from hub.x12.interchange_ack import InterchangeResult, ta1
from hub.x12.outgoing import DocumentBody

__all__ = ["take_apart"]

ATTEMPTS_MAX = 5


@dataclass(slots=True)
class _Read:
    """One document with what its mapping made of it; ``held`` says why nothing may follow from it yet."""

    document: Document
    data: bytes
    reading: Reading | None
    held: Held | None = None

    @property
    def problems(self) -> list[Problem]:
        return [*self.document.problems, *(self.reading.problems if self.reading else ())]

    @property
    def rejected(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    def result(self) -> DocumentResult:
        """The verdict that its sender is told: what the standard and what the mapping say."""
        result = DocumentResult.of(self.document)
        return replace(result, verdict="rejected", problems=self.problems) if self.rejected else result


@dataclass(slots=True)
class _Envelope:
    """One interchange of the file."""

    interchange: Interchange
    groups: list[tuple[Group, list[_Read]]] = field(default_factory=list)
    partner: Partner | None = None

    def documents(self) -> Iterable[_Read]:
        for _, documents in self.groups:
            yield from documents

    def fingerprint(self) -> str:
        """What it held, apart from padding and line ends around it."""
        digest = hashlib.sha256("|".join(self.interchange.isa).encode())
        for entry in self.documents():
            digest.update(entry.data)
        return digest.hexdigest()


def take_apart(desk: Desk, message: Message) -> None:
    """Take a claimed file to rest; never raises for what it holds."""
    try:
        assert message.payload is not None, "an interchange is made with its bytes"
        data = desk.ledger.payload(message.payload)
        envelopes, problems = _read_all(desk, message, data)
        stages: set[str] = set()

        def work(change: Change) -> None:
            visit = _Visit(desk, change, message, Outbox(desk, change))
            visit.run(envelopes, problems)
            stages.clear()
            stages.update(visit.outbox.stages)

        desk.ledger.write(work)
    except CrossdockError as error:
        settle(desk, message, error, attempts_max=ATTEMPTS_MAX)
        return
    for stage in sorted(stages):
        desk.hint(stage)


def _read_all(desk: Desk, message: Message, data: bytes) -> tuple[list[_Envelope], list[Problem]]:
    envelopes: list[_Envelope] = []
    reader = read(data)
    for event in reader:
        interchange = event if isinstance(event, Interchange) else None
        if interchange is not None:
            if not envelopes or envelopes[-1].interchange is not interchange:
                partner = sender_of(desk, interchange, message)
                envelopes.append(_Envelope(interchange, partner=partner))
            continue
        group = event.group if isinstance(event, Document) else event
        if not isinstance(group, Group):
            continue
        envelope = envelopes[-1]
        if not envelope.groups or envelope.groups[-1][0] is not group:
            envelope.groups.append((group, []))
        if isinstance(event, Document):
            envelope.groups[-1][1].append(_read_one(desk, envelope.partner, event, data))
    if not envelopes:
        raise BadDocument(
            f"There is no X12 interchange in it: it looks like {reader.syntax}.",
            fix="Send X12, each interchange from ISA to IEA; `crossdock inspect` shows what a file holds.",
            problems=reader.problems,
        )
    return envelopes, reader.problems


def _read_one(desk: Desk, partner: Partner | None, document: Document, data: bytes) -> _Read:
    own = data[document.offset : document.offset + document.length]
    if document.verdict == "rejected" or partner is None:
        return _Read(document, own, None)
    mapping = desk.find_mapping(f"x12/{document.document}", partner.id, document.group.version)
    if mapping is None:
        held = Held(
            f"No mapping reads {document.document} {document.group.version} of {partner.name}.",
            fix=f"Add mappings/x12/p{document.document}_….py and its route, then replay it.",
        )
        return _Read(document, own, None, held)
    return _Read(document, own, mapping.read(document, desk.context(partner)))


@dataclass(slots=True)
class _Visit:
    """One pass over a file inside one change."""

    desk: Desk
    change: Change
    message: Message
    outbox: Outbox
    duplicates: list[str] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)

    def run(self, envelopes: list[_Envelope], found: list[Problem]) -> None:
        for index, envelope in enumerate(envelopes):
            self._envelope(index, envelope)
        facts = {"interchanges": self.facts, "documents": sum(len(entry["documents"]) for entry in self.facts)}
        if self.duplicates and len(self.duplicates) == len(envelopes):
            detail = f"Interchange {', '.join(entry['control_number'] for entry in self.facts)} came before, unchanged."
            self.change.finish(
                self.message,
                State.ANSWERED,
                event="duplicate",
                cause="duplicate",
                detail=detail,
                facts={**facts, "original": self.duplicates[0]},
            )
            return
        told = [*found, *(problem for entry in envelopes for problem in entry.interchange.problems)]
        problems = [problem.as_json() for problem in told]
        broken = not facts["documents"] and any(problem["severity"] == "error" for problem in problems)
        self.change.finish(
            self.message,
            State.REJECTED if broken else State.DELIVERED,
            event="rejected" if broken else "taken_apart",
            cause="bad_document" if broken else "",
            detail=problems[0]["message"] if broken else "",
            facts={**facts, "problems": problems},
        )

    def _envelope(self, index: int, envelope: _Envelope) -> None:
        interchange, partner = envelope.interchange, envelope.partner
        fact: dict[str, Any] = {"control_number": interchange.control_number, "documents": []}
        self.facts.append(fact)
        if partner is None:
            return
        self.change.add_search_keys(self.message.id, None, [("isa13", interchange.control_number)])
        if self._is_duplicate(envelope, partner):
            return
        for group, documents in envelope.groups:
            for entry in documents:
                fact["documents"].append(self._document(entry, group, partner))
        self._answer(index, envelope, partner)

    def _is_duplicate(self, envelope: _Envelope, partner: Partner) -> bool:
        """Whether this very interchange is on record. The same number on other content is for a person."""
        policy = partner.x12.duplicates.interchange
        if policy == "accept" or self.message.replay_of or self.message.facts.get("replayed"):
            return False
        number = envelope.interchange.control_number
        taken = self.change.take_key("isa13", f"{partner.id}:{number}", envelope.fingerprint(), self.message.id)
        if taken.existing_message_id in {None, self.message.id}:
            return False
        if taken.same_fingerprint and policy == "answer":
            self.duplicates.append(str(taken.existing_message_id))
            return True
        raise KeyConflict(
            f"{partner.name} used interchange control number {number} before, in message {taken.existing_message_id}"
            + (", with the same content." if taken.same_fingerprint else ", with other content."),
            fix="Ask the partner which one counts. Replay this one to take it, or close it with the reason.",
            original=taken.existing_message_id,
        )

    def _document(self, entry: _Read, group: Group, partner: Partner) -> str:
        """Put one document on record: rejected, held, or on its way."""
        document, reading = entry.document, entry.reading
        facts: dict[str, Any] = {
            "document": document.document,
            "control_number": document.control_number,
            "group": group.control_number,
            "isa13": group.interchange.control_number,
            "version": group.version,
            "problems": [problem.as_json() for problem in entry.problems],
        }
        state, cause, detail, key, stored = State.RECEIVED, "", "", None, None
        canonical = reading.message if reading else None
        if reading is not None:
            facts["unmapped"] = [unmapped.as_json() for unmapped in reading.unmapped]
        if entry.held is not None:
            state, cause, detail = State.HELD, "held", entry.held.message
        elif entry.rejected or canonical is None:
            errors = [problem for problem in entry.problems if problem.severity == "error"]
            state, cause = State.REJECTED, "bad_document"
            detail = f"{len(errors)} problems; {errors[0].message}" if errors else "it could not be read"
        else:
            facts["message"] = type(canonical).__name__
            stored = self.desk.ledger.store(canonical.model_dump_json(exclude_none=True).encode())
            number = order_number(canonical)
            key = order_key(partner.id, number) if number else None
        new = NewMessage(
            id=self.desk.ids.new(),
            kind=Kind.DOCUMENT,
            type=document.document,
            partner=partner.id,
            endpoint=self.message.endpoint,
            payload=self.desk.ledger.store(entry.data),
            reading=stored,
            parent=self.message.id,
            order_key=key,
            state=state,
            cause=cause,
            detail=detail,
            facts=facts,
        )
        self.change.insert(new)
        if state is State.RECEIVED:
            self.outbox.stages.add(Kind.DOCUMENT.value)
        return new.id

    def _answer(self, index: int, envelope: _Envelope, partner: Partner) -> None:
        """The 997 of each group and the TA1, where they are owed, as one interchange."""
        accepted = sum(not entry.rejected for entry in envelope.documents())
        owed = ta1(InterchangeResult.of(envelope.interchange, groups=len(envelope.groups), accepted=accepted))
        groups = [] if partner.x12.acknowledge == "none" else _acknowledgments(envelope, partner)
        if not groups and owed is None:
            return
        self.outbox.put_x12(
            "997" if groups else "TA1",
            groups,
            partner,
            self.message,
            f"{partner.id}:x12/997:{self.message.id}:{index}",
            {"document": "x12/997" if groups else "x12/TA1", "answers": envelope.interchange.control_number},
            ta1=[owed] if owed else [],
        )


def _acknowledgments(envelope: _Envelope, partner: Partner) -> list[Outgoing]:
    """One FA group for each version that is answered."""
    bodies: dict[str, list[DocumentBody]] = {}
    listed: Listed = "faulty" if partner.x12.acknowledge == "faulty" else "all"
    for group, documents in envelope.groups:
        facts = GroupResult.of(group)
        version = acknowledgment_version(facts)
        number = document_control(len(bodies.get(version, ())) + 1)
        body = acknowledgment(facts, [entry.result() for entry in documents], control_number=number, listed=listed)
        if body is not None:
            bodies.setdefault(version, []).append(body)
    return [Outgoing(type="FA", documents=tuple(found), version=version) for version, found in bodies.items()]
