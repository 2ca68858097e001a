"""Finding what was moved to the archive: in which pack it lies, and its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.errors import Held
from hub.ledger.packs import Pack, unpacked
from hub.ledger.transaction import Database, in_parts

__all__ = ["Archived", "Place"]

_PLACES = (
    "SELECT a.sha256, p.size, k.name, k.folder FROM archived_payload a JOIN archive_pack k ON k.name=a.pack"
    " JOIN payload p ON p.sha256=a.sha256 WHERE p.data IS NULL AND a.sha256 IN (*)"
)
_PACKS = "SELECT name, folder, at, payloads, bytes, packed_bytes, sha256 FROM archive_pack ORDER BY at, name"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where an archived payload lies. ``path``: its pack; ``is_there`` is false where that was taken elsewhere."""

    sha256: str
    size: int
    path: Path
    is_there: bool


class Archived:
    """The archive of one ledger. ``folder``: where packs are looked for that are not where they were written."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self._database = database

    def packs(self) -> list[Pack]:
        """All packs, oldest first."""
        with self._database.read() as db:
            rows = db.rows(_PACKS)
        return [Pack(**dict(zip(Pack.__slots__, row, strict=True))) for row in rows]

    def places(self, hashes: Sequence[str]) -> dict[str, Place]:
        """Where payloads lie that were moved to the archive and have not come again, by hash."""
        rows = []
        for part in in_parts(hashes, _AT_ONCE):
            with self._database.read() as db:
                rows += db.among(_PLACES, part)
        found = {}
        for sha256, size, name, folder in rows:
            path = self.path(name, folder)
            found[sha256] = Place(sha256, size, path, path.is_file())
        return found

    def path(self, name: str, folder: str) -> Path:
        """Where a pack is, or should be brought."""
        written = Path(folder) / name
        return written if written.is_file() else self.folder / name

    def read(self, place: Place) -> bytes:
        """The bytes. Held when their pack is not there, Broken when it is damaged or was altered."""
        if not place.is_there:
            raise Held(
                f"payload {place.sha256} was moved to the archive, and {place.path.name} is not there",
                fix=f"bring that file back to {place.path.parent}, then replay",
                sha256=place.sha256,
                pack=place.path.name,
            )
        return unpacked(place.path, place.sha256, place.size)
