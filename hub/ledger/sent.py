"""What we sent and the acknowledgments that answer it, inside one change."""

from __future__ import annotations

from hub.ledger.chain import printable
from hub.ledger.records import Answered
from hub.ledger.unit import Unit

__all__ = ["SentDocuments"]

_RECORD = (
    "INSERT INTO sent_document (partner, group_type, group_control, document_control, document, message_id, state,"
    " detail, sent_at, due_at) VALUES (?,?,?,?,?,?,'','',?,?)"
    " ON CONFLICT (partner, group_type, group_control, document_control) DO UPDATE SET document=excluded.document,"
    " message_id=excluded.message_id, state='', detail='', sent_at=excluded.sent_at, due_at=excluded.due_at,"
    " answered_at=NULL WHERE sent_document.message_id<>excluded.message_id"
)
_FIND = "SELECT message_id, state, due_at FROM sent_document WHERE partner=? AND group_type=? AND group_control=?"
_ANSWER = (
    "UPDATE sent_document SET state=?, detail=?, answered_at=? WHERE partner=? AND group_type=? AND group_control=?"
)
_DUE_NO_MORE = "UPDATE sent_document SET due_at=NULL WHERE message_id=? AND answered_at IS NULL"
_OF_DOCUMENT = " AND document_control=?"
_BY_NUMBERS = "SELECT DISTINCT message_id FROM sent_document WHERE partner=? AND group_control=? AND document_control=?"


class SentDocuments:
    """The part of a change that deals with functional acknowledgments of what we sent."""

    _unit: Unit

    def record_sent(
        self,
        *,
        partner: str,
        group_type: str,
        group_control: str,
        document: str,
        document_control: str,
        message_id: str,
        due_at: float | None,
    ) -> None:
        """A document is on its way under these control numbers (GS01, GS06, ST01, ST02); a 997 is due at ``due_at``.

        ``due_at`` None: none is expected. When control numbers come round again, the newer document takes the place.
        """
        unit = self._unit
        due = None if due_at is None else float(due_at)
        values = (partner, group_type, group_control, document_control, document, message_id, unit.now, due)
        unit.db.run(_RECORD, values)

    def match_sent(
        self,
        *,
        partner: str,
        group_type: str,
        group_control: str,
        document_control: str | None,
        state: str,
        detail: str = "",
    ) -> list[Answered]:
        """Notes what the partner answered (``accepted``, ``rejected``, …) on the documents that it answers.

        ``document_control`` None answers the whole group. Empty when we never sent such a thing to that partner.
        """
        db, now = self._unit.db, self._unit.now
        where = "" if document_control is None else _OF_DOCUMENT
        keys = (partner, group_type, group_control, *(() if document_control is None else (document_control,)))
        found = db.rows(_FIND + where + " ORDER BY message_id" + db.lock, keys)
        if found:
            db.run(_ANSWER + where, (state, printable(detail), now, *keys))
        return [Answered(message_id=row[0], before=row[1], late=row[2] is not None and row[2] < now) for row in found]

    def expect_no_answer(self, message_id: str) -> None:
        """No 997 is due any more for what this delivery carried; one that comes all the same is matched."""
        self._unit.db.run(_DUE_NO_MORE, (message_id,))

    def sent_as(self, *, partner: str, group_control: str, document_control: str) -> list[str]:
        """Ids of the deliveries that carried a document under these numbers (GS06, ST02), whatever its group type."""
        rows = self._unit.db.rows(_BY_NUMBERS, (partner, group_control, document_control))
        return sorted(row[0] for row in rows)
