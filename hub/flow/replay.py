"""Replay: a message at rest is worked on again, edited or not; the original is kept and linked (P6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.errors import BadDocument, CrossdockError, KeyConflict
from hub.flow.desk import Desk
from hub.flow.replay_edit import Replacement, replacement
from hub.flow.replay_way import REPLAYABLE, SENTENCES, How, Way, is_new_effect, refusal, way_of
from hub.flow.rewrite import expect_acknowledgment, facts_without_trouble
from hub.ledger import Change, Move
from hub.ledger.message import Kind, Message, NewMessage, State

__all__ = ["Done", "How", "carry_out", "close", "plan", "planned", "run", "skip", "stage_of"]

AS_IT_IS = How()


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one message. ``message_id``: the one that goes on; ``refused``: why nothing was done."""

    message: Message
    message_id: str
    refused: str = ""


def plan(desk: Desk, ids: Sequence[str], *, edit: bytes | None = None, how: How = AS_IT_IS) -> list[dict[str, Any]]:
    """What a replay would do, a line for each message; nothing is changed.

    ``would`` is a sentence; ``possible`` says whether it can be done. `hub.flow.rehearsal` says more.
    """
    return [planned(desk, desk.message(message_id), how, edit) for message_id in ids]


def run(
    desk: Desk, ids: Sequence[str], *, edit: bytes | None = None, how: How = AS_IT_IS, actor: str, reason: str
) -> list[dict[str, Any]]:
    """Replay messages; what changed, a line for each. Those that cannot be replayed say why and stay as they are.

    A delivery keeps its key, so that what arrived before is found and not sent twice. ``edit``: new bytes for a single
    message; the original is closed and linked. Raises KeyConflict for an edit of several, and NotFound before anything
    is done where one of them is not there.
    """
    if edit is not None and len(ids) != 1:
        raise KeyConflict("An edit replaces one message.", fix="Name one message, or replay without --edit.")
    for message_id in ids:
        desk.message(message_id)
    lines = []
    for message_id in ids:
        line = planned(desk, desk.message(message_id), how, edit)
        if line["possible"]:
            line = _run_one(desk, line, edit, how, actor, reason)
        lines.append(line)
    return lines


def close(desk: Desk, message_id: str, *, actor: str, reason: str) -> Message:
    """Say that nothing more follows from a message. Raises KeyConflict where it is in flight or done already."""
    return desk.ledger.write(
        lambda change: change.move(
            message_id, REPLAYABLE, State.ANSWERED, event="closed", actor=actor, cause="closed", detail=reason
        )
    )


def skip(desk: Desk, message_id: str, *, actor: str, reason: str) -> Message:
    """Those behind a message that stopped go on without it. Raises KeyConflict where nothing has to wait for it."""
    skipped = desk.ledger.write(lambda change: change.skip(message_id, actor=actor, reason=reason))
    desk.hint(stage_of(skipped))
    return skipped


def carry_out(
    desk: Desk,
    change: Change,
    ids: Sequence[str],
    how: How,
    *,
    edit: bytes | None = None,
    actor: str,
    reason: str,
    facts: Mapping[str, Any] | None = None,
) -> list[Done]:
    """Replay messages within a change; what became of each. Raises what stops one of them, and then nothing happens.

    ``facts`` go on record with each.
    """
    present = change.messages(ids)
    away = _away(desk, present.values())
    moves: list[Move] = []
    done: list[Done] = []
    for message_id in ids:
        message = present.get(message_id) or desk.message(message_id)
        children = desk.ledger.children(message_id) if how.stage == "deliver" else ()
        refused = refusal(message, how, children) or away.get(message_id, "")
        if refused:
            done.append(Done(message, message_id, refused))
            continue
        new = _new_message(desk, change, message, how, edit, actor)
        if new is None:
            moves.append(_again(message, how, reason, facts or {}))
        elif message.state is State.DELIVERED:
            change.event(message_id, "sent_again", actor, {**(facts or {}), "as": new.id, "reason": reason})
        else:
            moves.append(_replaced(message, new.id, reason, facts or {}))
        done.append(Done(message, new.id if new else message_id))
    change.move_many(moves, actor=actor)
    return done


def stage_of(message: Message) -> str:
    """The stage of the queue that goes on with a replayed message."""
    return f"delivery:{message.endpoint}" if message.kind is Kind.DELIVERY else message.kind.value


def planned(desk: Desk, message: Message, how: How, edit: bytes | None = None) -> dict[str, Any]:
    """One line of `plan`."""
    children = desk.ledger.children(message.id) if how.stage == "deliver" else ()
    refused = refusal(message, how, children, edited=edit is not None) or _away(desk, [message]).get(message.id, "")
    return {
        "id": message.id,
        "kind": message.kind.value,
        "type": message.type,
        "partner": message.partner,
        "from": message.state.value,
        "to": message.state.value if refused else State.RECEIVED.value,
        "possible": not refused,
        "would": refused or _sentence(desk, message, how, edit),
        "message_id": message.id,
        "replayed": False,
    }


def _away(desk: Desk, messages: Iterable[Message]) -> dict[str, str]:
    """By id, why a message cannot be replayed now whose bytes are in the archive, in a file that is not there."""
    wanted = {sha256: message.id for message in messages for sha256 in (message.payload, message.reading) if sha256}
    return {
        wanted[sha256]: f"nothing: it was archived, and {place.path.name} has to be brought back to {place.path.parent}"
        for sha256, place in desk.ledger.archived(*wanted).items()
        if not place.is_there
    }


