"""The exit codes of the command: one table, the same for every verb."""

from __future__ import annotations

from enum import IntEnum

from hub.errors import (
    AuthExpired,
    BadDocument,
    CrossdockError,
    Duplicate,
    Held,
    Misconfigured,
    NotFound,
    NotYet,
    Rejected,
    Retryable,
)

__all__ = ["MEANINGS", "Exit", "exit_for"]


class Exit(IntEnum):
    """What the command leaves with."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    PROBLEMS = 5
    CONFLICT = 6
    UNREACHABLE = 7
    PARTLY = 8
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "done",
    Exit.FAILED: "failed, or the answer is no (audit does not balance)",
    Exit.USAGE: "the command or a setting is wrong",
    Exit.NOT_FOUND: "there is no such file, message or order",
    Exit.NOT_ALLOWED: "access refused",
    Exit.PROBLEMS: "problems found in the input",
    Exit.CONFLICT: "it stands in the way of something on record, or a person must decide",
    Exit.UNREACHABLE: "the far end could not be reached",
    Exit.PARTLY: "partly done: some succeeded, some did not",
    Exit.INTERRUPTED: "interrupted (Ctrl-C)",
}

_BY_ERROR: tuple[tuple[type[CrossdockError], Exit], ...] = (
    (Retryable, Exit.UNREACHABLE),
    (NotYet, Exit.UNREACHABLE),
    (AuthExpired, Exit.NOT_ALLOWED),
    (Rejected, Exit.FAILED),
    (Held, Exit.CONFLICT),
    (BadDocument, Exit.PROBLEMS),
    (Duplicate, Exit.CONFLICT),
    (NotFound, Exit.NOT_FOUND),
    (Misconfigured, Exit.USAGE),
)


def exit_for(error: BaseException) -> Exit:
    """The code for an error; what is in no row is FAILED."""
    if isinstance(error, FileNotFoundError):
        return Exit.NOT_FOUND
    if isinstance(error, PermissionError):
        return Exit.NOT_ALLOWED
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.FAILED)
