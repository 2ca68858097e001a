"""What one source may hold."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """More than this is told as a problem and left out, never kept in memory. ``problems``: listed for one document,
    one group, one interchange or one file."""

    interchanges: int = 10_000
    document_segments: int = 100_000
    document_bytes: int = 32 << 20
    segment_bytes: int = 1 << 20
    problems: int = 200
