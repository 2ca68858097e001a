"""A partner's word on what we sent: matched to the deliveries it answers."""

from __future__ import annotations

from hub.canonical import AcknowledgedError, AcknowledgmentStatus, FunctionalAcknowledgment
from hub.errors import Broken, Held
from hub.flow.visit import Visit
from hub.ledger.message import State
from hub.orders.state import Step

__all__ = ["match"]


def match(visit: Visit) -> None:
    """Note the answer on everything it answers; a rejection is for a person.

    Raises Held where nothing that we sent carries these control numbers.
    """
    said = visit.canonical
    if not isinstance(said, FunctionalAcknowledgment):
        raise Broken(f"{type(said).__name__} is no acknowledgment")
    matched = _matched(visit, said)
    if not matched:
        raise Held(
            f"Nothing that we sent has group {said.group_type} {said.group_control_number}.",
            fix="Ask the partner what this acknowledgment is for; then close it with the reason.",
        )
    _note_on_orders(visit, matched, said)
    rejected = _rejected(said)
    visit.change.finish(
        visit.message,
        State.HELD if rejected else State.ANSWERED,
        event="matched",
        cause="rejected_by_partner" if rejected else "",
        detail=f"{visit.message.partner} rejects what we sent: {rejected}" if rejected else "",
        facts={"acknowledges": matched, "status": said.status.value},
    )


def _matched(visit: Visit, said: FunctionalAcknowledgment) -> list[str]:
    """Ids of the deliveries; an acknowledgment that lists no document speaks for its whole group."""
    answers: list[tuple[str | None, AcknowledgmentStatus, str]] = [
        (document.control_number, document.status, ", ".join(map(_fault, document.errors)))
        for document in said.documents
    ] or [(None, said.status, "")]
    found: list[str] = []
    for control, status, detail in answers:
        found += visit.change.match_sent(
            partner=visit.message.partner,
            group_type=said.group_type,
            group_control=said.group_control_number,
            document_control=control,
            state=status.value.lower(),
            detail=detail,
        )
    return found


def _note_on_orders(visit: Visit, matched: list[str], said: FunctionalAcknowledgment) -> None:
    for message_id in matched:
        delivery = visit.change.message(message_id)
        key = delivery.facts.get("order")
        if key:
            what, detail = f"{delivery.type}_acknowledged", said.status.value.lower()
            visit.book.note(key, Step(at=visit.desk.now(), what=what, detail=detail, message=visit.message.id))


def _rejected(said: FunctionalAcknowledgment) -> str:
    """What was rejected, and why, in words; empty where nothing was."""
    documents = [
        f"{document.document} {document.control_number}: " + (", ".join(map(_fault, document.errors)) or "no reason")
        for document in said.documents
        if document.status is AcknowledgmentStatus.REJECTED
    ]
    if documents or said.status is not AcknowledgmentStatus.REJECTED:
        return "; ".join(documents)
    return f"group {said.group_type} {said.group_control_number}"


def _fault(error: AcknowledgedError) -> str:
    where = f"{error.segment}{error.element:02d}" if error.element else error.segment
    return f"{where} at segment {error.position}: code {error.code}" if error.position else where
