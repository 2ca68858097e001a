"""One file with all of a hub: the ledger of one moment, its payloads, configuration and what connections keep.

A zip, so that it can be looked into without us: ``manifest.json`` names every other member with size and SHA-256;
``ledger/<table>.jsonl``, ``payloads/<sha256>``, ``home/config/…``, ``home/connections/…``, ``archive/<pack>``. Secrets
are left out and named: files of ``secrets/``, and private keys wherever they lie.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.clock import utc
from hub.contracts.durable_files import sync_directory
from hub.errors import KeyConflict, NotFound
from hub.ledger import Ledger
from hub.places import config_directory

__all__ = ["FORMAT", "MANIFEST", "back_up"]

FORMAT = 1
MANIFEST = "manifest.json"
_PIECE = 1 << 20
_PRIVATE = b"PRIVATE KEY-----"


@dataclass(slots=True)
class _Writer:
    """Members of the file, and what the manifest will say of them. ``lines``: of each table."""

    zip: zipfile.ZipFile
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def put(self, name: str, pieces: Iterable[bytes]) -> int:
        """Adds a member; of how many pieces."""
        digest, size, count = hashlib.sha256(), 0, 0
        with self.zip.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size, count = size + len(piece), count + 1
        self.files[name] = {"bytes": size, "sha256": digest.hexdigest()}
        return count


def back_up(ledger: Ledger, home: Path, target: Path, *, version: str, with_archive: bool = False) -> dict[str, Any]:
    """Writes the backup while the hub runs; what `restore` will say of it, with ``file``, its size and SHA-256.

    ``target``: a file, or a folder in which it gets a name of its own. KeyConflict when the file is there already;
    NotFound when its folder is not; OSError when it cannot be written. Large payloads stay where they are meanwhile:
    archiving waits.
    """
    at = ledger.now()
    path = target / f"crossdock-{utc(at):%Y%m%dT%H%M%SZ}.zip" if target.is_dir() else target
    if not path.parent.is_dir():
        raise NotFound(f"there is no folder {path.parent}", fix="make it first, or name another file")
    if path.exists():
        raise KeyConflict(f"{path} is there already", fix="name another file, or remove it")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        temporary.touch(mode=0o600)  # it holds what partners entrusted to us
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
            manifest = _fill(_Writer(opened), ledger, home, with_archive=with_archive)
            manifest |= {"crossdock": version, "at": at}
            opened.writestr(MANIFEST, json.dumps(manifest, indent=1))
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        temporary.rename(path)
        sync_directory(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
    told = {name: manifest[name] for name in ("at", "crossdock", "revision", "seal", "rows", "secrets", "packs")}
    return {"file": str(path), "bytes": path.stat().st_size, "sha256": digest, **told}


def _fill(writer: _Writer, ledger: Ledger, home: Path, *, with_archive: bool) -> dict[str, Any]:
    """First the rows, then the files: whatever a row of the snapshot refers to was on disk before it."""
    with ledger.snapshot() as snapshot:
        for table in snapshot.tables:
            lines = (line + b"\n" for line in snapshot.lines(table))
            writer.lines[table] = writer.put(f"ledger/{table}.jsonl", lines) - 1
        for sha256 in snapshot.files():
            writer.put(f"payloads/{sha256}", _pieces(ledger.payload_path(sha256)))
        revision, seal = snapshot.revision, snapshot.latest_seal
    left_out = [f"secrets/{path.name}" for path in sorted((home / "secrets").glob("*"))]
    for folder, place in ((config_directory(home), "config"), (home / "connections", "connections")):
        left_out += _put_folder(writer, folder, place)
    packs = []
    for pack, path in ledger.packs():
        if with_archive and path.is_file():
            writer.put(f"archive/{pack.name}", _pieces(path))
        else:
            packs.append(str(path))
    return {
        "format": FORMAT,
        "revision": revision,
        "seal": seal,
        "rows": writer.lines,
        "files": writer.files,
        "secrets": left_out,
        "packs": packs,
    }


def _put_folder(writer: _Writer, folder: Path, place: str) -> list[str]:
    """Adds the files of a folder but for private keys, which are named; what vanishes meanwhile is left out."""
    left_out = []
    for path in sorted(folder.rglob("*")):
        name = f"{place}/{path.relative_to(folder)}"
        if path.is_symlink() or not path.is_file() or path.name in {".listening", ".lock"}:
            continue
        try:
            with path.open("rb") as file:
                if _PRIVATE in file.read(200):
                    left_out.append(name)
                    continue
            writer.put(f"home/{name}", _pieces(path))
        except FileNotFoundError:
            continue
    return left_out


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
