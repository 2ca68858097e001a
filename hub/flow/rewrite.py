"""A delivery written anew: its message made again from the document it came of, and written by the mapping of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.canonical import Canonical
from hub.contracts.partner import Partner
from hub.contracts.route import Deliver
from hub.errors import Held, Misconfigured
from hub.flow.book import Book
from hub.flow.canonical_edit import edited
from hub.flow.desk import Desk
from hub.flow.envelope import Outgoing, Sent, SentDocument, interchange, one_document
from hub.ledger import Change
from hub.ledger.message import Kind, Message, NewMessage
from hub.mapping.json_text import dumps
from hub.orders.derive import MAKERS, Known
from hub.x12 import read
from hub.x12.document import Document, Interchange
from hub.x12.outgoing import DocumentBody

__all__ = ["Written", "expect_acknowledgment", "facts_without_trouble", "renumbered", "sent_in", "written_anew"]

_TROUBLE = frozenset(
    {"error", "problems", "unmapped", "replayed", "reread", "replaced_by", "reference", "repeated"}
    | {"give_up_at", "pauses", "resend"}
)


@dataclass(frozen=True, slots=True)
class Written:
    """``sent``: the interchange it is in, for X12."""

    data: bytes
    facts: Mapping[str, Any]
    sent: Sent | None = None


def written_anew(
    desk: Desk, change: Change, delivery: Message, fields: Mapping[str, str], *, same_numbers: bool = False
) -> Written:
    """The bytes that go out today for a delivery of then. X12 gets new control numbers from the ledger, or those of
    then.

    Raises Held where it cannot be made again, BadDocument where an edit or the mapping refuses.
    """
    partner = desk.partner(delivery.partner)
    deliver, canonical = _made(desk, change, delivery, partner)
    if fields:
        canonical = edited(canonical, fields)
    mapping = desk.mapping(deliver.document, partner)
    body = mapping.write(canonical, desk.context(partner))
    facts = facts_without_trouble(delivery)
    if not deliver.document.startswith("x12/"):
        return Written(dumps(body), facts)
    numbers = _numbers(desk.ledger.payload(delivery.payload)) if same_numbers and delivery.payload else ()
    return _written(
        delivery, interchange(desk, change, partner, [one_document(mapping.document, body)], numbers=numbers)
    )


def renumbered(desk: Desk, change: Change, delivery: Message, data: bytes) -> Written | None:
    """The documents and TA1 of ``data`` in an interchange of today, under new control numbers; None where the delivery
    is no X12."""
    if "isa13" not in delivery.facts:
        return None
    groups: dict[str, list[Document]] = {}
    told: list[list[str]] = []
    for event in read(data):
        if isinstance(event, Interchange):
            told = event.ta1  # complete once all of it was read
        if isinstance(event, Document):
            groups.setdefault(event.group.control_number, []).append(event)
    if not groups and not told:
        raise Held("There is no document in it to be sent under new numbers.", fix="Replay it as it is.")
    outgoing = [
        Outgoing(
            type=found[0].group.type,
            version=found[0].group.version,
            documents=tuple(
                DocumentBody(
                    document=one.document,
                    control_number=one.control_number,
                    segments=one.segments[1:-1],
                    convention=one.segments[0][3] if len(one.segments[0]) > 3 else "",
                    joined_by=one.group.interchange.delimiters,
                )
                for one in found
            ),
        )
        for found in groups.values()
    ]
    return _written(delivery, interchange(desk, change, desk.partner(delivery.partner), outgoing, ta1=told))


def sent_in(data: bytes) -> Sent | None:
    """What an interchange carries, by which a 997 will name it; None where it is none."""
    documents, control = list[SentDocument](), ""
    for event in read(data):
        if isinstance(event, Interchange):
            control = control or event.control_number
        elif isinstance(event, Document):
            group = event.group
            documents.append(
                SentDocument(
                    group_type=group.type,
                    group_control=group.control_number.lstrip("0"),
                    document=event.document,
                    document_control=event.control_number,
                )
            )
    return Sent(data=data, control_number=control, documents=tuple(documents)) if control else None


def _written(delivery: Message, sent: Sent) -> Written:
    facts = facts_without_trouble(delivery)
    name = "_".join(filter(None, (delivery.type, facts.get("key"), sent.control_number))) + ".edi"
    return Written(sent.data, {**facts, "name": name, "isa13": sent.control_number}, sent)


def _numbers(data: bytes) -> list[int]:
    """ISA13 and each GS06 of an interchange that we wrote."""
    groups = [event.group if isinstance(event, Document) else event for event in read(data)]
    once = {id(event): int(event.control_number) for event in groups}
    return list(once.values())


def facts_without_trouble(message: Message) -> dict[str, Any]:
    """What is known of a message apart from what went wrong with it."""
    return {name: value for name, value in message.facts.items() if name not in _TROUBLE}


def expect_acknowledgment(desk: Desk, change: Change, partner_id: str, sent: Sent, new: NewMessage) -> None:
    """A 997 of the interchange is matched to the new delivery, which is found by its control number."""
    partner = desk.partner(partner_id)
    number = sent.control_number
    keys = [("isa13", number), ("sent_isa13", f"{partner_id}:{number}"), ("name", new.facts["name"])]
    change.add_search_keys(new.id, new.facts.get("order"), keys)
    if not partner.x12.expects_acknowledgment:
        return
    due_at = desk.clock.now() + partner.expect_seconds.get("997", 86_400.0)
    for entry in sent.documents:
        if entry.group_type == "FA":
            continue
        change.record_sent(
            partner=partner_id,
            group_type=entry.group_type,
            group_control=entry.group_control,
            document=entry.document,
            document_control=entry.document_control,
            message_id=new.id,
            due_at=due_at,
        )


def _made(desk: Desk, change: Change, delivery: Message, partner: Partner) -> tuple[Deliver, Canonical]:
    """The entry of the route that it follows, and the message that goes out, as the order stands now."""
    document = delivery.facts.get("document", "")
    parent = desk.message(delivery.parent) if delivery.parent else None
    route = desk.routes.get(parent.facts.get("message", "")) if parent and parent.kind is Kind.DOCUMENT else None
    entry = next((entry for entry in route.deliver if entry.document == document), None) if route else None
    if parent is None or entry is None or entry.make not in MAKERS:
        raise Held(
            f"A delivery of {document or delivery.type} cannot be made again.",
            fix="Replay it as it is, or edit its bytes: --edit FILE.",
        )
    canonical = desk.canonical(parent)
    key = delivery.facts.get("order") or parent.facts.get("order")
    state = Book(change).load(key) if key else None
    if state is None:
        if entry.make != "message":
            raise Misconfigured(f"There is no order {key}, from which it would be made.", fix="Replay its order first.")
        return entry, canonical
    known = Known(message=canonical, state=state, partner=partner, entity=desk.settings.entity, now=desk.now())
    return entry, MAKERS[entry.make](known)
