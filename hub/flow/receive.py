"""The hub takes bytes over (P1): payload and owning row in one commit; only then is the sender answered."""

from __future__ import annotations

import hashlib

from hub.canonical import Canonical
from hub.contracts.connector import Accepted, Arrival
from hub.contracts.mapping import Context
from hub.errors import BadDocument, KeyConflict
from hub.flow.desk import Desk
from hub.flow.place import from_site
from hub.ledger import Change
from hub.ledger.message import Kind, NewMessage, State
from hub.mapping.json_text import loads
from hub.orders.lifecycle import keys_of
from hub.problem import Problem

__all__ = ["SIZE_MAX", "accept"]

SIZE_MAX = 64 * 1024 * 1024
"""Bytes of one arrival at most."""


def accept(desk: Desk, arrival: Arrival) -> Accepted:
    """Put an arrival on record and return when it is durable.

    The same ``source_key`` with the same bytes is a duplicate and answered as such; with other bytes it raises
    KeyConflict. A JSON document that does not fit its schema is kept as rejected and its problems returned.
    Raises BadDocument where it is larger than `SIZE_MAX`; nothing is kept then.
    """
    if len(arrival.data) > SIZE_MAX:
        raise BadDocument(
            f"{arrival.name} has {len(arrival.data)} bytes; at most {SIZE_MAX} are taken.",
            fix="Send it in several interchanges.",
        )
    return _accept_document(desk, arrival) if arrival.document else _accept_interchange(desk, arrival)


def _accept_interchange(desk: Desk, arrival: Arrival) -> Accepted:
    new = NewMessage(
        id=desk.ids.new(),
        kind=Kind.INTERCHANGE,
        type="x12",
        partner=arrival.partner,
        endpoint=arrival.connection,
        payload=desk.ledger.store(arrival.data),
        unique_key=_source_key(arrival),
        facts={"name": arrival.name, **arrival.facts},
    )
    return _commit(desk, arrival, new, ())


def _accept_document(desk: Desk, arrival: Arrival) -> Accepted:
    reading, problems = _read(desk, arrival)
    payload = desk.ledger.store(arrival.data)
    facts = {"name": arrival.name, "document": arrival.document, **arrival.facts}
    if reading is None:
        new = NewMessage(
            id=desk.ids.new(),
            kind=Kind.DOCUMENT,
            type=arrival.document,
            partner=arrival.partner,
            endpoint=arrival.connection,
            payload=payload,
            state=State.REJECTED,
            cause=BadDocument.slug,
            detail=problems[0].message if problems else "unreadable",
            facts={**facts, "problems": [problem.as_json() for problem in problems]},
        )
        desk.ledger.write(lambda change: change.insert(new))
        return Accepted(message_id=new.id, problems=tuple(problem.as_json() for problem in problems))
    new = NewMessage(
        id=desk.ids.new(),
        kind=Kind.DOCUMENT,
        type=arrival.document,
        partner=arrival.partner,
        endpoint=arrival.connection,
        payload=payload,
        reading=desk.ledger.store(reading.model_dump_json(exclude_none=True).encode()),
        order_key=from_site(arrival.connection, reading),
        order_hold=desk.holds(type(reading).__name__),
        unique_key=_source_key(arrival),
        facts={**facts, "message": type(reading).__name__},
    )
    return _commit(desk, arrival, new, keys_of(reading))


def _commit(desk: Desk, arrival: Arrival, new: NewMessage, keys: tuple[tuple[str, str], ...]) -> Accepted:
    def work(change: Change) -> str | None:
        if not change.insert(new, actor=f"connection:{arrival.connection}"):
            return change.existing(_source_key(arrival))
        change.add_search_keys(new.id, None, (("name", arrival.name), *keys))
        return None

    existing = desk.ledger.write(work)
    if existing is None:
        desk.hint(new.kind.value)
        return Accepted(message_id=new.id)
    before = desk.message(existing)
    if before.payload != hashlib.sha256(arrival.data).hexdigest():
        raise KeyConflict(
            f"{arrival.name} came before with other content, as message {existing}.",
            fix="Use a new id for new content.",
            message_id=existing,
        )
    return Accepted(message_id=existing, duplicate=True)


def _source_key(arrival: Arrival) -> str:
    return f"arrival:{arrival.connection}:{arrival.document}:{arrival.source_key}"


def _read(desk: Desk, arrival: Arrival) -> tuple[Canonical | None, tuple[Problem, ...]]:
    mapping = desk.find_mapping(f"json/{arrival.document}", arrival.partner, "")
    if mapping is None:
        raise BadDocument(f"There is no document {arrival.document!r} here.", fix="See the API's list of documents.")
    try:
        source = loads(arrival.data)
    except BadDocument as error:
        return None, error.problems or (Problem(code="not_json", message=error.message, fix=error.fix),)
    reading = mapping.read(source, Context(now=desk.clock.now()))
    return reading.message, reading.problems
