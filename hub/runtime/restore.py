"""A hub made from a backup: nothing is there before all of it is checked, and then all of it is."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from hub.clock import Clock
from hub.errors import Broken, Misconfigured
from hub.ledger.dump import load, require_empty
from hub.places import BUILT, database_url
from hub.runtime.backup import FORMAT, MANIFEST
from hub.runtime.restore_place import building_place, go_on, put_in_place, require_empty_home

__all__ = ["restore"]

_PIECE = 1 << 20
_ANOTHER = "name a file that `crossdock backup` wrote"
_DAMAGED = (zipfile.BadZipFile, KeyError, EOFError, ValueError, zlib.error, RuntimeError)


def restore(file: Path, home: Path, *, clock: Clock, skip: int, doubt_seconds: float) -> dict[str, Any]:
    """Makes ``home`` and its ledger from a backup; what the operator has to know.

    ``skip``: numbers of each sequence that are left out; see `hub.ledger.dump.load`. ``doubt_seconds``: so long each
    delivery is looked for before it is sent. KeyConflict when the home or the database is not empty; Broken when the
    file is damaged; Misconfigured when it is none, or too new. Interrupted while what was made is put in place, it goes
    on there.
    """
    if not (home / BUILT).is_dir():
        require_empty_home(home)
    with file.open("rb") as begins:
        if begins.read(2) != b"PK":
            raise Misconfigured(f"{file} is no backup of Crossdock", fix=_ANOTHER)
    try:
        with zipfile.ZipFile(file) as opened:
            manifest = _manifest(opened, file)
            if told := go_on(home, manifest["at"]):
                return told
            _check(opened, manifest)
            return _make(opened, manifest, home, clock, skip, clock.now() + doubt_seconds)
    except _DAMAGED as error:
        raise Broken(f"{file} is damaged: {error}", fix="take another backup", file=str(file)) from error


def _manifest(opened: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    if MANIFEST not in opened.namelist():
        raise Misconfigured(f"{file} is no backup of Crossdock", fix=_ANOTHER)
    manifest: dict[str, Any] = json.loads(opened.read(MANIFEST))
    if manifest["format"] > FORMAT:
        raise Misconfigured(
            f"{file} was written by a newer Crossdock ({manifest['crossdock']})", fix="restore it with that version"
        )
    return manifest


def _check(opened: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Every member is there as it was written, and no other."""
    if set(opened.namelist()) != {*manifest["files"], MANIFEST}:
        raise Broken(f"{opened.filename} is damaged: it lacks files or has others")
    for name, said in manifest["files"].items():
        digest, size = hashlib.sha256(), 0
        for piece in _pieces(opened, name):
            digest.update(piece)
            size += len(piece)
            if size > said["bytes"]:
                break
        if (size, digest.hexdigest()) != (said["bytes"], said["sha256"]):
            raise Broken(f"{opened.filename} is damaged: {name} is not as it was written")


def _make(
    opened: zipfile.ZipFile, manifest: dict[str, Any], home: Path, clock: Clock, skip: int, doubt_until: float
) -> dict[str, Any]:
    """In a folder of its own, which becomes the home when all is done."""
    place = building_place(home)
    try:
        url = database_url(home)
        if url == f"sqlite:///{home / 'ledger.db'}":
            url = f"sqlite:///{place / 'ledger.db'}"
        require_empty(url, clock)
        for name in manifest["files"]:
            if not name.startswith("ledger/"):
                _extract(opened, name, place)
        numbers = load(
            url, home=place, clock=clock, revision=manifest["revision"], lines=lambda table: _lines(opened, table),
            skip=skip, doubt_until=doubt_until, snapshot_at=manifest["at"],
        )  # fmt: skip
        told = {
            "home": str(home),
            "snapshot_at": manifest["at"],
            "doubt_until": doubt_until,
            "crossdock": manifest["crossdock"],
            "rows": manifest["rows"],
            "numbers": {name: {"was": was, "goes_on_after": after} for name, (was, after) in numbers.items()},
            "secrets": manifest["secrets"],
            "packs": manifest["packs"],
        }
        put_in_place(place, home, told)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return told


def _lines(opened: zipfile.ZipFile, table: str) -> Iterator[bytes]:
    name = f"ledger/{table}.jsonl"
    if name in opened.NameToInfo:
        with opened.open(name) as member:
            yield from member


def _extract(opened: zipfile.ZipFile, name: str, home: Path) -> None:
    kind, _, rest = name.partition("/")
    place = PurePosixPath({"home": rest, "archive": name, "payloads": f"payloads/{rest[:2]}/{rest[2:]}"}[kind])
    if place.is_absolute() or ".." in place.parts:
        raise Broken(f"{opened.filename} is damaged: {name} leads out of the home")
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for piece in _pieces(opened, name):
            file.write(piece)


def _pieces(opened: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with opened.open(name) as member:
        while piece := member.read(_PIECE):
            yield piece