def _sentence(desk: Desk, message: Message, how: How, edit: bytes | None) -> str:
    way = way_of(message, how)
    would = SENTENCES[way].format(endpoint=message.endpoint) if way else ""
    arrived = is_new_effect(message, how)
    if arrived:
        would = f"send it to {message.endpoint} once more, though it arrived; the far end takes it as something new"
    if arrived and way is Way.REWRITE:
        would += "; written anew with the mapping of today"
    replaced = edit is not None or how.edits or way is Way.REWRITE
    if "isa13" in message.facts and (way is Way.REWRITE or how.fields):
        would += f", under {_numbers(how)}"
    elif "isa13" in message.facts and how.numbers == "new":
        if not replaced and not arrived:
            would = f"send what it holds to {message.endpoint}"
        would, replaced = f"{would}, under new control numbers", True
    if edit is not None:
        was = len(desk.ledger.payload(message.payload)) if message.payload else 0
        would += f", with the {len(edit)} edited bytes in place of {was}"
    if how.fields:
        would += ", with " + ", ".join(f"{path} = {value}" for path, value in how.fields.items())
    if how.rule:
        would += f", after: {how.rule}"
    if (replaced and not arrived) or (arrived and message.state is State.HELD):
        would += "; this message is closed and linked"
    return would


def _numbers(how: How) -> str:
    return "the control numbers of then" if how.numbers == "same" else "new control numbers"


def _run_one(desk: Desk, line: dict[str, Any], edit: bytes | None, how: How, actor: str, reason: str) -> dict[str, Any]:
    def work(change: Change) -> Done:
        (done,) = carry_out(desk, change, [line["id"]], how, edit=edit, actor=actor, reason=reason)
        return done

    try:
        done = desk.ledger.write(work)
    except CrossdockError as error:
        return {**line, "possible": False, "to": line["from"], "would": f"nothing: {error.message}"}
    if done.refused:
        return {**line, "possible": False, "to": line["from"], "would": done.refused}
    new = desk.message(done.message_id)
    desk.hint(stage_of(new))
    return {**line, "message_id": done.message_id, "replayed": True}


def _new_message(
    desk: Desk, change: Change, message: Message, how: How, edit: bytes | None, actor: str
) -> NewMessage | None:
    """The message that takes its place, inserted; None where it goes on itself."""
    found = replacement(desk, change, message, how, edit)
    if is_new_effect(message, how):
        new = _once_more(desk, message, found, actor)
    elif found is None:
        return None
    else:
        new = _in_place(desk, message, found, actor)
    if not change.insert(new, actor=actor):
        raise KeyConflict(f"Message {message.id} was replaced already.", fix=f"`crossdock show {message.id}`")
    if found is not None and found.sent is not None:
        expect_acknowledgment(desk, change, message.partner, found.sent, new)
        if message.state is not State.DELIVERED:
            change.expect_no_answer(message.id)
    return new


def _again(message: Message, how: How, reason: str, facts: Mapping[str, Any]) -> Move:
    noted: dict[str, Any] = {**facts, "replayed": True, "reread": way_of(message, how) is Way.REREAD}
    if message.kind is Kind.DELIVERY and message.state is State.HELD:
        noted["resend"] = True  # a person has decided; where the far end can be asked it still is
    return Move(message=message, state=State.RECEIVED, event="replayed", detail=reason, facts=noted)


def _replaced(message: Message, new_id: str, reason: str, facts: Mapping[str, Any]) -> Move:
    noted = {**facts, "replaced_by": new_id}
    return Move(message=message, state=State.ANSWERED, event="replaced", cause="replaced", detail=reason, facts=noted)


def _in_place(desk: Desk, message: Message, found: Replacement, actor: str) -> NewMessage:
    if found.data is None and found.reading is None:
        raise BadDocument("There is nothing in its place.", fix="Give bytes, fields or a rule.")
    kind = found.kind or message.kind
    return NewMessage(
        id=desk.ids.new(),
        kind=kind,
        type="x12" if kind is not message.kind else message.type,
        partner=message.partner,
        endpoint=message.endpoint,
        payload=message.payload if found.data is None else desk.ledger.store(found.data),
        reading=None if found.reading is None else desk.ledger.store(found.reading),
        parent=message.parent,
        replay_of=message.id,
        order_key=found.order_key,
        order_hold=message.order_hold and kind is message.kind,
        unique_key=f"{message.unique_key or message.id}#edited:{message.fence}",
        facts={**found.facts, "edited_by": actor},
    )


def _once_more(desk: Desk, message: Message, found: Replacement | None, actor: str) -> NewMessage:
    key = f"{message.unique_key or message.id}#again:{desk.ids.new()}"
    known = facts_without_trouble(message) if found is None else found.facts
    facts = {name: value for name, value in known.items() if name != "look_first"}
    return NewMessage(
        id=desk.ids.new(),
        kind=Kind.DELIVERY,
        type=message.type,
        partner=message.partner,
        endpoint=message.endpoint,
        payload=message.payload if found is None or found.data is None else desk.ledger.store(found.data),
        parent=message.parent,
        replay_of=message.id,
        order_key=message.order_key,
        unique_key=key,
        facts={**facts, "effect_key": key, "sent_again_by": actor, "awaited": False},
    )
