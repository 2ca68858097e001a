"""A file with several interchanges becomes one message for each: a bad one does not stop its neighbours (P4)."""

from __future__ import annotations

from itertools import pairwise

from hub.flow.desk import Desk
from hub.ledger import Change
from hub.ledger.message import Kind, Message, NewMessage, State
from hub.x12 import read
from hub.x12.document import Interchange

__all__ = ["split"]


def split(desk: Desk, message: Message, data: bytes) -> bool:
    """Put each interchange of a file on record as a message of its own; False where it holds at most one.

    What stands before the first and after the last goes with them, so that no byte is lost.
    """
    starts = _starts(data)
    if len(starts) < 2:
        return False
    bounds = [0, *starts[1:], len(data)]
    parts = [
        NewMessage(
            id=desk.ids.new(),
            kind=Kind.INTERCHANGE,
            type=message.type,
            partner=message.partner,
            endpoint=message.endpoint,
            payload=desk.ledger.store(data[start:end]),
            parent=message.id,
            unique_key=f"part:{message.id}:{start}",
            facts={**message.facts, "part": number, "offset": start},
        )
        for number, (start, end) in enumerate(pairwise(bounds), 1)
    ]

    def work(change: Change) -> None:
        change.insert_many(parts)
        change.finish(message, State.DELIVERED, event="split", facts={"parts": len(parts)})

    desk.ledger.write(work)
    desk.hint(Kind.INTERCHANGE.value)
    return True


def _starts(data: bytes) -> list[int]:
    """Where interchanges begin. Most files hold one: then nothing is read for it."""
    if data.count(b"ISA") < 2:
        return []
    found: dict[int, None] = {}
    for event in read(data):
        if isinstance(event, Interchange):
            found[event.offset] = None
    return list(found)
