"""What a replay of one message means: by its kind, the stage to begin at, and which mapping counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from hub.errors import KeyConflict, Misconfigured
from hub.ledger.message import Kind, Message, State

__all__ = ["REPLAYABLE", "SENTENCES", "How", "Way", "is_new_effect", "refusal", "way_of"]

REPLAYABLE = frozenset({State.HELD, State.REJECTED, State.DEAD})


class Way(StrEnum):
    """One way of taking a message up again."""

    TAKE_APART = "take_apart"
    REREAD = "reread"
    REPROCESS = "reprocess"
    REWRITE = "rewrite"
    RESEND = "resend"


SENTENCES: Mapping[Way, str] = {
    Way.TAKE_APART: "take the file apart again, control numbers used before notwithstanding",
    Way.REREAD: "read it again with the mapping of today, pass its gates, and do what follows",
    Way.REPROCESS: "keep what was read of it, pass its gates again, and do what follows",
    Way.REWRITE: "write it anew with the mapping of today, in place of this one",
    Way.RESEND: "look for it at {endpoint}, and deliver it there if it is not there",
}

Stage = Literal["", "read", "process", "deliver"]
MappingChoice = Literal["", "original", "current"]
Numbers = Literal["", "same", "new"]

_WAYS: Mapping[tuple[Kind, str, str], Way] = {
    (Kind.INTERCHANGE, "read", "current"): Way.TAKE_APART,
    (Kind.DOCUMENT, "read", "current"): Way.REREAD,
    (Kind.DOCUMENT, "process", "original"): Way.REPROCESS,
    (Kind.DOCUMENT, "process", "current"): Way.REREAD,
    (Kind.DELIVERY, "process", "current"): Way.REWRITE,
    (Kind.DELIVERY, "deliver", "current"): Way.REWRITE,
    (Kind.DELIVERY, "process", "original"): Way.RESEND,
    (Kind.DELIVERY, "deliver", "original"): Way.RESEND,
}
_STAGE_OF_ITS_OWN: Mapping[Kind, str] = {
    Kind.INTERCHANGE: "read",
    Kind.DOCUMENT: "read",
    Kind.DELIVERY: "deliver",
}
_MAPPING_OF_STAGE: Mapping[tuple[Kind, str], str] = {
    (Kind.INTERCHANGE, "read"): "current",
    (Kind.DOCUMENT, "read"): "current",
    (Kind.DOCUMENT, "process"): "original",
    (Kind.DELIVERY, "process"): "current",
    (Kind.DELIVERY, "deliver"): "original",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How messages are replayed.

    ``stage``: where to begin; empty is where the message stopped. ``mapping``: ``original`` keeps what was read or
    written then, ``current`` reads or writes anew. ``fields``: canonical path -> new value, as text or JSON.
    ``rule``: one change to all that match, see `hub.flow.x12_rule`. ``again``: a delivery that arrived, or is held
    because other content arrived under its key, is sent as a new effect; a file that was taken apart is taken apart
    once more, and what came of it before is known.
    ``numbers``: the control numbers under which X12 goes out: ``same`` as then, ``new`` ones of the partner's; empty is
    the same for bytes that stay and new ones for what is written anew.
    """

    stage: Stage = ""
    mapping: MappingChoice = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    rule: str = ""
    again: bool = False
    numbers: Numbers = ""

    def __post_init__(self) -> None:
        if self.stage not in {"", "read", "process", "deliver"}:
            raise Misconfigured(f"{self.stage!r} is no stage.", fix="Use read, process or deliver.")
        if self.mapping not in {"", "original", "current"}:
            raise Misconfigured(f"{self.mapping!r} is no choice of mapping.", fix="Use original or current.")
        if self.numbers not in {"", "same", "new"}:
            raise Misconfigured(f"{self.numbers!r} is no choice of control numbers.", fix="Use same or new.")
        if self.fields and self.rule:
            raise Misconfigured("A replay is edited by fields or by a rule, not both.", fix="Replay twice.")

    @property
    def edits(self) -> bool:
        return bool(self.fields or self.rule)

    def as_json(self) -> dict[str, Any]:
        """For the ledger; `How(**value)` is the way back."""
        value: dict[str, Any] = {"stage": self.stage, "mapping": self.mapping, "rule": self.rule}
        value |= {"fields": dict(self.fields), "again": self.again, "numbers": self.numbers}
        return {name: entry for name, entry in value.items() if entry}


def way_of(message: Message, how: How) -> Way | None:
    """The way, or None where kind, stage and mapping do not fit together."""
    kind = message.kind
    stage, mapping = how.stage, how.mapping
    if not stage:
        stage = "process" if kind is Kind.DOCUMENT and (mapping == "original" or _only_reading(message, how)) else ""
    stage = stage or _STAGE_OF_ITS_OWN[kind]  # type: ignore[assignment]  # the table's words are stages
    return _WAYS.get((kind, stage, mapping or _MAPPING_OF_STAGE.get((kind, stage), "")))


def _only_reading(message: Message, how: How) -> bool:
    """Its reading is what is edited, or all there is of it."""
    return bool(how.fields) or message.payload is None


def is_new_effect(message: Message, how: How) -> bool:
    """Whether a delivery goes out as something that the far end has not seen, though its effect took place."""
    if message.kind is not Kind.DELIVERY or not how.again:
        return False
    return message.state is State.DELIVERED or (message.state is State.HELD and message.cause == KeyConflict.slug)


def refusal(message: Message, how: How, children: Sequence[Message] = (), *, edited: bool = False) -> str:
    """Why it cannot be replayed like that; empty where it can. ``edited``: its bytes are given."""
    if edited and (how.edits or how.stage or how.mapping):
        return "nothing: the bytes are given; leave out --set, --rule, --from and --mapping, or replay twice"
    if edited and message.payload is None:
        return "nothing: it was made here and never came as bytes; use --set"
    if how.again and message.kind is not Kind.DOCUMENT and message.state is State.DELIVERED:
        return "" if way_of(message, how) else f"nothing: {_misfit(message, how, children)}"
    if message.state not in REPLAYABLE:
        return f"nothing: it is {message.state}, and only held, rejected and dead messages are replayed"
    way = way_of(message, how)
    if way is None:
        return f"nothing: {_misfit(message, how, children)}"
    if way is Way.REPROCESS and how.rule and message.payload is not None:
        return "nothing: a rule changes its bytes, which are then read; leave out --from and --mapping"
    if way is Way.REPROCESS and message.reading is None and message.payload is not None:
        return "nothing: nothing was read of it then; leave out --from, --mapping and --set to read it again"
    if way is Way.REREAD and message.payload is None:
        return "nothing: it was made here and never came as bytes; use --from process"
    return ""


def _misfit(message: Message, how: How, children: Sequence[Message]) -> str:
    if message.kind is Kind.DELIVERY:
        return f"a delivery is not read; replay the document it came of, {message.parent}"
    if message.kind is Kind.INTERCHANGE:
        return "a file is taken apart and read; for what follows, replay its documents"
    if how.stage == "deliver":
        stopped = [child.id for child in children if child.kind is Kind.DELIVERY and child.state in REPLAYABLE]
        return f"a document is not delivered itself; its deliveries that stopped: {', '.join(stopped) or 'none'}"
    return "to read it means with the mapping of today; what was read then is kept by --from process"
