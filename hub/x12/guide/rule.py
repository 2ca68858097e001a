"""One thing that was agreed with a partner about one place of a document."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from hub.errors import Misconfigured
from hub.problem import Severity

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that was agreed. ``path`` as in `hub.x12.guide_path`; ``why``: the reason, with the guide's page.

    For a segment, a loop or an element: ``usage`` must, not, or may. For an element: ``codes``, ``shortest`` and
    ``longest`` in characters. For a segment or loop: ``most``, how often it may come, 0 for any number. For a segment:
    ``note``, a syntax note such as P0304. Zero and empty leave a thing as it is.

    ``widens``: the rule allows what X12 does not, and ``owner`` answers for that; each use of it is told as a warning.
    ``severity``: ``warning`` for what is asked for but rejects nothing.
    """

    path: str
    _: KW_ONLY
    why: str
    usage: Literal["", "must", "may", "not"] = ""
    codes: tuple[str, ...] = ()
    shortest: int = 0
    longest: int = 0
    most: int | None = None
    note: str = ""
    widens: bool = False
    owner: str = ""
    severity: Severity = "error"

    def __post_init__(self) -> None:
        if not self.why:
            raise Misconfigured(f"the rule for {self.path} does not say why", fix="say why, with the guide's page")
        if self.widens and not self.owner:
            raise Misconfigured(f"the rule for {self.path} widens, and nobody owns that", fix="name its owner")

    def words(self) -> str:
        """What it says, without its path: ``must be sent; codes EA, CA``."""
        usage = {"must": "must be sent", "may": "may be left out", "not": "must not be sent", "": ""}[self.usage]
        return "; ".join(
            filter(
                None,
                (
                    usage,
                    f"codes {', '.join(self.codes)}" if self.codes else "",
                    f"at least {self.shortest} characters" if self.shortest else "",
                    f"at most {self.longest} characters" if self.longest else "",
                    "" if self.most is None else f"at most {self.most} times" if self.most else "any number of times",
                    f"note {self.note}" if self.note else "",
                ),
            )
        )
