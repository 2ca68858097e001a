"""Rehearsal: a replay is really done, with everything that follows from it in the hub, and all of it is taken back.

So it says what will happen, not what might: the gates, duplicates and mappings are those of now. What it cannot do is
ask far ends: deliveries are written and not sent, and services are not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hub.contracts.connector import Connector
from hub.errors import CrossdockError, Held
from hub.flow.desk import Desk
from hub.flow.differences import differences
from hub.flow.document import process
from hub.flow.interchange import take_apart
from hub.flow.replay import carry_out, planned
from hub.flow.replay_way import How, is_new_effect
from hub.flow.rewrite import written_anew
from hub.ledger import Ledger
from hub.ledger.message import Kind, Message, State
from hub.ledger.ordering import BEHIND

__all__ = ["rehearse"]

BYTES_MAX = 1_000_000
"""A larger payload is not tried: on SQLite nobody else writes while it is."""
DOCUMENTS_MAX = 100
"""Documents of one file that are tried."""
_LEASE_SECONDS = 600.0


class NotAsked(Held):
    """A far end would have to be asked first."""


def rehearse(desk: Desk, message_id: str, *, edit: bytes | None = None, how: How | None = None) -> dict[str, Any]:
    """One line of `hub.flow.replay.plan`, and what would come of it:

    ``becomes``: ``{state, cause, detail}`` of the message afterwards; None where it was not tried; ``received`` and
    ``in_order`` where it would wait behind another of its order, and nothing would come of it yet. ``effects``: ``[{
    type, endpoint, verdict, message_id, control_numbers, differences[]}]``; a verdict is ``new``, ``looked_for_first``,
    ``sent_again``, ``replaced`` (written anew), ``follows`` (a document, an invoice for instance, is made, and what
    comes of that is not tried) or ``on_record`` (it was made before and is not made again; ``differences`` tell what
    today's mapping would write). ``reading``: what is read differently, by path.
    """
    how = how or How()
    message = desk.message(message_id)
    line = planned(desk, message, how, edit)
    line |= {"becomes": None, "effects": [], "reading": []}
    if not line["possible"]:
        return line
    if message.payload and len(desk.ledger.payload(message.payload)) > BYTES_MAX:
        line["would"] += f"; it is larger than {BYTES_MAX} bytes, so what comes of it was not tried"
        return line
    try:
        line |= desk.ledger.rehearse(lambda ledger: _tried(_stage(desk, ledger), message, how, edit))
    except CrossdockError as error:
        line |= {"possible": False, "to": line["from"], "would": f"nothing: {error.message}"}
    return line


def _stage(desk: Desk, ledger: Ledger) -> Desk:
    """The desk with nothing behind it that outlives the rehearsal."""

    def refused(name: str) -> Connector:
        raise NotAsked(f"{name} is asked first, and a rehearsal does not ask.")

    return replace(desk, ledger=ledger, connection=refused, hint=lambda _stage: None)


def _tried(desk: Desk, message: Message, how: How, edit: bytes | None) -> dict[str, Any]:
    before = {child.id: child for child in desk.ledger.children(message.id)}
    (done,) = desk.ledger.write(
        lambda change: carry_out(desk, change, [message.id], how, edit=edit, actor="rehearsal", reason="rehearsal")
    )
    after = _in_its_place(desk, done.message_id)
    if after.kind is Kind.DELIVERY:
        waits = _becomes(after) if after.cause == BEHIND else None
        return {"becomes": waits, "effects": [_delivery(desk, message, after, how)], "reading": []}
    made = list(_followed(desk, after, set(before)))
    after = desk.message(after.id)
    readings = [after, *(document for document in made if document.kind is Kind.DOCUMENT and not _follows(document))]
    deliveries = [delivery for delivery in made if delivery.kind is Kind.DELIVERY]
    earlier = [child for child in before.values() if child.kind is Kind.DELIVERY]
    return {
        "becomes": _becomes(after if after.kind is Kind.DOCUMENT or len(readings) != 2 else readings[1]),
        "effects": [
            *(_new(desk, delivery, earlier) for delivery in deliveries),
            *(_effect(desk, document, "follows", None) for document in made if _follows(document)),
            *(_on_record(desk, delivery) for delivery in earlier),
        ],
        "reading": _read_differently(desk, message, readings),
    }


def _followed(desk: Desk, message: Message, known: set[str]) -> Iterable[Message]:
    """Works on the message and on documents made of it; all that came of it. What follows from it by itself is not
    worked on: an invoice asks the tax engine first."""
    if message.state is State.RECEIVED and not _worked_on(desk, message):
        return
    for child in desk.ledger.children(message.id)[: DOCUMENTS_MAX + len(known)]:
        if child.id in known:
            continue
        if child.kind is not Kind.DELIVERY and not _follows(child):
            yield from _followed(desk, child, known)
        yield desk.message(child.id)


def _worked_on(desk: Desk, message: Message) -> bool:
    """False where it waits behind another."""
    if _in_its_place(desk, message.id).cause == BEHIND:
        return False
    stage: Callable[[Desk, list[Message]], None] = take_apart if message.kind is Kind.INTERCHANGE else process
    taken = desk.ledger.write(lambda change: change.take(message.id, owner="rehearsal/1", lease_seconds=_LEASE_SECONDS))
    if taken is not None:
        stage(desk, [taken])
    return taken is not None


def _follows(message: Message) -> bool:
    """Whether it was made here, in consequence of a document."""
    return message.kind is Kind.DOCUMENT and message.payload is None and message.state is State.RECEIVED


def _in_its_place(desk: Desk, message_id: str) -> Message:
    """The message as it is; waiting, where one before it in its order stopped."""
    desk.ledger.write(lambda change: change.put_overlooked_behind([message_id]))
    return desk.message(message_id)


def _becomes(message: Message) -> dict[str, str]:
    return {"state": message.state.value, "cause": message.cause, "detail": message.detail}


def _delivery(desk: Desk, message: Message, after: Message, how: How) -> dict[str, Any]:
    """The effect of a delivery that is replayed itself."""
    if is_new_effect(message, how):
        verdict = "sent_again"
    else:
        verdict = "looked_for_first" if after.id == message.id else "replaced"
    return _effect(desk, after, verdict, message)


def _new(desk: Desk, delivery: Message, earlier: Iterable[Message]) -> dict[str, Any]:
    """A delivery that would be made now, compared with the one that the message led to before, if any."""
    same = [other for other in earlier if other.facts.get("document") == delivery.facts.get("document")]
    return _effect(desk, delivery, "new", same[-1] if same else None)


def _on_record(desk: Desk, delivery: Message) -> dict[str, Any]:
    """A delivery of before, which is not made again, beside what would be written today."""
    effect = _effect(desk, delivery, "on_record", None)
    effect["state"] = delivery.state.value
    try:
        written = desk.ledger.write(lambda change: written_anew(desk, change, delivery, {}))
    except CrossdockError as error:
        effect["differences"] = [{"path": "", "was": None, "now": f"cannot be written today: {error.message}"}]
    else:
        effect["differences"] = differences(desk.ledger.payload(delivery.payload or ""), written.data)
    return effect


def _effect(desk: Desk, delivery: Message, verdict: str, earlier: Message | None) -> dict[str, Any]:
    was = desk.ledger.payload(earlier.payload) if earlier and earlier.payload else None
    now = desk.ledger.payload(delivery.payload) if delivery.payload else b""
    return {
        "type": delivery.type,
        "endpoint": delivery.endpoint,
        "verdict": verdict,
        "state": None,
        "message_id": earlier.id if earlier else delivery.id if verdict == "on_record" else None,
        "control_numbers": _control_numbers(delivery, earlier),
        "differences": [] if was is None else differences(was, now),
    }


def _control_numbers(delivery: Message, earlier: Message | None) -> str:
    """Which interchange control number goes out."""
    number = delivery.facts.get("isa13")
    if not number:
        return ""
    was = earlier.facts.get("isa13") if earlier else None
    if was is None:
        return f"{number}"
    return f"{number}, as before" if was == number else f"the next one, in place of {was}"


def _read_differently(desk: Desk, message: Message, readings: Iterable[Message]) -> list[dict[str, Any]]:
    """Between what was read of a document then and what is read of it now."""
    if message.reading is None:
        return []
    for after in readings:
        if after.kind is Kind.DOCUMENT and after.reading and after.reading != message.reading:
            return differences(desk.ledger.payload(message.reading), desk.ledger.payload(after.reading))
    return []
