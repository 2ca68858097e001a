"""Which messages a replay of many takes, in words: ``state``, ``kind``, ``cause``, ``group`` and so on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.errors import Misconfigured
from hub.flow.replay_way import REPLAYABLE
from hub.ledger import Filter, Ledger, group_of
from hub.ledger.message import Kind, Message, State

__all__ = ["NAMES", "Selection"]

NAMES = ("state", "kind", "type", "partner", "endpoint", "cause", "group", "since", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Empty fields do not restrict. ``since``, ``until``: seconds since 1970, of the message's arrival.

    Without ``states`` all that stopped are meant. ``delivered`` is for deliveries that are to be sent once more.
    """

    states: frozenset[State] = frozenset()
    kind: Kind | None = None
    type: str = ""
    partner: str = ""
    endpoint: str = ""
    cause: str = ""
    group: str = ""
    since: float | None = None
    until: float | None = None

    def ids(self, ledger: Ledger) -> Iterator[str]:
        """The messages that match now, in no order that counts. Raises Misconfigured where nothing narrows them."""
        states = self.states or REPLAYABLE
        if self == Selection():
            raise Misconfigured("That would be everything that stopped.", fix="Say at least --where state=dead.")
        for message in ledger.stopped(states & REPLAYABLE, group=self.group):
            if self._takes(message):
                yield message.id
        for state in states - REPLAYABLE:
            yield from self._others(ledger, state)

    def as_json(self) -> dict[str, Any]:
        """For people who look at the job."""
        words = {"state": ",".join(sorted(self.states)), "kind": self.kind.value if self.kind else ""}
        fields = {name: getattr(self, name) for name in NAMES[2:]}
        return {name: value for name, value in {**words, **fields}.items() if value not in {"", None}}

    def _takes(self, message: Message) -> bool:
        named: Mapping[str, str] = {name: getattr(self, name) for name in ("type", "partner", "endpoint", "cause")}
        return (
            all(not wanted or getattr(message, name) == wanted for name, wanted in named.items())
            and (self.kind is None or message.kind is self.kind)
            and (self.since is None or message.created_at >= self.since)
            and (self.until is None or message.created_at < self.until)
            and (not self.group or group_of(message) == self.group)
        )

    def _others(self, ledger: Ledger, state: State) -> Iterator[str]:
        chosen = Filter(
            states=frozenset({state}), kind=self.kind, type=self.type, partner=self.partner, endpoint=self.endpoint,
            cause=self.cause, created_from=self.since, created_until=self.until,
        )  # fmt: skip
        cursor: str | None = None
        while True:
            page = ledger.messages(chosen, limit=1000, cursor=cursor)
            yield from (message.id for message in page.items if not self.group)
            cursor = page.cursor
            if cursor is None:
                return
