"""Bytes named on the command line: files, folders, standard input."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Self

from hub.cli.exits import Exit, exit_for
from hub.cli.output import show_error
from hub.errors import BadDocument, CrossdockError, NotFound, Rejected

__all__ = ["READ_MAX", "Input", "Inputs", "expand"]

READ_MAX = 256 * 1024**2
"""Bytes that are read into memory at once; `Input.open` has no such limit."""


@dataclass
class Input:
    """One file, or standard input as ``-``, which is kept so that it can be read twice."""

    name: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "_standard_input" in self.__dict__:
            self._standard_input.close()

    def check(self) -> None:
        """Raises NotFound, Rejected where it is no plain file, or OSError as the system says it."""
        with self.open():
            pass

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its bytes from the beginning. Raises as `check`."""
        if self.name == "-":
            self._standard_input.seek(0)
            yield self._standard_input
            return
        path = Path(self.name)
        if not path.exists():
            raise NotFound(f"There is no file {self.name}.", fix="Check the path; - reads standard input.")
        if not path.is_file():
            raise Rejected(f"{self.name} is not a plain file.", fix="Name a file or a folder of files.")
        with path.open("rb") as file:
            yield file

    def read(self) -> bytes:
        """All bytes. Raises as `check`, and Rejected above READ_MAX."""
        with self.open() as file:
            data = file.read(READ_MAX + 1)
        if len(data) > READ_MAX:
            raise Rejected(f"{self.name} is larger than {READ_MAX} bytes.", fix="Split it, then try again.")
        return data

    def no_x12(self, syntax: str, else_fix: str = "") -> BadDocument:
        """What is to be raised where the bytes turned out to hold something else."""
        return BadDocument(
            f"{self.name} holds no X12 interchange; it is {syntax}.",
            fix="; ".join(filter(None, ["`crossdock inspect` shows what a file holds", else_fix])) + ".",
        )

    @cached_property
    def _standard_input(self) -> BinaryIO:
        kept = tempfile.TemporaryFile()  # noqa: SIM115  closed on exit from this Input
        shutil.copyfileobj(sys.stdin.buffer, kept)
        return kept


@dataclass
class Inputs:
    """Files one after the other; what cannot be read is told on stderr and does not stop the others."""

    names: Sequence[str]
    _read: int = 0
    _unread: list[Exit] = field(default_factory=list)

    def __iter__(self) -> Iterator[Input]:
        for name in expand(self.names):
            with Input(name) as found:
                try:
                    found.check()
                except (CrossdockError, OSError) as error:
                    self.refuse(error)
                    continue
                self._read += 1
                yield found

    def refuse(self, error: CrossdockError | OSError, *, was_read: bool = False) -> None:
        """Tell on stderr why a file gave nothing, and go on with the next."""
        self._read -= was_read
        show_error(error, as_json="--json" in sys.argv)
        self._unread.append(exit_for(error))

    @property
    def code(self) -> Exit:
        """OK when none was refused, PARTLY when some were, otherwise why the first was."""
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
