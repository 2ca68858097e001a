"""The proof of P3, from raw rows and in one snapshot: counts, chains, seals, payloads, families.

Nothing here trusts a counter or a cache: events are counted as events and messages as messages, and
``received = delivered + answered + held + rejected + dead + in_flight`` must hold for each kind. What is found and what
cannot be is told in ``docs/operations.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hub.errors import CrossdockError
from hub.ledger.archived import Archived
from hub.ledger.chain import key_text
from hub.ledger.content import COME_AGAIN, Content, is_content
from hub.ledger.message import AT_REST, IN_FLIGHT, Kind
from hub.ledger.packs import file_digest, names_in
from hub.ledger.rows import object_in
from hub.ledger.seals import events_between, seal_hash
from hub.ledger.told import EVENT_COLUMNS, ROW_COLUMNS, Told
from hub.ledger.transaction import Row, Transaction

__all__ = ["Audit"]

_AT_ONCE = 2000
_PAYLOADS_AT_ONCE = 200
"""Each is in the row, so it has at most 64 KB."""
_MOST_PROBLEMS = 1000
_STATES = (*sorted(state.value for state in AT_REST), "in_flight")
_RECEIVED = "SELECT kind, count(*) FROM event WHERE what='received' AND state_from='' GROUP BY kind"
_BY_STATE = "SELECT kind, state, count(*) FROM message GROUP BY kind, state"
_UNKNOWN = "SELECT count(*) FROM message WHERE kind='delivery' AND state='held' AND cause='outcome_unknown'"
_SENT_AGAIN = "SELECT count(*) FROM message WHERE kind='delivery' AND facts LIKE '%\"unknown\":\"sent_again\"%'"
_EVENTS = f"SELECT {EVENT_COLUMNS} FROM event WHERE (message_id,id)>(?,?) ORDER BY message_id, id"  # noqa: S608 - names of columns
_MESSAGES = f"SELECT {ROW_COLUMNS} FROM message WHERE id>? ORDER BY id"  # noqa: S608 - as above
_PAYLOADS = (
    "SELECT p.sha256, p.data, a.pack FROM payload p LEFT JOIN archived_payload a ON a.sha256=p.sha256"
    " WHERE p.sha256>? ORDER BY p.sha256"
)
_IN_PACK = "SELECT sha256 FROM archived_payload WHERE pack=?"
_WITHOUT_PACK = (
    "SELECT a.sha256, a.pack FROM archived_payload a"
    " WHERE NOT EXISTS (SELECT 1 FROM archive_pack k WHERE k.name=a.pack)"
)
_WITHOUT_PAYLOAD = (
    "SELECT m.id, m.payload FROM message m WHERE m.payload IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM payload p WHERE p.sha256=m.payload)"
)
_WITHOUT_READING = (
    "SELECT m.id, m.reading FROM message m WHERE m.reading IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM payload p WHERE p.sha256=m.reading)"
)
_WITHOUT_PARENT = (
    "SELECT m.id, m.parent FROM message m WHERE m.parent IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM message p WHERE p.id=m.parent)"
)
_WITHOUT_ORDER = (
    "SELECT o.order_key, o.what, o.opened_by FROM obligation o"
    " WHERE o.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM customer_order c WHERE c.key=o.order_key)"
)
_STEPS_WITHOUT_ORDER = (
    "SELECT s.order_key, min(s.message_id) FROM order_step s"
    " WHERE NOT EXISTS (SELECT 1 FROM customer_order c WHERE c.key=s.order_key) GROUP BY s.order_key"
)
_ORDER = "SELECT 1 FROM customer_order WHERE key=?"
_SENT_WITHOUT_MESSAGE = (
    "SELECT s.partner, s.group_type, s.group_control, s.message_id FROM sent_document s"
    " WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id=s.message_id)"
)
_WITHOUT = {
    "steps": "NOT EXISTS (SELECT 1 FROM order_step s WHERE s.order_key=c.key)",
    "business key": "NOT EXISTS (SELECT 1 FROM business_key b WHERE b.scope='Order' AND b.key=c.key)",
    "search key": "NOT EXISTS (SELECT 1 FROM search_key s WHERE s.value=c.po AND s.kind='po')",
}
"""What every order has that was taken over."""
_ORDERS_WITHOUT = "SELECT c.key, c.po FROM customer_order c WHERE c.po<>'' AND "
_LONGEST_PLAIN = 199
"""A key that is no longer, and printable, is as it came (see `hub.ledger.chain.key_text`)."""
_PLACES_UNCOUNTED = (
    "SELECT m.kind, m.order_key, max(m.seq), max(m.id) FROM message m"
    " LEFT JOIN order_sequence s ON s.kind=m.kind AND s.order_key=m.order_key"
    " WHERE m.order_key IS NOT NULL AND m.seq>COALESCE(s.seq, 0) GROUP BY m.kind, m.order_key"
)
_NUMBER_DIGITS = 9
_NUMBERS = "SELECT name, value, rounds FROM control_number"
_PROMISED = (
    "SELECT id, facts FROM message"
    " WHERE id>? AND kind='interchange' AND state='delivered' AND facts LIKE '%\"documents\"%' ORDER BY id"
)
_CHILDREN = "SELECT count(*) FROM message WHERE parent=? AND kind='document'"
_IS_FOUND = "SELECT 1 FROM search_key WHERE value=? AND kind='isa13' AND message_id=?"
_SEALS = "SELECT id, upto, events, tally, hash FROM seal WHERE id>? ORDER BY id"


class Audit:
    """One audit of one snapshot. ``progress``: told a step's name and how many rows it has seen."""

    def __init__(
        self,
        db: Transaction,
        content: Content,
        archived: Archived,
        progress: Callable[[str, int], None] | None = None,
    ) -> None:
        self._db = db
        self._content = content
        self._archived = archived
        self._progress = progress or (lambda _step, _rows: None)
        self._problems: list[dict[str, Any]] = []
        self._count = 0
        self._seal = 0
        self._numbers: dict[str, int] = {}

    def run(self) -> dict[str, Any]:
        """``{balanced, received, delivered, answered, held, rejected, dead, in_flight, unknown, sent_again, chain_ok,
        kinds, archive, problems}``.

        ``unknown``: deliveries that are held because they may have arrived; ``sent_again``: those that were sent once
        more although they may have. ``kinds``: the same counts by kind. ``archive``: ``{packs, payloads, away}``, the
        last with the names of packs that are not here and could not be looked at. A problem is ``{problem, message_id?,
        sha256?, detail, command}``, at most 1,000 of them; ``problem_count`` says how many there are.
        """
        kinds = self._kinds()
        broken_before = self._count
        self._check_chains()
        self._check_seals()
        chain_ok = self._count == broken_before
        self._check_payloads()
        archive = self._check_archive()
        self._check_families()
        self._check_keys()
        names = ("received", *_STATES)
        total = {name: sum(counts[name] for counts in kinds.values()) for name in names}
        balanced = all(counts["received"] == sum(counts[name] for name in _STATES) for counts in kinds.values())
        return {
            "balanced": balanced,
            **total,
            "unknown": self._number(_UNKNOWN),
            "sent_again": self._number(_SENT_AGAIN),
            "chain_ok": chain_ok,
            "kinds": kinds,
            "archive": archive,
            "problem_count": self._count,
            "problems": self._problems,
        }

    def _problem(self, problem: str, detail: str, *, command: str = "", **facts: Any) -> None:
        self._count += 1
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append({"problem": problem, **facts, "detail": detail, "command": command})

    def _number(self, sql: str) -> int:
        row = self._db.row(sql)
        return int(row[0]) if row else 0

    def _kinds(self) -> dict[str, dict[str, int]]:
        kinds = {kind.value: dict.fromkeys(("received", *_STATES), 0) for kind in Kind}
        for kind, count in self._db.rows(_RECEIVED):
            if kind in kinds:
                kinds[kind]["received"] = count
        for kind, state, count in self._db.rows(_BY_STATE):
            name = "in_flight" if state in IN_FLIGHT else state
            if kind in kinds and name in _STATES:
                kinds[kind][name] += count
            else:
                self._problem("state_unknown", f"messages that are {kind} and {state}, which there is not: {count}")
        for kind, counts in kinds.items():
            if counts["received"] != sum(counts[name] for name in _STATES):
                self._problem(
                    "not_balanced", f"{kind}: {counts['received']} were received, but the states do not add up"
                )
        return kinds

    def _check_chains(self) -> None:
        """Recomputes every event's hash, and compares each message's row with what its events say."""
        rows = self._rows()
        row = next(rows, None)
        for told in self._told():
            self._seal = max(self._seal, told.seal)
            while row is not None and row[0] < told.message_id:
                self._problem("events_missing", "the message has no events", message_id=row[0])
                row = next(rows, None)
            if row is None or row[0] != told.message_id:
                detail = "there are events of a message that is gone"
                self._problem("message_missing", detail, message_id=told.message_id)
                continue
            self._check_row(row, told)
            row = next(rows, None)
        while row is not None:
            self._problem("events_missing", "the message has no events", message_id=row[0])
            row = next(rows, None)

    def _check_row(self, row: Row, told: Told) -> None:
        message_id, chain, text = row[0], *row[-2:]
        if not told.whole or chain != told.chain:
            detail = "an event was changed, removed or added by hand"
            self._problem("chain_broken", detail, message_id=message_id)
            return
        facts = object_in(text)
        if facts is None:
            self._problem("facts_unreadable", "the facts in its row are no JSON object", message_id=message_id)
        for problem, detail in told.denies(row, told.facts if facts is None else facts):
            self._problem(problem, detail, message_id=message_id, command=f"crossdock show {message_id}")
        number = str((facts or {}).get("isa13", ""))
        if row[1] == Kind.DELIVERY and row[11] is None and number.isdecimal() and len(number) <= _NUMBER_DIGITS:
            self._numbers[row[3]] = max(self._numbers.get(row[3], 0), int(number))

    def _told(self) -> Iterator[Told]:
        """What each message's events say."""
        told: Told | None = None
        for event in self._pages(_EVENTS, ("", 0), lambda row: (row[0], row[1])):
            if told is None or told.message_id != event[0]:
                if told is not None:
                    yield told
                told = Told(event[0])
            told.add(event)
        if told is not None:
            yield told

    def _rows(self) -> Iterator[Row]:
        return self._pages(_MESSAGES, ("",), lambda row: (row[0],))

    def _check_seals(self) -> None:
        previous, covered, count, number = "", 0, 0, 0
        for seal_id, upto, events, text, digest in self._pages(_SEALS, (0,), lambda row: (row[0],)):
            hashes = [event[1] for event in events_between(self._db, covered, upto)]
            count += len(hashes)
            tally = object_in(text)
            if tally is None:
                self._problem("seal_broken", "its tally is no JSON object", seal=seal_id)
            elif seal_hash(previous, upto, tally, hashes) != digest or count != events:
                detail = f"events {covered + 1} to {upto} are not those that were sealed; {events - count} are missing"
                self._problem("seal_broken", detail, seal=seal_id)
            previous, covered, count, number = digest, upto, events, seal_id
        if number < self._seal:
            self._problem("seals_missing", f"events name seal {self._seal}, the last on record is {number}")

    def _check_payloads(self) -> None:
        for sha256, data, pack in self._pages(_PAYLOADS, ("",), lambda row: (row[0],), _PAYLOADS_AT_ONCE):
            if data is None and pack is not None:
                continue
            if data is None:
                try:
                    self._content.verify_file(sha256)
                except CrossdockError as error:
                    self._problem("payload_" + error.slug, f"{error.message}; {error.fix}", sha256=sha256)
            elif not is_content(data, sha256):
                self._problem(
                    "payload_broken", f"a payload was altered after it was stored; {COME_AGAIN}", sha256=sha256
                )
        for sql, what in ((_WITHOUT_PAYLOAD, "payload"), (_WITHOUT_READING, "reading")):
            for message_id, sha256 in self._db.rows(sql):
                detail = f"the {what} of the message is gone; {COME_AGAIN}"
                command = f"crossdock show {message_id}"
                self._problem("payload_missing", detail, message_id=message_id, sha256=sha256, command=command)

    def _check_archive(self) -> dict[str, Any]:
        """Each pack that is here against what was written of it, and what the ledger says lies in it."""
        away = []
        packs = self._archived.packs()
        for pack in packs:
            path = self._archived.path(pack.name, pack.folder)
            if not path.is_file():
                away.append(pack.name)
                continue
            said = {row[0] for row in self._db.rows(_IN_PACK, (pack.name,))}
            if file_digest(path) != pack.sha256 or said - names_in(path):
                detail = f"{path} is not as it was written, or lacks what should be in it: put a good copy in its place"
                self._problem("archive_broken", detail, pack=pack.name, command="crossdock archive --json")
        for sha256, name in self._db.rows(_WITHOUT_PACK):
            self._problem("archive_missing", f"its pack {name} is not on record", sha256=sha256)
        return {"packs": len(packs), "payloads": sum(pack.payloads for pack in packs), "away": away}

    def _check_families(self) -> None:
        """What refers to something that is gone, and interchanges that promise more documents than there are."""
        for message_id, parent in self._db.rows(_WITHOUT_PARENT):
            self._problem(
                "parent_missing",
                f"it was made from {parent}, which is gone",
                message_id=message_id,
                command=f"crossdock show {message_id}",
            )
        for message_id, facts in self._pages(_PROMISED, ("",), lambda row: (row[0],)):
            known = object_in(facts) or {}
            promised, number = known.get("documents"), known.get("control_number")
            row = self._db.row(_CHILDREN, (message_id,))
            if isinstance(promised, int) and row is not None and row[0] < promised:
                self._problem(
                    "documents_missing",
                    f"the interchange holds {promised} documents, {row[0]} are on record",
                    message_id=message_id,
                    command=f"crossdock replay {message_id} --again --reason 'documents missing'",
                )
            key = key_text(number.strip()) if isinstance(number, str) else ""
            if key and self._db.row(_IS_FOUND, (key, message_id)) is None:
                detail = f"it is not found by its control number {key} any more; only a backup has its search keys"
                self._problem("search_key_missing", detail, message_id=message_id)
        for order, what, opened_by in self._db.rows(_WITHOUT_ORDER):
            self._problem(
                "order_missing",
                f"{what} is due on order {order}, which is gone",
                message_id=opened_by,
                order=order,
                command=f"crossdock show {opened_by}" if opened_by else f"crossdock messages --search {order}",
            )
        for order, message_id in self._db.rows(_STEPS_WITHOUT_ORDER):
            if self._db.row(_ORDER, (key_text(order),)):
                continue  # older versions kept the steps under the key as it came
            self._problem(
                "order_missing",
                f"order {order} has a history and is gone; only a backup has it",
                message_id=message_id,
                order=order,
                command=f"crossdock show {message_id}",
            )
        for partner, group_type, control, message_id in self._db.rows(_SENT_WITHOUT_MESSAGE):
            self._problem(
                "sent_message_missing",
                f"a 997 of {partner} for group {group_type} {control} is expected, but what was sent is gone",
                message_id=message_id,
                command=f"crossdock messages --partner {partner} --search {control}",
            )

    def _check_keys(self) -> None:
        """Keys and counters that must be there, because messages and orders are that had them."""
        for what, condition in _WITHOUT.items():
            for order, po in self._db.rows(_ORDERS_WITHOUT + condition):
                if all(key == key.strip() and key.isprintable() and len(key) <= _LONGEST_PLAIN for key in (order, po)):
                    detail = f"order {order} has no {what} any more; only a backup has it"
                    self._problem(what.replace(" ", "_") + "_missing", detail, order=order)
        for kind, order_key, seq, message_id in self._db.rows(_PLACES_UNCOUNTED):
            detail = f"the next {kind} of {order_key} would come before number {seq}, which it has already"
            self._problem("counter_behind", detail, message_id=message_id)
        counters = {name: (value, rounds) for name, value, rounds in self._db.rows(_NUMBERS)}
        for partner, used in self._numbers.items():
            value, rounds = counters.get(f"isa13:{partner}", (0, 0))
            if value < used and not rounds:
                detail = f"ISA13 {used} was sent to {partner} already, and the next one would be {value + 1}"
                self._problem("counter_behind", detail, partner=partner)

    def _pages(
        self, sql: str, start: tuple[Any, ...], after: Callable[[Row], tuple[Any, ...]], at_once: int = _AT_ONCE
    ) -> Iterator[Row]:
        """All rows of a query that goes on behind the last row seen; memory stays bounded.

        How many at once is a literal: PostgreSQL's plan for any limit would sort the whole table each time.
        """
        step = sql.partition(" FROM ")[2].partition(" ")[0]
        position, seen, page = start, 0, f"{sql} LIMIT {at_once}"
        while True:
            rows = self._db.rows(page, position)
            yield from rows
            seen += len(rows)
            self._progress(step, seen)
            if len(rows) < at_once:
                return
            position = after(rows[-1])
