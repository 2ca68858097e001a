"""The partners: ``python -m bench.chaos.sender --home DIR --files DIR --journal FILE --pause S [--mailbox PORT]``.

Puts the files of a plan into the partners' inboxes, each under a temporary name and then renamed, and notes each whose
renaming was answered. Killed and started again, it goes on with the first that was not answered.
"""

from __future__ import annotations

import argparse
import errno
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.chaos.home import key_file
from bench.chaos.plan import PARTNERS, Drop, read_plan
from demo.mailbox import Mailbox
from hub.contracts.durable_files import move_durably

__all__ = ["answered"]

_PIECE = 2000


def answered(journal: Path) -> list[str]:
    """Names of the files whose renaming was answered, in that order."""
    try:
        data = journal.read_bytes()
    except FileNotFoundError:
        return []
    return data[: data.rfind(b"\n") + 1].decode().split()


class Sender:
    """Sends the plan's files, each partner's in order."""

    def __init__(self, files: Path, journal: Path, pause: float) -> None:
        self._files, self._pause = files, pause
        self._done = set(answered(journal))
        self._journal = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._wait = threading.Event()

    def run(self, partner: str, put: Callable[[Drop, bytes], bool]) -> None:
        """All files of one partner. ``put``: carries one; whether it was answered."""
        due = time.monotonic()
        for drop in read_plan(self._files).drops:
            if drop.partner != partner or drop.name in self._done:
                continue
            data = (self._files / drop.name).read_bytes()
            while not put(drop, data):
                self._wait.wait(0.2)
            os.write(self._journal, f"{drop.name}\n".encode())
            due += self._pause
            self._wait.wait(max(0.0, due - time.monotonic()))


def by_folder(inbox: Path) -> Callable[[Drop, bytes], bool]:
    """As a program on the same machine: written in pieces, synced, renamed; again where the disk is full."""

    def put(drop: Drop, data: bytes) -> bool:
        temporary, path = inbox / f".{drop.name}.tmp", inbox / drop.name
        archive = inbox.parent / "archive"
        if path.exists() or (archive / drop.name).exists():
            return True
        try:
            with temporary.open("wb") as file:
                for begin in range(0, len(data), _PIECE):
                    file.write(data[begin : begin + _PIECE])
                file.flush()
                os.fsync(file.fileno())
            move_durably(temporary, path)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return False
        return True

    return put


def by_mailbox(home: Path, port: int, partner: str, own: Path | None = None) -> Callable[[Drop, bytes], bool]:
    """By SFTP; a renaming without an answer is looked for before the file is sent again.

    ``own``: the partner's own folder, which is not on the hub's disk; the home unless given.
    """
    mailbox = Mailbox("127.0.0.1", port, partner, key_file(home, partner), (own or home) / f"{partner}_known_hosts")

    def put(drop: Drop, data: bytes) -> bool:
        temporary = f".{drop.name}.tmp"

        def work(line: Mailbox) -> None:
            # Also after a start: an earlier life of this process may have renamed it and died before it noted so.
            if line.arrived(drop.name, temporary):
                return
            line.put(temporary, data, _PIECE)
            line.rename(temporary, drop.name)

        return not mailbox.attempt(work)

    return put


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--files", type=Path, required=True)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds from one file of a partner to the next")
    parser.add_argument("--mailbox", type=int, default=0, help="port; without it files go to folders")
    chosen = parser.parse_args()
    sender = Sender(chosen.files, chosen.journal, chosen.pause)
    puts = []
    for partner in PARTNERS:
        inbox = chosen.home / "folders" / partner / "inbox"
        own = chosen.journal.parent
        puts.append(by_mailbox(chosen.home, chosen.mailbox, partner, own) if chosen.mailbox else by_folder(inbox))
    with ThreadPoolExecutor(len(PARTNERS)) as pool:
        list(pool.map(sender.run, PARTNERS, puts))  # raises what stopped one of them, so that it is started again


if __name__ == "__main__":
    main()
