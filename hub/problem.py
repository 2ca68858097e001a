"""A problem in words: one object, the same in the CLI, the API, the console, the acknowledgment and the log (P5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Problem", "Severity"]

Severity = Literal["error", "warning", "note"]
"""``error`` rejects the document, ``warning`` is told to its sender, ``note`` is for us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, where, what is expected and how to mend it.

    ``code``: our own stable slug, ``value_not_in_list``. ``segment``: its tag (or a JSON pointer's parent for JSON
    documents). ``position``: 1-based number of the segment in its document (ST is 1), as AK302 counts; None outside
    documents. ``element``, ``component``: 1-based. ``value``: what was there, at most 99 characters. ``loop``: loop
    path such as ``PO1/PID``. ``ack``: the acknowledgment codes it causes, e.g. ``{"AK304": "8", "AK403": "7"}``,
    ``{"AK502": "5"}``, ``{"TA105": "021"}``.
    """

    code: str
    message: str
    fix: str = ""
    severity: Severity = "error"
    segment: str = ""
    position: int | None = None
    element: int | None = None
    component: int | None = None
    value: str | None = None
    loop: str = ""
    ack: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The contract's JSON object; every key is always there."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "fix": self.fix,
            "segment": self.segment,
            "position": self.position,
            "element": self.element,
            "component": self.component,
            "value": self.value,
            "loop": self.loop,
            "ack": dict(self.ack),
        }
