"""Where words go: data on stdout, everything else on stderr; JSON for programs, aligned text for people."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from hub.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "STYLES",
    "emit",
    "emit_bytes",
    "emit_json",
    "emit_line",
    "emit_pieces",
    "note",
    "progress",
    "show_error",
    "table",
    "text",
]

STYLES = {
    "delivered": "green",
    "answered": "green",
    "accepted": "green",
    "ok": "green",
    "received": "cyan",
    "working": "cyan",
    "held": "yellow",
    "accepted_with_errors": "yellow",
    "rejected": "red",
    "dead": "bold red",
    "failed": "red",
}
"""Colour of a state or verdict; the word itself is always there too."""


def emit(value: Any) -> None:
    """One JSON document to stdout, indented, ASCII only."""
    _write(json.dumps(value, indent=2, default=str))


def emit_line(value: Any) -> None:
    """One JSON document to stdout on one line, at once: whoever reads it may wait for it."""
    _write(json.dumps(value, separators=(",", ":"), default=str))
    sys.stdout.flush()


def emit_json(data: bytes) -> None:
    """One JSON document to stdout on one line, already written; ASCII only."""
    _write(data.decode() if data.isascii() else json.dumps(json.loads(data), separators=(",", ":")))


def emit_pieces(pieces: Iterable[str]) -> None:
    """One JSON document to stdout on one line, as its text comes."""
    for piece in pieces:
        sys.stdout.write(piece)
    _write("")


def emit_bytes(data: bytes) -> None:
    """Bytes to stdout, as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def text(line: str = "", style: str = "") -> None:
    """One line for people to stdout; never wrapped, never interpreted."""
    if not style or not _colours(sys.stdout):
        _write(_encodable(line, sys.stdout))
        return
    _console(sys.stdout).print(line, style=style, soft_wrap=True)


def note(line: str = "", style: str = "") -> None:
    """One line for people to stderr."""
    if style and _colours(sys.stderr):
        _console(sys.stderr).print(line, style=style, soft_wrap=True)
    else:
        sys.stderr.write(_encodable(line, sys.stderr) + "\n")


def progress(what: str, count: int) -> None:
    """How far something is, on one line of stderr that the next one takes; only on a terminal. Empty: it is over."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{visible(what)} {count:,}" if what else "\r\x1b[K")
        sys.stderr.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str, indent: int = 0) -> None:
    """Rows under headings, aligned; ``empty`` goes to stderr where there are none.

    Cells are made safe to show. A column whose heading ends in ``#`` is right-aligned; ``state`` and ``verdict`` are
    coloured on a terminal.
    """
    cells = [[visible("" if cell is None else str(cell)) for cell in row] for row in rows]
    if not cells:
        note(empty)
        return
    from rich.cells import cell_len

    headings = [column.rstrip("#") for column in columns]
    widths = [max(cell_len(line[index]) for line in (headings, *cells)) for index in range(len(columns))]
    text(" " * indent + _row(headings, columns, widths), "bold")
    coloured = next((index for index, heading in enumerate(headings) if heading in {"state", "verdict"}), None)
    for line in cells:
        style = STYLES.get(line[coloured], "") if coloured is not None else ""
        text(" " * indent + _row(line, columns, widths), style)


def show_error(error: BaseException, *, as_json: bool) -> None:
    """What went wrong, where, and how to mend it; to stderr, as one block or one JSON object."""
    from hub.errors import CrossdockError

    facts: dict[str, Any]
    if isinstance(error, CrossdockError):
        facts = error.as_json()
    elif isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        fix = _FIXES.get(error.errno or 0, "")
        facts = {"error": "os_error", "message": f"{where}{error.strerror or error}", "fix": fix}
    else:
        facts = {"error": "broken", "message": f"{type(error).__name__}: {error}", "fix": _BROKEN}
    if as_json:
        sys.stderr.write(json.dumps(facts, default=str) + "\n")
        return
    note(f"error: {visible(facts.pop('message'))}", "red")
    slug, fix, problems = facts.pop("error"), facts.pop("fix"), facts.pop("problems", ())
    for name, value in facts.items():
        note(f"  {name}: {visible(str(value))}")
    for problem in problems:
        note(f"  - {visible(problem['message'])}")
    if fix:
        note(f"  how to mend it: {visible(fix)}")
    note(f"  kind: {slug}")


_FULL = "Make room on the disk of the home and of what is written, then try again."
_RIGHTS = "Give the user that runs this the right to it, or name another place."
_FIXES = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "It is mounted for reading only: name another place.",
    errno.ENOENT: "Check the path; folders on the way to it have to be there.",
    errno.ENOTDIR: "Check the path: part of it is a file.",
    errno.EISDIR: "Name a file, not a folder.",
    errno.EADDRINUSE: "Something listens there already: stop it, or give another port in hub.toml.",
}
_BROKEN = "This is a fault of Crossdock. Run it again with CROSSDOCK_DEBUG=1 and report what it prints."


def _row(cells: Sequence[str], columns: Sequence[str], widths: Sequence[int]) -> str:
    from rich.cells import cell_len

    padded = []
    for cell, column, width in zip(cells, columns, widths, strict=True):
        gap = " " * (width - cell_len(cell))
        padded.append(gap + cell if column.endswith("#") else cell + gap)
    return "  ".join(padded).rstrip()


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")


def _encodable(line: str, stream: TextIO) -> str:
    encoding = stream.encoding or "utf-8"
    return line.encode(encoding, "backslashreplace").decode(encoding)


def _colours(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
