"""Words from people to people: TextMessage."""

from __future__ import annotations

from pydantic import Field

from hub.canonical.related import DateEntry, PartyInRole
from hub.canonical.values import Canonical, Text

__all__ = ["TextLine", "TextMessage", "TextSection"]


class TextLine(Canonical):
    """One line of text; ``spacing`` is how a printer would begin it, ``advance`` by how many lines."""

    text: Text
    spacing: Text | None = None
    advance: int | None = None


class TextSection(Canonical):
    """A piece of the message with a number of its own."""

    id: Text
    subject: Text | None = None
    page_width: int | None = None
    page_length: int | None = None
    lines: tuple[TextLine, ...] = Field(min_length=1)

    @property
    def text(self) -> str:
        """All lines, as a reader would see them."""
        return "\n".join(line.text for line in self.lines)


class TextMessage(Canonical):
    """A message that no other document has room for."""

    purpose: Text
    subject: Text | None = None
    type_code: Text | None = None
    dates: tuple[DateEntry, ...] = ()
    parties: tuple[PartyInRole, ...] = ()
    sections: tuple[TextSection, ...] = Field(min_length=1)
