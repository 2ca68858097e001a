"""A partner's word on what we sent: matched to the deliveries it answers.

A 997 or 999 speaks of syntax, an 824 of content. What matches nothing, rejects, or says the contrary of what was said
before is for a person, each under a cause of its own; what comes late is noted as late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.canonical import (
    AcknowledgedError,
    AcknowledgmentStatus,
    AdviceStatus,
    AdvisedDocument,
    ApplicationAdvice,
    FunctionalAcknowledgment,
)
from hub.errors import Broken
from hub.flow.visit import Visit
from hub.ledger import Answered
from hub.ledger.message import State
from hub.orders.state import Step

__all__ = ["advise", "match"]

CAUSES = {
    "unmatched_acknowledgment": "Nothing that we sent carries these control numbers: {what}.",
    "rejected_by_partner": "{partner} rejects what we sent: {what}.",
    "contradictory_acknowledgment": "{partner} says the contrary of what it said before: {what}.",
}
_REJECTED = AcknowledgmentStatus.REJECTED.value.lower()


@dataclass(frozen=True, slots=True)
class _Verdict:
    """On one document, or on a group where ``control`` is None."""

    control: str | None
    status: str
    detail: str


def match(visit: Visit) -> None:
    """A functional acknowledgment: note it on everything that it answers."""
    said = visit.canonical
    if not isinstance(said, FunctionalAcknowledgment):
        raise Broken(f"{type(said).__name__} is no acknowledgment")
    where = f"group {said.group_type} {said.group_control_number}"
    answered: list[tuple[_Verdict, Answered]] = []
    for verdict in _verdicts(said):
        found = visit.change.match_sent(
            partner=visit.message.partner,
            group_type=said.group_type,
            group_control=said.group_control_number,
            document_control=verdict.control,
            state=verdict.status,
            detail=verdict.detail,
        )
        answered += [(verdict, entry) for entry in found]
    for verdict, entry in answered:
        _note(visit, entry.message_id, "acknowledged", verdict.status + (", late" if entry.late else ""))
    contrary = [verdict for verdict, entry in answered if _contrary(entry.before, verdict.status)]
    rejected = [verdict for verdict, _ in answered if verdict.status == _REJECTED]
    facts = {"status": said.status.value, "late": any(entry.late for _, entry in answered)}
    _finish(visit, [entry.message_id for _, entry in answered], where, _words(rejected), _words(contrary), facts)


def advise(visit: Visit) -> None:
    """An application advice: note it on the deliveries that it names by their numbers."""
    said = visit.canonical
    if not isinstance(said, ApplicationAdvice):
        raise Broken(f"{type(said).__name__} is no application advice")
    matched: list[str] = []
    rejected: list[_Verdict] = []
    for document in said.documents:
        found = visit.change.sent_as(
            partner=visit.message.partner,
            group_control=(document.group_control_number or "").lstrip("0"),
            document_control=document.control_number or "",
        )
        status = document.verdict.status.value.lower()
        for message_id in found:
            _note(visit, message_id, "advised", status)
        matched += found
        if document.verdict.status is AdviceStatus.REJECTED:
            rejected.append(_Verdict(document.control_number, status, _advice_words(document)))
    _finish(visit, matched, f"advice {said.id}", _words(rejected), "", {"advice": said.id})


def _verdicts(said: FunctionalAcknowledgment) -> Iterable[_Verdict]:
    """An acknowledgment that lists no document speaks for its whole group."""
    if not said.documents:
        return [_Verdict(None, said.status.value.lower(), "")]
    return [
        _Verdict(document.control_number, document.status.value.lower(), ", ".join(map(_fault, document.errors)))
        for document in said.documents
    ]


def _finish(
    visit: Visit, matched: Sequence[str], where: str, rejected: str, contrary: str, facts: Mapping[str, object]
) -> None:
    cause, what = "", ""
    if not matched:
        cause, what = "unmatched_acknowledgment", where
    elif contrary:
        cause, what = "contradictory_acknowledgment", contrary
    elif rejected:
        cause, what = "rejected_by_partner", rejected
    visit.change.finish(
        visit.message,
        State.HELD if cause else State.ANSWERED,
        event="matched" if matched else "unmatched",
        cause=cause,
        detail=CAUSES[cause].format(partner=visit.message.partner, what=what) if cause else "",
        facts={**facts, "acknowledges": sorted(set(matched))},
    )


def _note(visit: Visit, message_id: str, what: str, detail: str) -> None:
    """On the delivery's history, and on its order's."""
    delivery = visit.change.message(message_id)
    visit.change.event(message_id, what, f"partner:{delivery.partner}", {"by": visit.message.id, "said": detail})
    key = delivery.facts.get("order")
    if key:
        step = Step(at=visit.desk.now(), what=f"{delivery.type}_{what}", detail=detail, message=visit.message.id)
        visit.book.note(key, step)


def _contrary(before: str, now: str) -> bool:
    return bool(before) and (before == _REJECTED) != (now == _REJECTED)


def _words(verdicts: Sequence[_Verdict]) -> str:
    return "; ".join(
        f"{verdict.control or 'the whole group'} {verdict.status}: {verdict.detail or 'no reason given'}"
        for verdict in verdicts
    )


def _fault(error: AcknowledgedError) -> str:
    where = f"{error.segment}{error.element:02d}" if error.element else error.segment
    return f"{where} at segment {error.position}: code {error.code}" if error.position else where


def _advice_words(document: AdvisedDocument) -> str:
    return ", ".join(error.message or error.condition for error in document.errors)
