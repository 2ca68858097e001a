"""What a partner says of the documents we sent: FunctionalAcknowledgment."""

from __future__ import annotations

from enum import StrEnum

from hub.canonical.values import Canonical, Text

__all__ = [
    "AcknowledgedContext",
    "AcknowledgedDocument",
    "AcknowledgedError",
    "AcknowledgmentStatus",
    "FunctionalAcknowledgment",
]


class AcknowledgmentStatus(StrEnum):
    """X12 element 715/717 in words."""

    ACCEPTED = "ACCEPTED"
    ACCEPTED_WITH_ERRORS = "ACCEPTED_WITH_ERRORS"
    PARTIALLY_ACCEPTED = "PARTIALLY_ACCEPTED"
    REJECTED = "REJECTED"


class AcknowledgedContext(Canonical):
    """What a fault depends on (``SITUATIONAL TRIGGER`` with a place), or whose it is (``BEG03`` with its value)."""

    name: Text
    value: Text | None = None
    segment: Text | None = None
    position: int | None = None
    loop: Text | None = None
    element: int | None = None
    component: int | None = None
    repetition: int | None = None


class AcknowledgedError(Canonical):
    """One fault the partner found: segment, position, loop, element, and its code.

    ``context``: of this fault; ``segment_context``: of its segment, where the fault is an element's.
    """

    segment: Text
    position: int | None = None
    loop: Text | None = None
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    code: Text | None = None
    value: Text | None = None
    context: tuple[AcknowledgedContext, ...] = ()
    segment_context: tuple[AcknowledgedContext, ...] = ()


class AcknowledgedDocument(Canonical):
    """The verdict on one document, found by its set and control number. ``convention``: the guide it was judged by."""

    document: Text
    control_number: Text
    convention: Text | None = None
    status: AcknowledgmentStatus
    codes: tuple[Text, ...] = ()
    errors: tuple[AcknowledgedError, ...] = ()


class FunctionalAcknowledgment(Canonical):
    """The verdict on one functional group that we sent. ``documents`` may be empty: the verdict is the group's.

    ``version``: of the group, where it is said. ``codes``: what is wrong with the group as such (X12 element 716).
    """

    group_type: Text
    group_control_number: Text
    version: Text | None = None
    status: AcknowledgmentStatus
    included: int
    received: int
    accepted: int
    codes: tuple[Text, ...] = ()
    documents: tuple[AcknowledgedDocument, ...] = ()
