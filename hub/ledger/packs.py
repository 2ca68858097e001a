"""Packs: files of payloads that left the ledger. A pack is a zip, so that any machine can read it in twenty years.

Its members are named by the SHA-256 of their bytes; the last is ``manifest.txt``, which ``sha256sum --check`` reads. A
pack is named by its manifest and never changes.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from hub.contracts.durable_files import sync_directory
from hub.errors import Broken

__all__ = ["MANIFEST", "Pack", "PackWriter", "file_digest", "names_in", "remove_leftovers", "unpacked"]

MANIFEST = "manifest.txt"
_PAYLOADS_MAX = 10_000
_BYTES_MAX = 128 * 1024 * 1024
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The same for all members, so that the same payloads make the same pack."""
_LEFTOVER_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """``bytes``: of the payloads; ``packed_bytes`` and ``sha256``: of the file. ``at``: seconds since 1970."""

    name: str
    folder: str
    at: float
    payloads: int
    bytes: int
    packed_bytes: int
    sha256: str


class PackWriter:
    """A pack in the making, in a hidden file of ``folder``; `finish` makes it durable and gives it its name."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.hashes: list[str] = []
        self.bytes = 0
        self._folder = folder
        self._path = folder / f".payloads.{secrets.token_hex(8)}.part"
        self._zip = zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> PackWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._zip.close()
        finally:  # a full disk refuses the end of it, too, and must not stay full of it
            self._path.unlink(missing_ok=True)

    @property
    def is_full(self) -> bool:
        return len(self.hashes) >= _PAYLOADS_MAX or self.bytes >= _BYTES_MAX

    def add(self, sha256: str, data: bytes) -> None:
        """Puts a payload in."""
        self._zip.writestr(zipfile.ZipInfo(sha256, _MOMENT), data, zipfile.ZIP_DEFLATED)
        self.hashes.append(sha256)
        self.bytes += len(data)

    def finish(self, now: float) -> Pack:
        """The pack, on disk under its name when this returns."""
        manifest = "".join(f"{sha256}  {sha256}\n" for sha256 in self.hashes).encode()
        self._zip.writestr(zipfile.ZipInfo(MANIFEST, _MOMENT), manifest, zipfile.ZIP_DEFLATED)
        self._zip.close()
        with self._path.open("rb") as file:
            os.fsync(file.fileno())
        name = f"payloads-{hashlib.sha256(manifest).hexdigest()[:24]}.zip"
        pack = Pack(
            name=name,
            folder=str(self._folder),
            at=now,
            payloads=len(self.hashes),
            bytes=self.bytes,
            packed_bytes=self._path.stat().st_size,
            sha256=file_digest(self._path),
        )
        self._path.replace(self._folder / name)
        sync_directory(self._folder)
        return pack


_COPY = "put a good copy of it in its place; `crossdock archive --json` has its SHA-256"


def unpacked(path: Path, sha256: str, size: int) -> bytes:
    """One payload of a pack. Broken when the pack is damaged, or holds something else under that name."""
    try:
        with zipfile.ZipFile(path) as pack:
            if pack.getinfo(sha256).file_size == size:
                data = pack.read(sha256)
                if hashlib.sha256(data).hexdigest() == sha256:
                    return data
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError, zlib.error) as error:
        raise Broken(f"the archive's file {path.name} is damaged: {error}", fix=_COPY, pack=str(path)) from error
    raise Broken(f"the archive's file {path.name} was altered after it was written", fix=_COPY, pack=str(path))


def names_in(path: Path) -> frozenset[str]:
    """The payloads that a pack says it holds. Broken when it is damaged."""
    try:
        with zipfile.ZipFile(path) as pack:
            return frozenset(pack.namelist()) - {MANIFEST}
    except (zipfile.BadZipFile, OSError) as error:
        raise Broken(f"the archive's file {path.name} is damaged: {error}", fix=_COPY, pack=str(path)) from error


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_leftovers(folder: Path) -> None:
    """Removes what runs left that died long ago."""
    for path in folder.glob(".payloads.*.part"):
        if time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
            path.unlink(missing_ok=True)
