"""What a hint sets off: claim what is due in a stage, work on it, until nothing is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hub.errors import Broken
from hub.flow.delivery import deliver
from hub.flow.desk import Desk
from hub.flow.document import process
from hub.flow.interchange import take_apart
from hub.flow.settle import settle
from hub.ledger.message import Kind, Message

__all__ = ["run"]

BATCH = {Kind.INTERCHANGE: 4, Kind.DOCUMENT: 20, Kind.DELIVERY: 10}
"""Messages claimed at once. A claim's lease must outlast the work on all of them."""

_STAGES: dict[Kind, Callable[[Desk, Message], None]] = {
    Kind.INTERCHANGE: take_apart,
    Kind.DOCUMENT: process,
    Kind.DELIVERY: deliver,
}


def run(desk: Desk, stage: str) -> int:
    """Work off a stage: ``interchange``, ``document``, ``delivery:<endpoint>`` or ``solo``; the messages worked on."""
    if stage == "solo":
        return sum(_drain(desk, kind, solo=True) for kind in Kind)
    kind, _, endpoint = stage.partition(":")
    return _drain(desk, Kind(kind), endpoint=endpoint or None)


def _drain(desk: Desk, kind: Kind, *, endpoint: str | None = None, solo: bool = False) -> int:
    done = 0
    while True:
        claimed = desk.ledger.claim(
            kind,
            1 if solo else BATCH[kind],
            lease_seconds=desk.settings.timing.lease_seconds,
            owner=desk.ledger.owner(f"thread-{threading.get_ident()}"),
            solo=solo,
            endpoint=endpoint,
        )
        _work_all(desk, claimed)
        done += len(claimed)
        if not claimed:
            return done


def _work_all(desk: Desk, claimed: list[Message]) -> None:
    """One after the other; the leases of those that wait are renewed while a far end is slow."""
    lease = desk.settings.timing.lease_seconds
    renewed = time.monotonic()
    for position, message in enumerate(claimed):
        if time.monotonic() - renewed > lease / 4:
            desk.ledger.renew(claimed[position:], lease)
            renewed = time.monotonic()
        _work(desk, message)


def _work(desk: Desk, message: Message) -> None:
    """One message; an exception that nobody foresaw stops this message and no other (P4)."""
    try:
        _STAGES[message.kind](desk, message)
    except Exception as error:  # noqa: BLE001 — whatever a bug raises, the message must come to rest with its reason
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_qualname}:{where.tb_lineno}" if where else ""
        broken = Broken(f"{type(error).__name__} in {place}", fix="Report this; then replay the message.")
        settle(desk, message, broken, attempts_max=1)
