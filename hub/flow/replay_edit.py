"""What stands in the place of a message that is replayed edited, or written anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hub.canonical import Canonical
from hub.errors import BadDocument, Held, Misconfigured
from hub.flow.canonical_edit import edited
from hub.flow.desk import Desk
from hub.flow.envelope import Sent
from hub.flow.own_envelope import envelope_of, interchange_delimiters, without_envelope
from hub.flow.place import place_of
from hub.flow.replay_way import How, Way, way_of
from hub.flow.reread import reread
from hub.flow.rewrite import Written, facts_without_trouble, renumbered, sent_in, written_anew
from hub.flow.x12_rule import apply_rule, parse_rule
from hub.ledger import Change
from hub.ledger.message import Kind, Message, State
from hub.x12.document import Delimiters

__all__ = ["Replacement", "replacement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """``data`` None: the bytes stay. ``kind`` None: the kind stays. ``sent``: what it carries, by which a 997 will name
    it."""

    data: bytes | None = None
    reading: bytes | None = None
    kind: Kind | None = None
    order_key: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    sent: Sent | None = None


def replacement(desk: Desk, change: Change, message: Message, how: How, edit: bytes | None) -> Replacement | None:
    """What takes the message's place; None where it goes on itself.

    Raises BadDocument where an edit makes no sense, Held where it cannot be made again.
    """
    if message.kind is Kind.DELIVERY:
        return _delivery(desk, change, message, how, edit)
    if edit is None and how.rule:
        edit = _by_rule(desk, message, how.rule, _bytes(desk, message))
    if edit is not None:
        return _document(desk, message, edit) if message.kind is Kind.DOCUMENT else _file(message, edit)
    return _fields(desk, message, how) if how.fields else None


def _delivery(desk: Desk, change: Change, message: Message, how: How, edit: bytes | None) -> Replacement | None:
    """What goes out in its place: given or written anew, then changed by the rule, then under the numbers wanted."""
    written, own = None, facts_without_trouble(message)
    if edit is not None:
        written = Written(edit, own)
    elif how.fields or way_of(message, how) is Way.REWRITE:
        written = written_anew(desk, change, message, how.fields, same_numbers=how.numbers == "same")
    if how.rule:
        written = written or Written(_bytes(desk, message), own)
        written = replace(written, data=_by_rule(desk, message, how.rule, written.data))
    if how.numbers == "new" and (written is None or written.sent is None):
        data = written.data if written else _bytes(desk, message)
        written = renumbered(desk, change, message, data) or written
    if written is None:
        return None
    sent = written.sent or (sent_in(written.data) if "isa13" in message.facts else None)
    facts = {**written.facts, "effect_key": message.facts.get("effect_key") or message.unique_key or message.id}
    if sent is not None:
        facts["isa13"] = sent.control_number
    return Replacement(data=written.data, sent=sent, order_key=message.order_key, facts=facts)


def _document(desk: Desk, message: Message, data: bytes) -> Replacement:
    """A document with a place in its order keeps it, and gets the envelope that it came in when it is read again; one
    that nothing was made of so far, or that an interchange is given for, comes as a file."""
    if _is_of_a_file(message):
        envelope = envelope_of(desk, message)
        if message.order_key is None:
            return _as_file(message, envelope.around(data) if data.lstrip().startswith(b"ST") else data)
        data = without_envelope(data, envelope)
    facts: dict[str, Any] = {**facts_without_trouble(message), "reread": True}
    try:
        canonical = reread(desk, message, data)
    except (BadDocument, Misconfigured):
        return Replacement(data=data, order_key=message.order_key, facts=facts)
    return Replacement(data=data, **_placed(message, canonical, facts))


def _fields(desk: Desk, message: Message, how: How) -> Replacement:
    anew = way_of(message, how) is Way.REREAD
    if message.kind is not Kind.DOCUMENT or (message.reading is None and not anew):
        raise Held("Nothing was read of it, so it has no fields.", fix="Edit its bytes, or replay it as it is.")
    canonical = edited(reread(desk, message) if anew else desk.canonical(message), how.fields)
    facts = {**facts_without_trouble(message), "reread": False, "edited_fields": dict(how.fields)}
    reading = canonical.model_dump_json(exclude_none=True).encode()
    return Replacement(reading=reading, **_placed(message, canonical, facts))


def _placed(message: Message, canonical: Canonical, facts: dict[str, Any]) -> dict[str, Any]:
    """Its order key and facts: what it says now may be about another order."""
    key = place_of(message, canonical)
    if key != message.order_key:
        facts.pop("order", None)
    return {"order_key": key, "facts": facts}


def _file(message: Message, data: bytes) -> Replacement:
    """Its sender is answered once."""
    facts = facts_without_trouble(message)
    if message.state is State.DELIVERED:
        facts["answered"] = True
    return Replacement(data=data, order_key=message.order_key, facts=facts)


def _as_file(message: Message, data: bytes) -> Replacement:
    """A document of a file becomes a file again. Its sender was answered when the first one came."""
    facts = {"name": f"{message.type}_{message.facts.get('control_number', '')}.edi", "answered": True}
    return Replacement(data=data, kind=Kind.INTERCHANGE, facts=facts)


def _by_rule(desk: Desk, message: Message, text: str, data: bytes) -> bytes:
    """Raises BadDocument where it is no X12, or the rule changes nothing in it."""
    rule, delimiters = parse_rule(text), _delimiters(desk, message, data)
    if delimiters is None:
        raise BadDocument("It is no X12, and rules change X12 only.", fix="Use --set or --edit.")
    changed, count = apply_rule(rule, data, delimiters)
    if not count:
        raise BadDocument("The rule matches nothing in it.", fix="Compare `crossdock show ID --payload` with the rule.")
    return changed


def _delimiters(desk: Desk, message: Message, data: bytes) -> Delimiters | None:
    return envelope_of(desk, message).delimiters if _is_of_a_file(message) else interchange_delimiters(data)


def _bytes(desk: Desk, message: Message) -> bytes:
    return desk.ledger.payload(message.payload) if message.payload else b""


def _is_of_a_file(message: Message) -> bool:
    return message.kind is Kind.DOCUMENT and "isa13" in message.facts and message.parent is not None
