"""Old payloads leave the ledger for the archive; rows, events and their hashes stay, so that it can still be proven.

A payload goes when its bytes last came before a given time, and no message that is in flight, held or dead needs it:
neither its own, nor the documents and the file it came of. Each step leaves the ledger whole when it is interrupted:

1. bytes are written to a pack, which is synced and named;
2. one commit says what the pack holds;
3. bytes are removed from the rows, a few at a time, unless they have come again meanwhile;
4. files that no row owns any more are removed, those of step 3 and those of a crash between file and row. A file that
   was written or wanted within an hour is left alone: the commit that owns it may be under way.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hub.errors import CrossdockError, KeyConflict
from hub.ledger.archived import Archived
from hub.ledger.content import Content
from hub.ledger.packs import Pack, PackWriter, file_digest, remove_leftovers
from hub.ledger.transaction import Database, Row, Transaction, in_parts

__all__ = ["GRACE_SECONDS", "Retention", "undisturbed"]

GRACE_SECONDS = 3600.0
_AT_ONCE = 500
_DROP_AT_ONCE = 100
_TOUCHED_SECONDS = 86_400.0
"""Bytes that come again are noted once a day (see `hub.ledger.unit`), so a payload may be so much younger."""
_NEEDED = "SELECT payload, reading, parent FROM message WHERE "
_UNFINISHED = tuple(
    _NEEDED + condition
    for condition in (
        "state IN ('received','working') AND (created_at<? OR replay_of IS NOT NULL)",
        "state IN ('held','rejected','dead') AND state<>'rejected' AND (created_at<? OR replay_of IS NOT NULL)",
        "replay_of IS NOT NULL AND changed_at>=?",
    )
)
_PARENTS = _NEEDED + "id IN (*)"
_OLDEST = "SELECT created_at FROM message ORDER BY id LIMIT 1"
_CANDIDATES = (
    "SELECT p.sha256, p.size FROM payload p WHERE p.created_at<? AND p.sha256>?"
    " AND NOT EXISTS (SELECT 1 FROM archived_payload a WHERE a.sha256=p.sha256) ORDER BY p.sha256 LIMIT ?"
)
_IN_BOTH = (
    "SELECT p.sha256, a.pack FROM payload p JOIN archived_payload a ON a.sha256=p.sha256"
    " WHERE p.created_at<? AND p.data IS NOT NULL AND p.sha256>? ORDER BY p.sha256 LIMIT ?"
)
_ADD_PACK = (
    "INSERT INTO archive_pack (name, folder, at, payloads, bytes, packed_bytes, sha256) VALUES (?,?,?,?,?,?,?)"
    " ON CONFLICT (name) DO UPDATE SET folder=excluded.folder, packed_bytes=excluded.packed_bytes,"
    " sha256=excluded.sha256"
)
_ADD_PAYLOAD = "INSERT INTO archived_payload (sha256, pack) VALUES (?,?) ON CONFLICT (sha256) DO NOTHING"
_DROP = "UPDATE payload SET data=NULL WHERE sha256=? AND created_at<?"
_OWNED = (
    "SELECT p.sha256, p.created_at, a.pack FROM payload p LEFT JOIN archived_payload a ON a.sha256=p.sha256"
    " WHERE p.sha256 IN (*)"
)


@dataclass(slots=True)
class Moved:
    """What a run did. ``kept``: old payloads that messages still need. ``unreadable``: their bytes are gone or altered.

    ``files``: files removed that nothing owned any more, with ``file_bytes``.
    """

    packs: list[Pack] = field(default_factory=list)
    payloads: int = 0
    bytes: int = 0
    kept: int = 0
    unreadable: list[str] = field(default_factory=list)
    files: int = 0
    file_bytes: int = 0

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "packs": [asdict(pack) for pack in self.packs]}


@contextmanager
def undisturbed(home: Path) -> Iterator[None]:
    """Nobody else moves payloads of this home meanwhile. KeyConflict when somebody does."""
    with (home / "archive.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise KeyConflict(
                "payloads are being archived or backed up already", fix="try again when that has ended"
            ) from None
        yield


class Retention:
    """Moves the payloads of one ledger."""

    def __init__(self, database: Database, content: Content, archived: Archived, home: Path) -> None:
        self._database = database
        self._content = content
        self._archived = archived
        self._home = home
        self._sound: dict[str, bool] = {}

    def run(self, before: float, folder: Path | None = None, *, dry_run: bool = False) -> Moved:
        """Moves payloads that last came before a time to packs in ``folder`` (``archive`` in the home if None).

        Safe beside running hubs. KeyConflict when another run is under way; OSError when the folder cannot be written.
        """
        moved = Moved()
        before -= _TOUCHED_SECONDS
        with undisturbed(self._home):
            is_old = self._is_old_enough(before)
            kept = self._kept(before) if is_old else frozenset()
            candidates = self._candidates(before, kept, moved) if is_old else iter(())
            if dry_run:
                for _, size in candidates:
                    moved.payloads += 1
                    moved.bytes += size
                return moved
            if is_old:
                target = folder or self._archived.folder
                remove_leftovers(target)
                self._pack(candidates, target, moved)
                self._drop(before, kept)
            self._collect(before, kept, moved)
        return moved

    def collect(self) -> Moved:
        """Removes files that no row owns, and nothing else."""
        moved = Moved()
        with undisturbed(self._home):
            self._collect(0.0, frozenset(), moved)
        return moved

    def _is_old_enough(self, before: float) -> bool:
        """Whether there can be any payload that is so old; spares young ledgers a look at every payload."""
        with self._database.read() as db:
            row = db.row(_OLDEST)
        return row is not None and row[0] < before

    def _kept(self, before: float) -> frozenset[str]:
        """Payloads that messages in flight, held or dead need, with those of the messages they were made from."""
        kept: set[str] = set()
        seen: set[str] = set()
        with self._database.snapshot() as db:
            rows = [row for sql in _UNFINISHED for row in db.rows(sql, (before,))]
            while rows:
                kept.update(sha256 for row in rows for sha256 in row[:2] if sha256)
                parents = {row[2] for row in rows if row[2]} - seen
                seen |= parents
                rows = [row for part in in_parts(sorted(parents), _AT_ONCE) for row in _by_id(db, part)]
        return frozenset(kept)

    def _candidates(self, before: float, kept: frozenset[str], moved: Moved) -> Iterator[Row]:
        for row in self._pages(_CANDIDATES, before, _AT_ONCE):
            if row[0] in kept:
                moved.kept += 1
            else:
                yield row

    def _pages(self, sql: str, before: float, at_once: int) -> Iterator[Row]:
        position = ""
        while True:
            with self._database.read() as db:
                rows = db.rows(sql, (before, position, at_once))
            yield from rows
            if len(rows) < at_once:
                return
            position = rows[-1][0]

    def _pack(self, candidates: Iterator[Row], folder: Path, moved: Moved) -> None:
        more = True
        while more:
            with PackWriter(folder) as writer:
                more = self._fill(writer, candidates, moved)
                if writer.hashes:
                    self._record(writer.finish(self._database.now()), writer.hashes, moved)

    def _fill(self, writer: PackWriter, candidates: Iterator[Row], moved: Moved) -> bool:
        """Puts payloads in until it is full; whether there may be more."""
        for sha256, _ in candidates:
            try:
                writer.add(sha256, self._content.payload(sha256))
            except CrossdockError:  # the audit says what is wrong with it; it stays as it is
                moved.unreadable.append(sha256)
            if writer.is_full:
                return True
        return False

    def _record(self, pack: Pack, hashes: list[str], moved: Moved) -> None:
        def work(db: Transaction, _attempt: int) -> None:
            db.run(_ADD_PACK, tuple(asdict(pack).values()))
            db.many(_ADD_PAYLOAD, [(sha256, pack.name) for sha256 in hashes])

        self._database.write(work, lambda: None)
        moved.packs.append(pack)
        moved.payloads += pack.payloads
        moved.bytes += pack.bytes

    def _drop(self, before: float, kept: frozenset[str]) -> None:
        """Removes bytes from rows whose pack is there and sound."""
        rows = self._pages(_IN_BOTH, before, _DROP_AT_ONCE)
        hashes = (sha256 for sha256, pack in rows if sha256 not in kept and self._is_sound(pack))
        for part in in_parts(hashes, _DROP_AT_ONCE):
            values = [(sha256, before) for sha256 in part]
            self._database.write(lambda db, _, values=values: db.many(_DROP, values), lambda: None)  # type: ignore[misc]

    def _is_sound(self, name: str) -> bool:
        """Whether a pack is there as it was written; looked at once a run."""
        if name not in self._sound:
            self._sound = {pack.name: self._is_whole(pack) for pack in self._archived.packs()}
        return self._sound[name]

    def _is_whole(self, pack: Pack) -> bool:
        path = self._archived.path(pack.name, pack.folder)
        return path.is_file() and file_digest(path) == pack.sha256

    def _collect(self, before: float, kept: frozenset[str], moved: Moved) -> None:
        for part in in_parts(self._content.files(), _AT_ONCE):
            owned = self._owners([sha256 for sha256, _ in part])
            for sha256, path in part:
                owner = owned.get(sha256)
                archived = owner is not None and owner[1] is not None and owner[0] < before and sha256 not in kept
                if owner is None or (archived and self._is_sound(owner[1])):
                    size = self._content.remove(path, unused_since=time.time() - GRACE_SECONDS)
                    moved.files += size is not None
                    moved.file_bytes += size or 0

    def _owners(self, hashes: list[str]) -> dict[str, Row]:
        """By hash: when the payload last came, and the pack it lies in or None."""
        with self._database.read() as db:
            return {row[0]: row[1:] for row in db.among(_OWNED, hashes)}


def _by_id(db: Transaction, ids: Iterable[str]) -> list[Row]:
    wanted = tuple(ids)
    return db.among(_PARENTS, wanted)
