"""X12: reading, validating, acknowledging and writing interchanges."""

from __future__ import annotations

from hub.x12.agreement import Agreement, Naked
from hub.x12.document import Delimiters, Document, Group, Interchange, Place, Verdict
from hub.x12.limits import Limits
from hub.x12.reader import Reader, read

__all__ = [
    "Agreement",
    "Delimiters",
    "Document",
    "Group",
    "Interchange",
    "Limits",
    "Naked",
    "Place",
    "Reader",
    "Verdict",
    "read",
]
