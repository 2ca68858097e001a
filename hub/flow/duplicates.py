"""What came under a number that its partner used before, and what is agreed with the partner about that (P2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hub.contracts.partner import Duplicates, Partner
from hub.errors import KeyConflict
from hub.ledger import Change
from hub.ledger.message import Message
from hub.problem import Problem
from hub.x12.problems import found

__all__ = ["Repeat", "Scope", "repeat_of"]

Scope = Literal["interchange", "group", "document"]
DAY = 86_400.0
_KEYS: Mapping[Scope, str] = {"interchange": "isa13", "group": "gs06", "document": "st02"}
_PROBLEMS: Mapping[Scope, str] = {
    "interchange": "interchange_repeats",
    "group": "group_repeats",
    "document": "document_repeats",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """``original``: the message that brought the number first. ``same``: with the same content."""

    scope: Scope
    number: str
    policy: Duplicates
    original: str
    same: bool

    @property
    def sentence(self) -> str:
        content = "unchanged" if self.same else "with other content"
        return f"{self.scope.capitalize()} {self.number} came before, {content}, as message {self.original}."

    def problem(self, scope: Scope | None = None) -> Problem:
        """As its sender is told it, of itself or of a document in it."""
        fix = "Use a new control number for new content; what came first counts."
        return found(_PROBLEMS[scope or self.scope], self.sentence, fix=fix, severity="error")

    def conflict(self, partner: Partner) -> KeyConflict:
        """As a person is told it, who decides."""
        return KeyConflict(
            f"{partner.name} used {self.scope} control number {self.number} before. {self.sentence}",
            fix="Ask the partner which one counts. Replay this one to take it, or close it with the reason.",
            original=self.original,
        )


def repeat_of(
    change: Change, message: Message, partner: Partner, scope: Scope, key: str, number: str, fingerprint: str
) -> Repeat | None:
    """Takes the number for this file; what it repeats, where it was taken. A replay repeats nothing.

    Other content under the same number is never passed over: ``ignore`` then holds.
    """
    agreed = partner.x12.duplicates
    policy: Duplicates = getattr(agreed, scope)
    if policy == "off" or message.replay_of or message.facts.get("replayed"):
        return None
    since = None if agreed.window_days is None else change.now - agreed.window_days * DAY
    taken = change.take_key(_KEYS[scope], f"{partner.id}:{key}", fingerprint, message.id, since=since)
    if taken.existing_message_id is None:
        return None
    if policy == "ignore" and not taken.same_fingerprint:
        policy = "hold"
    return Repeat(
        scope=scope, number=number, policy=policy, original=taken.existing_message_id, same=taken.same_fingerprint
    )
