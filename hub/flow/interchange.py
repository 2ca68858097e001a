"""One file of X12: taken apart into documents, each read on its own, and its sender answered, in one commit (P4)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from hub.contracts.partner import Partner
from hub.errors import BadDocument, CrossdockError, Held
from hub.flow.agreement import agreement_of
from hub.flow.desk import Desk
from hub.flow.document import Ready, carry_out
from hub.flow.duplicates import Repeat, repeat_of
from hub.flow.entries import Contents, Entry, acknowledgments, row_of
from hub.flow.envelope import Outgoing
from hub.flow.onward import Onward, onward_of
from hub.flow.outbox import Outbox
from hub.flow.parties import sender_of
from hub.flow.settle import settle_any
from hub.flow.split import split
from hub.ledger import Change
from hub.ledger.message import Kind, Message, NewMessage, State
from hub.problem import Problem
from hub.x12 import read
from hub.x12.document import Document, Interchange
from hub.x12.interchange_ack import InterchangeResult, read_ta1, ta1

__all__ = ["take_apart"]

ATTEMPTS_MAX = 5
_SMALL_BYTES = 2**20
"""So much of files, together, is read at once and shares a commit; a larger one is taken apart by itself."""
_LOOKS = {"empty": "it is empty", "unknown": "it looks like nothing that is known here"}
_READING = threading.Lock()
"""Of two threads that read files at once, each only takes the interpreter from the other; so one reads while the other
waits for its commit. Files that are not small hold up nobody."""


@dataclass(frozen=True, slots=True)
class _Whole:
    """A file, read: what it holds, its documents as they go on record, what those of them that need nothing else lead
    to, and the groups of the 997 that it is owed."""

    message: Message
    envelope: Contents
    problems: list[Problem]
    documents: list[NewMessage]
    onward: Mapping[str, Onward]
    answer: list[Outgoing]


def take_apart(desk: Desk, messages: Sequence[Message]) -> None:
    """Take claimed files to rest; never raises for what they hold. Small ones share a commit; where one of them cannot
    go on, each is done by itself."""
    for portion in _portions(desk, messages):
        _take_apart(desk, portion)


def _take_apart(desk: Desk, portion: Sequence[Message]) -> None:
    data = _payloads(desk, portion)
    with _READING if 0 < sum(map(len, data.values())) <= _SMALL_BYTES else nullcontext():
        together = _read_all(desk, portion, data)
    _commit(desk, together)


def _portions(desk: Desk, messages: Sequence[Message]) -> list[list[Message]]:
    """Files that are read at once, in the order given; each by itself where their sizes cannot be found out."""
    try:
        sizes = desk.ledger.payload_sizes(message.payload for message in messages if message.payload)
    except CrossdockError:
        return [[message] for message in messages]
    portions, room = list[list[Message]](), 0
    for message in messages:
        size = sizes.get(message.payload or "", 0)
        if not portions or size > room:
            portions.append([])
            room = _SMALL_BYTES
        portions[-1].append(message)
        room -= size
    return portions


def _read_all(desk: Desk, messages: Sequence[Message], data: Mapping[str, bytes]) -> list[_Whole]:
    """Those that can be committed; the others are at rest."""
    together = []
    for message in messages:
        try:
            whole = _read_whole(desk, message, data)
        except Exception as error:  # noqa: BLE001 - a bug stops this message and no other
            settle_any(desk, message, error, attempts_max=ATTEMPTS_MAX)
            continue
        if whole is not None:
            together.append(whole)
    return together


def _payloads(desk: Desk, messages: Sequence[Message]) -> Mapping[str, bytes]:
    """All files at once; nothing where one is missing, whose own turn then tells."""
    try:
        return desk.ledger.payloads(message.payload for message in messages if message.payload)
    except CrossdockError:
        return {}


def _commit(desk: Desk, together: Sequence[_Whole]) -> None:
    """Files with their documents; where one of those cannot go on, the files alone; where one of those cannot, each by
    itself."""
    if not together:
        return
    stages: set[str] = set()

    def work(change: Change) -> None:
        stages.clear()
        outbox, begun = Outbox(desk, change, stages), list[Ready]()
        for one in together:
            begun += _Visit(desk, change, one.message, outbox).run(one)
        carry_out(desk, change, outbox, begun)
        outbox.flush()

    try:
        desk.ledger.write(work)
    except Exception as error:  # noqa: BLE001 - as above
        if any(one.onward for one in together):
            _commit(desk, [replace(one, onward={}) for one in together])
            return
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
    envelope: Contents | None = None
    reader = read(data, agreement=agreement_of(desk, _partner(desk, message, data)))
    for event in reader:
        if isinstance(event, Interchange):
            envelope = envelope or Contents(event, sender_of(desk, event, message))
            continue
        assert envelope is not None, "the reader gives an interchange before what it holds"
        group = event.group if isinstance(event, Document) else event
        if not envelope.groups or envelope.groups[-1][0] is not group:
            envelope.groups.append((group, []))
        if isinstance(event, Document):
            envelope.groups[-1][1].append(_read_one(desk, envelope.partner, event, data))
    if envelope is None:
        raise BadDocument(
            f"There is no X12 interchange in it: {_LOOKS.get(reader.syntax, f'it looks like {reader.syntax}')}.",
            fix="Send X12, each interchange from ISA to IEA; `crossdock inspect` shows what a file holds.",
            problems=reader.problems,
        )
    partner = envelope.partner
    if partner.x12.reject_whole_group:
        _reject_groups(envelope)
    documents = [row_of(desk, message, entry, group, partner) for group, found in envelope.groups for entry in found]
    first_time = message.attempts == 1 and not message.crashes
    onward = onward_of(desk, documents, list(envelope.documents())) if first_time else {}
    return _Whole(message, envelope, reader.problems, documents, onward, acknowledgments(envelope))


def _partner(desk: Desk, message: Message, data: bytes) -> Partner | None:
    """The partner whose channel the file came by; where several share it, the one that ISA names. Raises Held."""
    if message.partner:
        return desk.partners.get(message.partner)
    first = next(iter(read(data)), None)
    return sender_of(desk, first, message) if isinstance(first, Interchange) else None


def _reject_groups(envelope: Contents) -> None:
    for _, documents in envelope.groups:
        faulty = next((entry for entry in documents if entry.faulty), None)
        for entry in documents:
            if faulty is not None and not entry.faulty:
                entry.beside = faulty.document.control_number


def _read_one(desk: Desk, partner: Partner, document: Document, data: bytes) -> Entry:
    desk.ledger.give_way()
    own = data[document.offset : document.offset + document.length]
    if document.verdict == "rejected":
        return Entry(document, own, None)
    mapping = desk.find_mapping(f"x12/{document.document}", partner.id, document.group.version)
    if mapping is None:
        held = Held(
            f"No mapping reads {document.document} {document.group.version} of {partner.name}.",
            fix=f"Add mappings/x12/p{document.document}_….py and its route, then replay it.",
        )
        return Entry(document, own, None, held)
    return Entry(document, own, mapping.read(document, desk.context(partner)))


@dataclass(slots=True)
class _Visit:
    """One pass over a file inside one change."""

    desk: Desk
    change: Change
    message: Message
    outbox: Outbox

    def run(self, whole: _Whole) -> list[Ready]:
        """The documents that are to be carried out in the same change."""
        envelope = whole.envelope
        interchange, partner = envelope.interchange, envelope.partner
        number = interchange.control_number
        self.change.add_search_keys(self.message.id, None, [("isa13", number)])
        repeat = repeat_of(
            self.change,
            self.message,
            partner,
            "interchange",
            number or envelope.fingerprint(),
            number,
            envelope.fingerprint(),
        )
        if repeat is not None and repeat.policy != "flag":
            self._stop(whole, repeat)
            return []
        whole = self._judged(whole)
        begun = self.change.begin(whole.documents, whole.onward)
        if sum(new.state is State.RECEIVED for new in whole.documents) > len(begun):
            self.outbox.stages.add(Kind.DOCUMENT.value)
        self._note_ta1(interchange, partner)
        self._answer(whole)
        marked = {"duplicate_of": repeat.original} if repeat else {}
        self._finish(interchange, len(whole.documents), [*whole.problems, *interchange.problems], marked)
        return [whole.onward[message.id].ready(message) for message in begun]

    def _stop(self, whole: _Whole, repeat: Repeat) -> None:
        """A file that is not taken again: passed over, turned away with a TA1, or, raised, held."""
        partner = whole.envelope.partner
        if repeat.policy == "hold":
            raise repeat.conflict(partner)
        rejected = repeat.policy == "reject"
        if rejected:
            interchange = whole.envelope.interchange
            result = InterchangeResult.of(interchange, groups=len(whole.envelope.groups), accepted=0)
            self._send([], ta1(replace(result, problems=[repeat.problem()])), whole)
        self.change.finish(
            self.message,
            State.REJECTED if rejected else State.ANSWERED,
            event="rejected" if rejected else "duplicate",
            cause="duplicate",
            detail=repeat.sentence,
            facts={"control_number": repeat.number, "original": repeat.original},
        )

    def _judged(self, whole: _Whole) -> _Whole:
        """The same, where groups or documents of it repeat what came before and the partner's profile minds."""
        envelope, partner = whole.envelope, whole.envelope.partner
        agreed = partner.x12.duplicates
        if agreed.group == "off" and agreed.document == "off":
            return whole
        groups = []
        for group, entries in envelope.groups:
            digest = hashlib.sha256(b"".join(entry.data for entry in entries)).hexdigest()
            key, number = f"{group.type}:{group.control_number}", group.control_number
            repeat = repeat_of(self.change, self.message, partner, "group", key, number, digest)
            groups.append((group, [replace(entry, repeat=repeat or self._repeat(entry, partner)) for entry in entries]))
        judged = replace(envelope, groups=groups)
        documents = [
            row_of(self.desk, self.message, entry, group, partner) for group, found in groups for entry in found
        ]
        return replace(whole, envelope=judged, documents=documents, answer=acknowledgments(judged))

    def _repeat(self, entry: Entry, partner: Partner) -> Repeat | None:
        digest, number = hashlib.sha256(entry.data).hexdigest(), entry.document.control_number
        key = f"{entry.document.document}:{number}"
        return repeat_of(self.change, self.message, partner, "document", key, number, digest)

    def _finish(
        self, interchange: Interchange, documents: int, problems: list[Problem], marked: Mapping[str, str]
    ) -> None:
        errors = [problem for problem in problems if problem.severity == "error"]
        broken = bool(errors) and not documents
        self.change.finish(
            self.message,
            State.REJECTED if broken else State.DELIVERED,
            event="rejected" if broken else "taken_apart",
            cause="bad_document" if broken else "",
            detail=errors[0].message if broken else "",
            facts={
                **marked,
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

    def _answer(self, whole: _Whole) -> None:
        """The 997 or 999 of each group and the TA1, where they are owed, as one interchange."""
        if self.message.facts.get("answered"):
            return
        envelope = whole.envelope
        accepted = sum(not entry.rejected for entry in envelope.documents())
        owed = ta1(InterchangeResult.of(envelope.interchange, groups=len(envelope.groups), accepted=accepted))
        self._send(whole.answer, owed, whole)

    def _send(self, groups: Sequence[Outgoing], owed: list[str] | None, whole: _Whole) -> None:
        if not groups and owed is None:
            return
        partner = whole.envelope.partner
        kind = partner.x12.acknowledge_with if groups else "TA1"
        self.outbox.put_x12(
            kind,
            groups,
            partner,
            self.message,
            f"{partner.id}:x12/{'997' if groups else kind}:{self.message.id}",
            {"document": f"x12/{kind}", "answers": whole.envelope.interchange.control_number},
            ta1=[owed] if owed else [],
        )
