"""Every public error, ordered by what to do next.

::

    CrossdockError
    ├── Retryable             try the same thing again later
    │   ├── Unreachable       nothing was accepted
    │   ├── Throttled         the far end named a time
    │   └── OutcomeUnknown    sent, no answer: look before sending again
    ├── NotYet                the answer does not exist yet; asking again later is the normal course
    ├── AuthExpired           credentials ran out: refresh once, then try again
    ├── Rejected              the far end refuses this content; someone must change something
    ├── Held                  our own rule stops it; a person decides
    ├── BadDocument           the document we were given is wrong; its sender is told
    ├── Duplicate             already on record; nothing more to do
    │   └── KeyConflict       same key, other content: never quiet
    ├── NotFound              there is no such thing here
    ├── Misconfigured         our settings are wrong; stop the connection, not the message
    └── Broken                an invariant of ours does not hold; never retried

The docstring of a class is the sentence an operator reads when no better one was given. ``slug`` is what logs, the
API, the console and ``--json`` show. ``fix`` says how to mend it.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

__all__ = [
    "AuthExpired",
    "BadDocument",
    "Broken",
    "CrossdockError",
    "Duplicate",
    "Held",
    "KeyConflict",
    "Misconfigured",
    "NotFound",
    "NotYet",
    "OutcomeUnknown",
    "Rejected",
    "Retryable",
    "Throttled",
    "Unreachable",
]


class CrossdockError(Exception):
    """Something went wrong."""

    slug: ClassVar[str] = "error"

    def __init_subclass__(cls) -> None:
        cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, message: str | None = None, *, fix: str = "", **facts: Any) -> None:
        """``facts`` are JSON values (codes, paths, names); never payloads, never secrets."""
        self.message = message or (self.__doc__ or "").partition("\n")[0]
        self.fix = fix
        self.facts = facts
        super().__init__(self.message)

    def as_json(self) -> dict[str, Any]:
        """``{error, message, fix, …facts}``, the one form in which logs, API and CLI show an error."""
        return {"error": self.slug, "message": self.message, "fix": self.fix, **self.facts}


class Retryable(CrossdockError):
    """It did not work this time; the same thing is tried again later."""

    def __init__(
        self,
        message: str | None = None,
        *,
        fix: str = "",
        retry_after_seconds: float | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message, fix=fix, **facts)
        self.retry_after_seconds = retry_after_seconds


class Unreachable(Retryable):
    """The far end could not be reached; nothing was accepted there."""


class Throttled(Retryable):
    """The far end asks for fewer calls; it is tried again at the time it named."""


class OutcomeUnknown(Retryable):
    """It was sent but no answer came; Crossdock looks at the far end before it sends again."""


class NotYet(CrossdockError):
    """The answer does not exist yet; it is asked for again later."""

    def __init__(
        self, message: str | None = None, *, fix: str = "", retry_after_seconds: float = 60.0, **facts: Any
    ) -> None:
        super().__init__(message, fix=fix, **facts)
        self.retry_after_seconds = retry_after_seconds


class AuthExpired(CrossdockError):
    """The credentials are no longer accepted; they are refreshed once, then tried again."""


class Rejected(CrossdockError):
    """The far end refuses this content; it will not be sent again until someone changes something."""


class Held(CrossdockError):
    """A rule of ours stops this message; a person has to decide."""


class BadDocument(CrossdockError):
    """The document is wrong; its sender is told what and where. ``problems`` holds `hub.problem.Problem` items."""

    def __init__(self, message: str | None = None, *, fix: str = "", problems: Any = (), **facts: Any) -> None:
        super().__init__(message, fix=fix, **facts)
        self.problems = tuple(problems)

    def as_json(self) -> dict[str, Any]:
        return {**super().as_json(), "problems": [problem.as_json() for problem in self.problems]}


class Duplicate(CrossdockError):
    """This is already on record; nothing was done again."""


class KeyConflict(Duplicate):
    """The same key was used before with other content; a person has to look."""


class NotFound(CrossdockError):
    """There is no such thing here."""


class Misconfigured(CrossdockError):
    """A setting is wrong; nothing is tried until it is mended."""


class Broken(CrossdockError):
    """An internal rule does not hold; the message is stopped and never retried by itself."""
