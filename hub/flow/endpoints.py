"""What is kept to at endpoints: limits on record, maintenance windows, and deadlines of what waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from hub.clock import utc
from hub.flow.desk import Desk
from hub.ledger import Change, Move
from hub.ledger.message import Message, State

__all__ = ["MAINTENANCE", "away", "give_up_overdue", "overdue", "put_on_record"]

MAINTENANCE = "maintenance"
"""The cause of a pause that the settings ask for."""
GIVEN_UP_AT_ONCE = 200
HOUR = 3_600.0


def put_on_record(desk: Desk) -> None:
    """The settings' limits into the ledger, where every worker's claims see them; asked for when a hub starts."""
    known = {endpoint.name: endpoint for endpoint in desk.ledger.endpoints()}
    now = desk.ledger.now()

    def work(change: Change) -> None:
        for name in sorted({*known, *_named(desk)}):
            wanted, there = desk.settings.endpoint(name), known.get(name)
            limits = (wanted.max_concurrent, wanted.per_second, wanted.burst)
            if limits != ((there.max_concurrent, there.per_second, there.burst) if there else (None, None, None)):
                change.set_endpoint_limits(name, max_concurrent=limits[0], per_second=limits[1], burst=limits[2])
            if there is not None and there.cause == MAINTENANCE and wanted.away_until(now) is None:
                change.resume_endpoint(name)

    desk.ledger.write(work)


def away(desk: Desk, endpoint: str | None) -> bool:
    """Whether an endpoint is within a maintenance window; then its row says until when, for people and for claims.

    None: all that have windows are looked at, for a claim that takes whatever is due.
    """
    names = _named(desk) if endpoint is None else (endpoint,)
    found = [_away(desk, name) for name in names if desk.settings.endpoint(name).maintenance]
    return endpoint is not None and any(found)


def overdue(desk: Desk, message: Message, now: float) -> str:
    """Why a delivery is not sent any more; empty while it may still be, and where a person had it sent again."""
    if message.facts.get("replayed"):
        return ""
    ends = [message.facts["give_up_at"]] if "give_up_at" in message.facts else []
    hours = desk.settings.endpoint(message.endpoint).give_up_after_hours
    if hours is not None:
        ends.append(message.created_at + hours * HOUR)
    if not ends or now < min(ends):
        return ""
    return f"It had to be at {message.endpoint} by {_words(utc(min(ends)))}; it is not sent any more."


def give_up_overdue(desk: Desk, endpoint: str) -> None:
    """Deliveries that wait for an endpoint beyond their deadline are dead; the others go on waiting."""
    if not _has_deadlines(desk, endpoint):
        return

    def work(change: Change) -> None:
        parked = change.parked(endpoint, limit=GIVEN_UP_AT_ONCE)
        found = [(message, overdue(desk, message, change.now)) for message in parked]
        change.move_many([_given_up(message, why) for message, why in found if why], actor="hub")

    desk.ledger.write(work)


def _given_up(message: Message, why: str) -> Move:
    return Move(message=message, state=State.DEAD, event="gave_up", cause="deadline", detail=why)


def _has_deadlines(desk: Desk, endpoint: str) -> bool:
    routed = any(entry.give_up_after_hours for route in desk.routes.values() for entry in route.deliver)
    return routed or desk.settings.endpoint(endpoint).give_up_after_hours is not None


def _named(desk: Desk) -> Sequence[str]:
    """Endpoints of which the settings say something; a channel stands for those of its partners."""

    def names() -> Iterator[str]:
        for name in desk.settings.endpoints:
            yield name
            yield from (f"{name}/{partner.id}" for partner in desk.partners.values() if partner.channel == name)

    return sorted(set(names()))


def _away(desk: Desk, endpoint: str) -> bool:
    now = desk.ledger.now()
    until = desk.settings.endpoint(endpoint).away_until(now)
    if until is None:
        return False
    noted = desk.ledger.endpoint(endpoint).open_until
    if noted is None or noted < until:
        detail = f"Maintenance until {_words(utc(until))}, as hub.toml says."
        desk.ledger.write(lambda change: change.pause_endpoint(endpoint, until, cause=MAINTENANCE, detail=detail))
    return True


def _words(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
