"""Which processes of this machine are alive, by locks that the kernel lets go when a process dies.

A lease tells that a worker is gone only when it runs out. Each process that has the ledger open also holds a lock on a
file in the home, so that its death is seen at once by its successor; of processes elsewhere, whose home is another one,
nothing is known and their leases are waited for. The file holds the newest revision of the schema that the process
knows.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import threading
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

__all__ = ["Alive"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Alive:
    """The locks in ``folder``. ``instance``: the name of this process, new with every start."""

    def __init__(self, folder: Path, revision: str = "") -> None:
        self.instance = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._folder = folder
        self._revision = revision
        self._guard = threading.Lock()
        self._file: FileIO | None = None

    def announce(self) -> None:
        """From now on others can tell whether this process lives.

        On a full disk the file stays empty: who reads that takes this process for one that knows no revision.
        """
        with self._guard:
            while self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                path = self._folder / self.instance
                file = FileIO(path, "a")
                fcntl.flock(file, fcntl.LOCK_EX)
                if not path.exists():  # somebody tidied up before it was locked
                    file.close()
                    continue
                self._file = file
                try:
                    file.write(self._revision.encode())
                except OSError as error:
                    if error.errno not in _FULL:
                        raise

    def dead(self, instances: Iterable[str]) -> frozenset[str]:
        """Those of the instances that ran with this home and do not live any more."""
        return frozenset(name for name in instances if name and name != self.instance and self._is_dead(name))

    def older(self, revision: str) -> list[str]:
        """Living processes of this home that do not know a revision."""
        if not self._folder.is_dir():
            return []
        others = [path.name for path in self._folder.iterdir() if path.name != self.instance]
        living = [name for name in others if not self._is_dead(name) and self._knows(name) < revision]
        return sorted(f"process {name.partition('-')[0]}" for name in living)

    def forget(self, held: Iterable[str]) -> None:
        """Removes the locks of dead processes, but for those that still hold leases."""
        if not self._folder.is_dir():
            return
        kept = frozenset(held)
        for path in self._folder.iterdir():
            if path.name not in kept and path.name != self.instance and self._is_dead(path.name):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets go of the lock, as dying would."""
        with self._guard:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _knows(self, name: str) -> str:
        """The newest revision a process knows; one that has just ended knows all."""
        try:
            return (self._folder / name).read_text()
        except FileNotFoundError:
            return "~"

    def _is_dead(self, name: str) -> bool:
        try:
            with (self._folder / name).open("r") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
