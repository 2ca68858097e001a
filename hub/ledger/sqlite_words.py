"""What SQLite says when it refuses, in words that tell what to mend."""

from __future__ import annotations

import shutil
from pathlib import Path

from hub.errors import Broken, CrossdockError, Misconfigured, Unreachable

__all__ = ["in_words"]

_ROOM_BYTES = 2**20
_FULL = "disk is full"
_DISK = "disk i/o"
_NOT_OPENED = "unable to open"
_RIGHTS = "give the user that runs this the right to write it and its folder"
_WORDS: tuple[tuple[str, type[CrossdockError], str, str], ...] = (
    (
        _FULL,
        Unreachable,
        "the disk of the ledger is full: {path}",
        "make room on it; the hub goes on by itself",
    ),
    (
        _DISK,
        Unreachable,
        "the disk of the ledger does not work: {path}",
        "mend the disk; `dmesg` may say what it has",
    ),
    (
        "locked",
        Unreachable,
        "another process holds the ledger for longer than a minute: {path}",
        "`fuser` names those that have it open",
    ),
    ("readonly", Misconfigured, "the ledger cannot be written: {path}", _RIGHTS),
    (_NOT_OPENED, Misconfigured, "the ledger cannot be opened: {path}", _RIGHTS),
    ("not a database", Misconfigured, "this file is not a ledger: {path}", "put it elsewhere, or name another home"),
    ("malformed", Misconfigured, "the ledger's file is damaged: {path}", "restore it from the last backup"),
)


def in_words(error: BaseException, path: Path, *, was_open: bool) -> CrossdockError:
    """``path``: the ledger's file. ``was_open``: its settings are right, so what cannot be opened ran out."""
    said = str(error).lower()
    if _DISK in said and _no_room(path):  # so SQLite says where there is none for the file that it begins with
        said = _FULL
    for part, kind, words, fix in _WORDS:
        if part in said:
            if part == _NOT_OPENED and was_open:
                kind, fix = Unreachable, "allow the hub more open files (`ulimit -n`); it goes on by itself"
            return kind(words.format(path=path), fix=fix, database_error=str(error))
    return Broken(f"the ledger refused a statement: {error}")


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM_BYTES
    except OSError:
        return False
