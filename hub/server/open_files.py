"""How many files and connections the process may hold open."""

from __future__ import annotations

import resource

__all__ = ["allow_open_files"]

_WANTED = 65_536


def allow_open_files() -> None:
    """Raises the soft limit of open files as far as the hard one allows. Its usual 1,024 is for programs that use
    `select(2)` (https://man7.org/linux/man-pages/man2/select.2.html), which nothing here does; a hub with many
    partners who hold connections comes near it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
