"""A partner of the mailbox while it runs: how it logs in, its files, and what is happening to them right now."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from asyncssh import SFTPFailure

from connectors.sftp_mailbox.tree import Place, Tree

__all__ = ["Partner", "Take"]


class Partner:
    """``keys``: fingerprints of public keys that may log in. ``password``: gives the password; None without one."""

    def __init__(self, partner: str, tree: Tree, keys: frozenset[str], password: Callable[[], str] | None) -> None:
        self.id = partner
        self.tree = tree
        self.keys = keys
        self.password = password
        self.sessions = 0
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claimed(self, *names: str) -> Iterator[None]:
        """Names of the inbox that nobody else may touch meanwhile. Raises SFTPFailure if somebody does."""
        with self._lock:
            if not self._busy.isdisjoint(names):
                raise SFTPFailure("This file is being taken right now.")
            self._busy.update(names)
        try:
            yield
        finally:
            with self._lock:
                self._busy.difference_update(names)

    def is_busy(self, name: str) -> bool:
        return name in self._busy


Take = Callable[[Partner, Place, str, str], os.stat_result]
"""``take(partner, where the file lies, its final name, the sender's address)``: hand it to the hub and archive it.

Returns the status it had. Called in a thread, with the names claimed; raises SFTPFailure and leaves it where it was."""
