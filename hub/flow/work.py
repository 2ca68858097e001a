"""What a hint sets off: claim what is due in a stage, and work on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from hub.flow import replay_job
from hub.flow.delivery import at_once, deliver
from hub.flow.desk import Desk
from hub.flow.document import process
from hub.flow.endpoints import away
from hub.flow.interchange import take_apart
from hub.flow.leases import in_hand
from hub.ledger.message import Kind, Message

__all__ = ["run"]

BATCH = {Kind.INTERCHANGE: 8, Kind.DOCUMENT: 40, Kind.DELIVERY: 1}
"""Messages claimed at once; deliveries as their sink allows."""

_STAGES: dict[Kind, Callable[[Desk, Sequence[Message]], None]] = {
    Kind.INTERCHANGE: take_apart,
    Kind.DOCUMENT: process,
    Kind.DELIVERY: deliver,
}


def run(desk: Desk, stage: str) -> int:
    """Work on one batch of a stage: ``interchange``, ``document``, ``delivery:<endpoint>``, ``replay`` or ``solo``.

    Returns how many messages it worked on; 0 when nothing was due. The queue calls again, or lets others go first.
    """
    if stage == "solo":
        return sum(_batch(desk, kind, solo=True) for kind in Kind)
    if stage == "replay":
        return replay_job.work(desk)
    kind, _, endpoint = stage.partition(":")
    return _batch(desk, Kind(kind), endpoint=endpoint or None)


def _batch(desk: Desk, kind: Kind, *, endpoint: str | None = None, solo: bool = False) -> int:
    if kind is Kind.DELIVERY and away(desk, endpoint):
        return 0
    claimed = desk.ledger.claim(
        kind,
        _at_once(desk, kind, endpoint, solo=solo),
        lease_seconds=desk.settings.timing.lease_seconds,
        owner=desk.ledger.owner(f"thread-{threading.get_ident()}"),
        solo=solo,
        endpoint=endpoint,
    )
    if claimed:
        with in_hand(desk, claimed):
            _STAGES[kind](desk, claimed)
    return len(claimed)


def _at_once(desk: Desk, kind: Kind, endpoint: str | None, *, solo: bool) -> int:
    if solo:
        return 1
    return at_once(desk, endpoint) if endpoint else BATCH[kind]
