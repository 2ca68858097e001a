"""What we sent and the acknowledgments that answer it, inside one change."""

from __future__ import annotations

from hub.ledger.chain import printable
from hub.ledger.unit import Unit

__all__ = ["SentDocuments"]

_RECORD = (
    "INSERT INTO sent_document (partner, group_type, group_control, document_control, document, message_id, state,"
    " detail, sent_at, due_at) VALUES (?,?,?,?,?,?,'','',?,?)"
    " ON CONFLICT (partner, group_type, group_control, document_control) DO UPDATE SET document=excluded.document,"
    " message_id=excluded.message_id, state='', detail='', sent_at=excluded.sent_at, due_at=excluded.due_at,"
    " answered_at=NULL WHERE sent_document.message_id<>excluded.message_id"
)
_ANSWER_GROUP = (
    "UPDATE sent_document SET state=?, detail=?, answered_at=? WHERE partner=? AND group_type=? AND group_control=?"
    " RETURNING message_id"
)
_ANSWER_DOCUMENT = (
    "UPDATE sent_document SET state=?, detail=?, answered_at=? WHERE partner=? AND group_type=? AND group_control=?"
    " AND document_control=? RETURNING message_id"
)


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
    ) -> list[str]:
        """Notes what the partner answered (``accepted``, ``rejected``, …); ids of the messages it answers.

        ``document_control`` None answers the whole group. Empty when we never sent such a thing to that partner.
        """
        values = (state, printable(detail), self._unit.now, partner, group_type, group_control)
        if document_control is None:
            rows = self._unit.db.rows(_ANSWER_GROUP, values)
        else:
            rows = self._unit.db.rows(_ANSWER_DOCUMENT, (*values, document_control))
        return sorted({row[0] for row in rows})
