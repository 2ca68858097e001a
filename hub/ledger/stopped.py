"""Messages that stopped, as a queue of work: grouped by cause, with what people said of each group.

A group is not stored: it is what the messages that stand there have alike. It is gone when they are, and what people
said of it is still there when the same cause comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from hub.errors import NotFound
from hub.ledger.chain import printable
from hub.ledger.fingerprint import cause_in_general, fingerprint
from hub.ledger.message import Kind, Message, State
from hub.ledger.rows import SELECT_MESSAGE, to_message
from hub.ledger.transaction import Database, Row, Transaction
from hub.ledger.unit import Unit

__all__ = ["GroupStep", "StoppedGroup", "StoppedGroups", "StoppedReading", "group_of"]

_AT_ONCE = 1000
_COUNTED = (
    "SELECT kind, type, endpoint, cause, detail, partner, count(*), min(changed_at), max(changed_at), min(id), state"
    " FROM message WHERE state IN ('held','rejected','dead') AND state=?"
    " GROUP BY kind, type, endpoint, cause, detail, partner, state"
)
_PAGE = SELECT_MESSAGE + " WHERE state IN ('held','rejected','dead') AND state=? AND id>? ORDER BY id LIMIT ?"
_SAID = "SELECT fingerprint, owner, note, snoozed_until FROM stopped_group"
_STEPS = "SELECT at, actor, what, detail FROM stopped_group_step WHERE fingerprint=? ORDER BY id"
_ADD = "INSERT INTO stopped_group (fingerprint, changed_at, changed_by) VALUES (?,?,?) ON CONFLICT DO NOTHING"
_ADD_STEP = "INSERT INTO stopped_group_step (fingerprint, at, actor, what, detail) VALUES (?,?,?,?,?)"
_CHANGE = {
    name: f"UPDATE stopped_group SET {name}=?, changed_at=?, changed_by=? WHERE fingerprint=?"  # noqa: S608 - names of columns
    for name in ("owner", "note", "snoozed_until")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedGroup:
    """Messages that stopped for one cause. Times are seconds since 1970 UTC.

    ``general``: the sentence without what differs; ``example``: that of one of them. ``snoozed_until``: nobody wants to
    be told of it before.
    """

    id: str
    state: State
    kind: Kind
    type: str
    endpoint: str
    cause: str
    general: str
    example: str
    example_id: str
    partners: tuple[str, ...]
    count: int
    first_seen: float
    last_seen: float
    owner: str = ""
    note: str = ""
    snoozed_until: float | None = None


@dataclass(frozen=True, slots=True)
class GroupStep:
    """Something a person did about a group."""

    at: float
    actor: str
    what: str
    detail: str


def group_of(message: Message) -> str:
    """The group that a message which stopped belongs to."""
    return fingerprint(message.kind.value, message.type, message.endpoint, message.cause, message.detail)


class StoppedReading:
    """The part of a ledger that reads what stopped."""

    _database: Database

    def stopped_groups(self, states: Collection[State] = (State.DEAD,)) -> list[StoppedGroup]:
        """The groups of all messages in these states, largest first. They never expire."""
        with self._database.snapshot() as db:
            rows = [row for state in sorted(states) for row in db.rows(_COUNTED, (state.value,))]
            said = {row[0]: row[1:] for row in db.rows(_SAID)}
        found: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            found.setdefault((fingerprint(*row[:5]), row[10]), []).append(row)
        groups = [_group(mark, alike, said.get(mark)) for (mark, _), alike in found.items()]
        return sorted(groups, key=lambda group: (-group.count, group.first_seen, group.id))

    def stopped_group(
        self, group: str, states: Collection[State] = (State.HELD, State.REJECTED, State.DEAD)
    ) -> StoppedGroup:
        """One group. NotFound when no message is in it."""
        for found in self.stopped_groups(states):
            if found.id == group:
                return found
        raise NotFound(f"There is no group {group}.", fix="`crossdock dead --group` lists them.")

    def stopped(
        self, states: Collection[State] = (State.DEAD,), *, group: str = "", after: str = ""
    ) -> Iterator[Message]:
        """The messages in these states, or of one group, oldest first within each state; memory stays bounded."""
        for state in sorted(states):
            position = after
            while True:
                with self._database.read() as db:
                    page = [to_message(row) for row in db.rows(_PAGE, (state.value, position, _AT_ONCE))]
                yield from (message for message in page if not group or group_of(message) == group)
                if len(page) < _AT_ONCE:
                    break
                position = page[-1].id

    def group_steps(self, group: str) -> list[GroupStep]:
        """What people did about a group, oldest first."""
        with self._database.read() as db:
            return [GroupStep(*row) for row in db.rows(_STEPS, (group,))]


class StoppedGroups:
    """The part of a change that deals with groups of stopped messages."""

    _unit: Unit

    def assign_group(self, group: str, owner: str, *, actor: str) -> None:
        """Someone looks after it; an empty ``owner`` gives it back."""
        self._say(group, "owner", printable(owner), actor, "assigned" if owner else "given back", owner)

    def note_group(self, group: str, note: str, *, actor: str) -> None:
        """What is known of it; the newest note is shown, all stay in its history."""
        self._say(group, "note", printable(note), actor, "noted", note)

    def snooze_group(self, group: str, until: float | None, *, actor: str, detail: str = "") -> None:
        """It is not listed before ``until``; None wakes it at once. Its messages stay where they are."""
        what = "woken" if until is None else "snoozed"
        self._say(group, "snoozed_until", None if until is None else float(until), actor, what, detail)

    def _say(self, group: str, name: str, value: str | float | None, actor: str, what: str, detail: str) -> None:
        db: Transaction = self._unit.db
        actor, now = printable(actor), self._unit.now
        db.run(_ADD, (group, now, actor))
        db.run(_CHANGE[name], (value, now, actor, group))
        db.run(_ADD_STEP, (group, now, actor, what, printable(detail)))


def _group(mark: str, rows: list[Row], said: Row | None) -> StoppedGroup:
    first = min(rows, key=lambda row: (row[7], row[9]))
    owner, note, snoozed_until = said or ("", "", None)
    return StoppedGroup(
        id=mark,
        state=State(first[10]),
        kind=Kind(first[0]),
        type=first[1],
        endpoint=first[2],
        cause=first[3],
        general=cause_in_general(first[4]),
        example=first[4],
        example_id=first[9],
        partners=tuple(sorted({row[5] for row in rows})),
        count=sum(row[6] for row in rows),
        first_seen=first[7],
        last_seen=max(row[8] for row in rows),
        owner=owner,
        note=note,
        snoozed_until=snoozed_until,
    )
