"""A hub as it was at revision 0001, reduced to its statements: it takes messages over, claims and finishes them.

``python -m tests.ledger.hub_of_0001 URL STOP_FILE`` works until the file is there, and prints the ids it took over. The
statements are copies of that time on purpose: what they need must go on working while newer revisions are applied.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from hub.ledger.chain import event_hash
from hub.ledger.sqlite import _driver

ACCEPT = (
    "INSERT INTO message (id, kind, state, type, partner, endpoint, order_key, seq, order_hold, unique_key, payload,"
    " reading, parent, replay_of, attempts, crashes, fence, owner, due_at, created_at, changed_at, cause, detail,"
    " facts, chain) VALUES (?,'document','received','850','p','',NULL,0,0,?,NULL,NULL,NULL,NULL,0,0,0,'',?,?,?,'','',"
    "'{}',?) ON CONFLICT DO NOTHING"
)
EVENT = (
    "INSERT INTO event (message_id, at, what, actor, kind, state_from, state_to, cause, detail, facts, hash)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?)"
)
CLAIM = (
    "UPDATE message SET state='working', attempts=attempts+1, fence=fence+1, owner='old', lease_until=?"
    " WHERE id=? AND state='received' AND crashes=0"
)
FINISH = (
    "UPDATE message SET state='delivered', reading=NULL, attempts=1, crashes=0, fence=fence+1, owner='',"
    " lease_until=NULL, changed_at=?, chain=? WHERE id=? AND state='working' AND chain=?"
)


class Statements:
    """One connection; a block is one transaction."""

    def __init__(self, url: str) -> None:
        self._postgres = not url.startswith("sqlite:")
        self._connection: Any
        if self._postgres:
            self._connection = psycopg.connect(url, autocommit=True)
        else:
            self._connection = _driver().connect(url.partition("://")[2], timeout=60, isolation_level=None)

    def together(self, *statements: tuple[str, Sequence[Any]]) -> None:
        """Runs statements in one transaction; each has to change one row."""
        self._connection.execute("BEGIN" if self._postgres else "BEGIN IMMEDIATE")
        for sql, values in statements:
            cursor = self._connection.execute(sql.replace("?", "%s") if self._postgres else sql, values)
            assert cursor.rowcount == 1, sql
        self._connection.execute("COMMIT")


def work(statements: Statements, message_id: str) -> None:
    now = time.time()
    received = (message_id, now, "received", "old", "document", "", "received", "", "", "{}")
    first = event_hash("", *received)
    accepted = (message_id, message_id, now, now, now, first)
    statements.together((ACCEPT, accepted), (EVENT, (*received, first)))
    statements.together((CLAIM, (now + 60, message_id)))
    processed = (message_id, now, "processed", "old", "document", "working", "delivered", "", "", "{}")
    last = event_hash(first, *processed)
    statements.together((FINISH, (now, last, message_id, first)), (EVENT, (*processed, last)))


def main() -> None:
    statements, stop, number = Statements(sys.argv[1]), Path(sys.argv[2]), 0
    while not stop.exists():
        work(statements, f"old-{number:06d}")
        print(f"old-{number:06d}", flush=True)
        number += 1


if __name__ == "__main__":
    main()
