"""One file of X12: taken apart into documents, each read on its own, and its sender answered, in one commit (P4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.contracts.mapping import Reading
from hub.contracts.partner import Partner
from hub.errors import BadDocument, CrossdockError, Held, KeyConflict
from hub.flow.agreement import agreement_of
from hub.flow.desk import Desk
from hub.flow.envelope import Outgoing
from hub.flow.leases import Leases
from hub.flow.outbox import Outbox
from hub.flow.parties import sender_of
from hub.flow.settle import settle_any
from hub.flow.split import split
from hub.ledger import Change
from hub.ledger.message import Kind, Message, NewMessage, State
from hub.orders.lifecycle import order_key, order_number
from hub.problem import Problem
from hub.x12 import read
from hub.x12.acknowledge import DocumentResult, GroupResult, Listed, acknowledgment, acknowledgment_version
from hub.x12.control import document_control
from hub.x12.document import Document, Group, Interchange
from hub.x12.interchange_ack import InterchangeResult, read_ta1, ta1
from hub.x12.outgoing import DocumentBody

__all__ = ["take_apart"]

ATTEMPTS_MAX = 5


@dataclass(slots=True)
class _Read:
    """One document with what its mapping made of it; ``held`` says why nothing may follow from it yet.

    ``beside``: the faulty document of its group for which it is rejected too, as was agreed.
    """

    document: Document
    data: bytes
    reading: Reading | None
    held: Held | None = None
    beside: str = ""

    @property
    def problems(self) -> list[Problem]:
        return [*self.document.problems, *(self.reading.problems if self.reading else ())]

    @property
    def faulty(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)

    @property
    def rejected(self) -> bool:
        return self.faulty or bool(self.beside)

    def result(self) -> DocumentResult:
        """The verdict that its sender is told: what the standard and what the mapping say."""
        result = DocumentResult.of(self.document)
        return replace(result, verdict="rejected", problems=self.problems) if self.faulty else result


@dataclass(slots=True)
class _Envelope:
    """One interchange of the file."""

    interchange: Interchange
    partner: Partner
    groups: list[tuple[Group, list[_Read]]] = field(default_factory=list)

    def documents(self) -> Iterable[_Read]:
        for _, documents in self.groups:
            yield from documents

    def fingerprint(self) -> str:
        """What it held, apart from padding and line ends around it."""
        digest = hashlib.sha256("|".join(self.interchange.isa).encode())
        for entry in self.documents():
            digest.update(entry.data)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Whole:
    """A file, read: what it holds, its documents as they go on record, and the groups of the 997 that it is owed."""

    message: Message
    envelope: _Envelope
    problems: list[Problem]
    documents: list[NewMessage]
    answer: list[Outgoing]


def take_apart(desk: Desk, messages: Sequence[Message]) -> None:
    """Take claimed files to rest; never raises for what they hold. Several share a commit; where one of them cannot go
    on, each is done by itself."""
    leases, together, data = Leases(desk, messages), [], _payloads(desk, messages)
    for message in messages:
        leases.keep(message)
        try:
            whole = _read_whole(desk, message, data)
        except Exception as error:  # noqa: BLE001 - a bug stops this message and no other
            settle_any(desk, message, error, attempts_max=ATTEMPTS_MAX)
            continue
        if whole is not None:
            together.append(whole)
    _commit(desk, together)


def _payloads(desk: Desk, messages: Sequence[Message]) -> Mapping[str, bytes]:
    """All files at once; nothing where one is missing, whose own turn then tells."""
    try:
        return desk.ledger.payloads(message.payload for message in messages if message.payload)
    except CrossdockError:
        return {}


def _commit(desk: Desk, together: Sequence[_Whole]) -> None:
    if not together:
        return
    stages: set[str] = set()

    def work(change: Change) -> None:
        stages.clear()
        for one in together:
            visit = _Visit(desk, change, one.message, Outbox(desk, change))
            visit.run(one)
            stages.update(visit.outbox.stages)

    try:
        desk.ledger.write(work)
    except Exception as error:  # noqa: BLE001 - as above
        if len(together) == 1:
            settle_any(desk, together[0].message, error, attempts_max=ATTEMPTS_MAX)
            return
        for one in together:
            _commit(desk, [one])
        return
    for stage in sorted(stages):
        desk.hint(stage)


def _read_whole(desk: Desk, message: Message, payloads: Mapping[str, bytes]) -> _Whole | None:
    """The file's interchange, with what its documents say; None where it held several and was split.

    Raises BadDocument where it holds none.
    """
    assert message.payload is not None, "an interchange is made with its bytes"
    data = payloads.get(message.payload) or desk.ledger.payload(message.payload)
    if split(desk, message, data):
        return None
    envelope: _Envelope | None = None
    reader = read(data, agreement=agreement_of(desk, _partner(desk, message, data)))
    for event in reader:
        if isinstance(event, Interchange):
            envelope = envelope or _Envelope(event, sender_of(desk, event, message))
            continue
        assert envelope is not None, "the reader gives an interchange before what it holds"
        group = event.group if isinstance(event, Document) else event
        if not envelope.groups or envelope.groups[-1][0] is not group:
            envelope.groups.append((group, []))
        if isinstance(event, Document):
            envelope.groups[-1][1].append(_read_one(desk, envelope.partner, event, data))
    if envelope is None:
        raise BadDocument(
            f"There is no X12 interchange in it: it looks like {reader.syntax}.",
            fix="Send X12, each interchange from ISA to IEA; `crossdock inspect` shows what a file holds.",
            problems=reader.problems,
        )
    partner = envelope.partner
    if partner.x12.reject_whole_group:
        _reject_groups(envelope)
    documents = [_document(desk, message, entry, group, partner) for group, found in envelope.groups for entry in found]
    return _Whole(message, envelope, reader.problems, documents, _acknowledgments(envelope))


def _partner(desk: Desk, message: Message, data: bytes) -> Partner | None:
    """The partner whose channel the file came by; where several share it, the one that ISA names. Raises Held."""
    if message.partner:
        return desk.partners.get(message.partner)
    first = next(iter(read(data)), None)
    return sender_of(desk, first, message) if isinstance(first, Interchange) else None


def _reject_groups(envelope: _Envelope) -> None:
    for _, documents in envelope.groups:
        faulty = next((entry for entry in documents if entry.faulty), None)
        for entry in documents:
            if faulty is not None and not entry.faulty:
                entry.beside = faulty.document.control_number


def _read_one(desk: Desk, partner: Partner, document: Document, data: bytes) -> _Read:
    own = data[document.offset : document.offset + document.length]
    if document.verdict == "rejected":
        return _Read(document, own, None)
    mapping = desk.find_mapping(f"x12/{document.document}", partner.id, document.group.version)
    if mapping is None:
        held = Held(
            f"No mapping reads {document.document} {document.group.version} of {partner.name}.",
            fix=f"Add mappings/x12/p{document.document}_….py and its route, then replay it.",
        )
        return _Read(document, own, None, held)
    return _Read(document, own, mapping.read(document, desk.context(partner)))


def _document(desk: Desk, message: Message, entry: _Read, group: Group, partner: Partner) -> NewMessage:
    """One document as it goes on record: rejected, held, or on its way."""
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
    if entry.beside:
        state, cause = State.REJECTED, "bad_document"
        detail = f"Rejected with its group, as agreed with {partner.name}: document {entry.beside} of it is faulty."
    elif entry.held is not None:
        state, cause, detail = State.HELD, "held", entry.held.message
    elif reading is None or canonical is None or entry.rejected:
        errors = [problem for problem in entry.problems if problem.severity == "error"]
        state, cause = State.REJECTED, "bad_document"
        detail = f"{len(errors)} problems; {errors[0].message}" if errors else "it could not be read"
    else:
        facts["message"] = type(canonical).__name__
        stored = desk.ledger.store(reading.json())
        desk.recent.put(stored, reading)
        number = order_number(canonical)
        key = order_key(partner.id, number) if number else None
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


@dataclass(slots=True)
class _Visit:
    """One pass over a file inside one change."""

    desk: Desk
    change: Change
    message: Message
    outbox: Outbox

    def run(self, whole: _Whole) -> None:
        envelope = whole.envelope
        interchange, partner = envelope.interchange, envelope.partner
        number = interchange.control_number
        self.change.add_search_keys(self.message.id, None, [("isa13", number)])
        original = self._original(envelope)
        if original is not None:
            self.change.finish(
                self.message,
                State.ANSWERED,
                event="duplicate",
                cause="duplicate",
                detail=f"Interchange {number} came before, unchanged, as message {original}.",
                facts={"control_number": number, "original": original},
            )
            return
        self.change.insert_many(whole.documents)
        if any(new.state is State.RECEIVED for new in whole.documents):
            self.outbox.stages.add(Kind.DOCUMENT.value)
        self._note_ta1(interchange, partner)
        self._answer(whole)
        self._finish(interchange, len(whole.documents), [*whole.problems, *interchange.problems])

    def _finish(self, interchange: Interchange, documents: int, problems: list[Problem]) -> None:
        errors = [problem for problem in problems if problem.severity == "error"]
        broken = bool(errors) and not documents
        self.change.finish(
            self.message,
            State.REJECTED if broken else State.DELIVERED,
            event="rejected" if broken else "taken_apart",
            cause="bad_document" if broken else "",
            detail=errors[0].message if broken else "",
            facts={
                "control_number": interchange.control_number,
                "documents": documents,
                "problems": [problem.as_json() for problem in problems],
            },
        )

    def _note_ta1(self, interchange: Interchange, partner: Partner) -> None:
        """What the partner says of an interchange that we sent is noted on its delivery."""
        for segment in interchange.ta1:
            said = read_ta1(segment)
            for delivery in self.change.found("sent_isa13", f"{partner.id}:{said.control_number}"):
                facts = {"status": said.status, "code": said.code, "reason": said.reason, "by": self.message.id}
                self.change.event(delivery, "interchange_acknowledged", f"partner:{partner.id}", facts)

    def _original(self, envelope: _Envelope) -> str | None:
        """The message that brought this very interchange before. The same number on other content is for a person."""
        partner, number = envelope.partner, envelope.interchange.control_number
        policy = partner.x12.duplicates.interchange
        if policy == "accept" or self.message.replay_of or self.message.facts.get("replayed"):
            return None
        fingerprint = envelope.fingerprint()
        taken = self.change.take_key("isa13", f"{partner.id}:{number or fingerprint}", fingerprint, self.message.id)
        if taken.existing_message_id is None:
            return None
        if taken.same_fingerprint and policy == "answer":
            return taken.existing_message_id
        raise KeyConflict(
            f"{partner.name} used interchange control number {number} before, in message {taken.existing_message_id}"
            + (", with the same content." if taken.same_fingerprint else ", with other content."),
            fix="Ask the partner which one counts. Replay this one to take it, or close it with the reason.",
            original=taken.existing_message_id,
        )

    def _answer(self, whole: _Whole) -> None:
        """The 997 or 999 of each group and the TA1, where they are owed, as one interchange."""
        if self.message.facts.get("answered"):
            return
        envelope, groups = whole.envelope, whole.answer
        partner = envelope.partner
        accepted = sum(not entry.rejected for entry in envelope.documents())
        owed = ta1(InterchangeResult.of(envelope.interchange, groups=len(envelope.groups), accepted=accepted))
        if not groups and owed is None:
            return
        kind = partner.x12.acknowledge_with if groups else "TA1"
        self.outbox.put_x12(
            kind,
            groups,
            partner,
            self.message,
            f"{partner.id}:x12/997:{self.message.id}",
            {"document": f"x12/{kind}", "answers": envelope.interchange.control_number},
            ta1=[owed] if owed else [],
        )


def _acknowledgments(envelope: _Envelope) -> list[Outgoing]:
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
