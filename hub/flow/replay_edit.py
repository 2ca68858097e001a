"""What stands in the place of a message that is replayed edited, or written anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.errors import BadDocument, Held
from hub.flow.canonical_edit import edited
from hub.flow.desk import Desk
from hub.flow.envelope import Sent
from hub.flow.own_envelope import envelope_of, interchange_delimiters
from hub.flow.replay_way import How, Way, way_of
from hub.flow.rewrite import facts_without_trouble, renumbered, written_anew
from hub.flow.x12_rule import apply_rule, parse_rule
from hub.ledger import Change
from hub.ledger.message import Kind, Message
from hub.orders.lifecycle import order_key, order_number

__all__ = ["Replacement", "replacement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """``data`` None: the bytes stay. ``kind`` None: the kind stays. ``sent``: it carries these new control numbers."""

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
    if edit is not None:
        return _bytes(desk, message, edit)
    if how.rule:
        return _by_rule(desk, message, how.rule)
    if way_of(message, how) is Way.REWRITE or (how.fields and message.kind is Kind.DELIVERY):
        written = written_anew(desk, change, message, how.fields, same_numbers=how.numbers == "same")
        facts = {**written.facts, "effect_key": _effect(message)}
        return Replacement(data=written.data, facts=facts, sent=written.sent, order_key=message.order_key)
    if how.numbers == "new" and message.kind is Kind.DELIVERY:
        anew = renumbered(desk, change, message)
        if anew is not None:
            facts = {**anew.facts, "effect_key": _effect(message)}
            return Replacement(data=anew.data, facts=facts, sent=anew.sent, order_key=message.order_key)
    if how.fields:
        return _fields(desk, message, how.fields)
    return None


def _bytes(desk: Desk, message: Message, edit: bytes) -> Replacement:
    """The bytes of a document from ST to SE get the envelope that it came in."""
    if not _is_document_of_a_file(message):
        facts = {**facts_without_trouble(message), "effect_key": _effect(message)}
        if message.kind is Kind.DOCUMENT:
            facts["reread"] = True
        return Replacement(data=edit, facts=facts, order_key=message.order_key)
    if edit.lstrip().startswith(b"ST"):
        edit = envelope_of(desk, message).around(edit)
    return _as_file(message, edit)


def _by_rule(desk: Desk, message: Message, text: str) -> Replacement:
    rule = parse_rule(text)
    data = desk.ledger.payload(message.payload) if message.payload else b""
    envelope = envelope_of(desk, message) if _is_document_of_a_file(message) else None
    delimiters = envelope.delimiters if envelope else interchange_delimiters(data)
    if delimiters is None:
        raise BadDocument("It is no X12, and rules change X12 only.", fix="Use --set or --edit.")
    changed, count = apply_rule(rule, data, delimiters)
    if not count:
        raise BadDocument("The rule matches nothing in it.", fix="Compare `crossdock show ID --payload` with the rule.")
    if envelope is not None:
        return _as_file(message, envelope.around(changed))
    facts = {**facts_without_trouble(message), "effect_key": _effect(message)}
    return Replacement(data=changed, facts=facts, order_key=message.order_key)


def _fields(desk: Desk, message: Message, fields: Mapping[str, str]) -> Replacement:
    if message.kind is not Kind.DOCUMENT or message.reading is None:
        raise Held("Nothing was read of it, so it has no fields.", fix="Edit its bytes, or replay it as it is.")
    canonical = edited(desk.canonical(message), fields)
    number = order_number(canonical)
    key = message.order_key
    facts = {**facts_without_trouble(message), "reread": False, "edited_fields": dict(fields)}
    if number != order_number(desk.canonical(message)):
        facts.pop("order", None)
        key = order_key(message.partner, number) if number else None
    reading = canonical.model_dump_json(exclude_none=True).encode()
    return Replacement(reading=reading, order_key=key, facts=facts)


def _as_file(message: Message, data: bytes) -> Replacement:
    """A document of a file becomes a file again. Its sender was answered when the first one came."""
    facts = {"name": f"{message.type}_{message.facts.get('control_number', '')}.edi", "answered": True}
    return Replacement(data=data, kind=Kind.INTERCHANGE, facts=facts)


def _is_document_of_a_file(message: Message) -> bool:
    return message.kind is Kind.DOCUMENT and "isa13" in message.facts and message.parent is not None


def _effect(message: Message) -> str:
    return str(message.facts.get("effect_key") or message.unique_key or message.id)
