"""What a partner says of the documents we sent: FunctionalAcknowledgment."""

from __future__ import annotations

from enum import StrEnum

from hub.canonical.values import Canonical, Text

__all__ = ["AcknowledgedDocument", "AcknowledgedError", "AcknowledgmentStatus", "FunctionalAcknowledgment"]


class AcknowledgmentStatus(StrEnum):
    """X12 element 715/717 in words."""

    ACCEPTED = "ACCEPTED"
    ACCEPTED_WITH_ERRORS = "ACCEPTED_WITH_ERRORS"
    PARTIALLY_ACCEPTED = "PARTIALLY_ACCEPTED"
    REJECTED = "REJECTED"


class AcknowledgedError(Canonical):
    """One fault the partner found: segment, position, element, and its code."""

    segment: Text
    position: int | None = None
    element: int | None = None
    code: Text | None = None
    value: Text | None = None


class AcknowledgedDocument(Canonical):
    """The verdict on one document, found by its set and control number."""

    document: Text
    control_number: Text
    status: AcknowledgmentStatus
    codes: tuple[Text, ...] = ()
    errors: tuple[AcknowledgedError, ...] = ()


class FunctionalAcknowledgment(Canonical):
    """The verdict on one functional group that we sent. ``documents`` may be empty: the verdict is the group's."""

    group_type: Text
    group_control_number: Text
    status: AcknowledgmentStatus
    included: int
    received: int
    accepted: int
    documents: tuple[AcknowledgedDocument, ...] = ()
