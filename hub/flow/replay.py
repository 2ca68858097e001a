"""Replay: a message at rest is worked on again, edited or not; the original is kept and linked (P6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.errors import KeyConflict
from hub.flow.desk import Desk
from hub.ledger import Change
from hub.ledger.message import Kind, Message, NewMessage, State

__all__ = ["close", "plan", "run"]

REPLAYABLE = frozenset({State.HELD, State.REJECTED, State.DEAD})


def plan(desk: Desk, ids: Sequence[str], *, edit: bytes | None = None) -> list[dict[str, Any]]:
    """What a replay would do, a line for each message; nothing is changed.

    ``would`` is a sentence; ``possible`` says whether it can be done.
    """
    return [_planned(desk, desk.message(message_id), edit) for message_id in ids]


def run(desk: Desk, ids: Sequence[str], *, edit: bytes | None = None, actor: str, reason: str) -> list[dict[str, Any]]:
    """Replay messages; what changed, a line for each. Those that cannot be replayed say why and stay as they are.

    A delivery keeps its key, so that what arrived before is found and not sent twice. ``edit``: new bytes for a single
    message; the original is closed and linked.
    """
    if edit is not None and len(ids) != 1:
        raise KeyConflict("An edit replaces one message.", fix="Name one message, or replay without --edit.")
    done = []
    for message_id in ids:
        message = desk.message(message_id)
        line = _planned(desk, message, edit)
        if line["possible"]:
            new_id = _replace(desk, message, edit, actor, reason) if edit else _again(desk, message, actor, reason)
            line = {**line, "message_id": new_id, "replayed": True}
            desk.hint(f"delivery:{message.endpoint}" if message.kind is Kind.DELIVERY else message.kind.value)
        done.append(line)
    return done


def close(desk: Desk, message_id: str, *, actor: str, reason: str) -> Message:
    """Say that nothing more follows from a message. Raises KeyConflict where it is in flight or done already."""
    return desk.ledger.write(
        lambda change: change.move(
            message_id, REPLAYABLE, State.ANSWERED, event="closed", actor=actor, cause="closed", detail=reason
        )
    )


def _planned(desk: Desk, message: Message, edit: bytes | None) -> dict[str, Any]:
    possible = message.state in REPLAYABLE
    if not possible:
        would = f"nothing: it is {message.state}, and only held, rejected and dead messages are replayed"
    elif message.kind is Kind.DELIVERY:
        would = f"look for it at {message.endpoint}, and deliver it there if it is not there"
    elif message.kind is Kind.DOCUMENT:
        would = "read it again with the mapping of today, pass its gates, and do what follows"
    else:
        would = "take the file apart again, control numbers used before notwithstanding"
    if edit is not None and possible:
        was = len(desk.ledger.payload(message.payload)) if message.payload else 0
        would += f", with the {len(edit)} edited bytes in place of {was}; this message is closed and linked"
    return {
        "id": message.id,
        "kind": message.kind.value,
        "type": message.type,
        "partner": message.partner,
        "from": message.state.value,
        "to": State.RECEIVED.value if possible else message.state.value,
        "possible": possible,
        "would": would,
        "message_id": message.id,
        "replayed": False,
    }


def _again(desk: Desk, message: Message, actor: str, reason: str) -> str:
    facts = {"replayed": True, "reread": message.kind is Kind.DOCUMENT and message.payload is not None}
    desk.ledger.write(
        lambda change: change.move(
            message.id, REPLAYABLE, State.RECEIVED, event="replayed", actor=actor, detail=reason, facts=facts
        )
    )
    return message.id


def _replace(desk: Desk, message: Message, edit: bytes, actor: str, reason: str) -> str:
    x12 = message.kind is Kind.DOCUMENT and "isa13" in message.facts
    new = NewMessage(
        id=desk.ids.new(),
        kind=Kind.INTERCHANGE if x12 else message.kind,
        type="x12" if x12 else message.type,
        partner=message.partner,
        endpoint=message.endpoint,
        payload=desk.ledger.store(edit),
        parent=message.parent,
        replay_of=message.id,
        order_key=None if x12 else message.order_key,
        unique_key=f"{message.unique_key or message.id}#edited:{message.fence}",
        facts={
            **{key: value for key, value in message.facts.items() if key not in {"problems", "error", "unmapped"}},
            "reread": message.kind is Kind.DOCUMENT,
            "effect_key": message.facts.get("effect_key") or message.unique_key or message.id,
            "edited_by": actor,
        },
    )

    def work(change: Change) -> None:
        change.move(
            message.id,
            REPLAYABLE,
            State.ANSWERED,
            event="replaced",
            actor=actor,
            cause="replaced",
            detail=reason,
            facts={"replaced_by": new.id},
        )
        change.insert(new, actor=actor)

    desk.ledger.write(work)
    return new.id
