"""Bytes named on the command line: files, folders, standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.cli.exits import Exit, exit_for
from hub.cli.output import show_error
from hub.errors import CrossdockError, NotFound, Rejected

__all__ = ["SIZE_MAX", "Sources", "expand", "read"]

SIZE_MAX = 1024**3
"""Bytes; a larger file is refused before it is read."""


class Sources:
    """Names and bytes, one after the other; what cannot be read is told on stderr and does not stop the others."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._read = 0
        self._unread: list[Exit] = []

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        for name in expand(self._names):
            try:
                data = read(name)
            except (CrossdockError, OSError) as error:
                show_error(error, as_json="--json" in sys.argv)
                self._unread.append(exit_for(error))
                continue
            self._read += 1
            yield name, data

    @property
    def code(self) -> Exit:
        """OK when all were read, PARTLY when some were, otherwise why the first was not."""
        if not self._unread:
            return Exit.OK
        return Exit.PARTLY if self._read else self._unread[0]


def expand(names: Sequence[str]) -> Iterator[str]:
    """The files that the names mean: ``-`` as it is, folders with all they hold, sorted, hidden names left out."""
    for name in names:
        path = Path(name)
        if name == "-" or not path.is_dir():
            yield name
            continue
        for found in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
            if not hidden and found.is_file():
                yield str(found)


def read(name: str) -> bytes:
    """All bytes of a file or of standard input.

    Raises NotFound, Rejected where it is no plain file or larger than SIZE_MAX, and OSError as the system says it.
    """
    if name == "-":
        data = sys.stdin.buffer.read(SIZE_MAX + 1)
        if len(data) > SIZE_MAX:
            raise Rejected(f"Standard input is larger than {SIZE_MAX} bytes.", fix="Split it, then try again.")
        return data
    path = Path(name)
    if not path.exists():
        raise NotFound(f"There is no file {name}.", fix="Check the path; - reads standard input.")
    if not path.is_file():
        raise Rejected(f"{name} is not a plain file.", fix="Name a file or a folder of files.")
    if path.stat().st_size > SIZE_MAX:
        raise Rejected(f"{name} is larger than {SIZE_MAX} bytes.", fix="Split it, then try again.")
    return path.read_bytes()
