"""What a partner's application made of documents that we sent: ApplicationAdvice, with errors in words."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum

from pydantic import Field

from hub.canonical.related import AmountEntry, DateEntry, PartyInRole, Reference, Remark
from hub.canonical.values import Canonical, Contact, Text

__all__ = ["AdviceError", "AdviceScope", "AdviceStatus", "AdviceVerdict", "AdvisedDocument", "ApplicationAdvice"]


class AdviceScope(StrEnum):
    """What a verdict is on."""

    BATCH = "BATCH"
    GROUP = "GROUP"
    DOCUMENT = "DOCUMENT"
    ITEM = "ITEM"


class AdviceStatus(StrEnum):
    """What became of it."""

    ACCEPTED = "ACCEPTED"
    ACCEPTED_WITH_CHANGE = "ACCEPTED_WITH_CHANGE"
    ACCEPTED_WITH_ERRORS = "ACCEPTED_WITH_ERRORS"
    PARTIALLY_ACCEPTED = "PARTIALLY_ACCEPTED"
    REJECTED = "REJECTED"


class AdviceVerdict(Canonical):
    """X12 element 110, taken apart."""

    scope: AdviceScope
    status: AdviceStatus


class AdviceError(Canonical):
    """One fault: ``condition`` in our words or as the partner's code, ``message`` in the partner's words, and where.

    ``position`` counts segments from ST = 1, ``element`` elements from 1; ``element_number`` is the dictionary's.
    """

    condition: Text
    message: Text | None = None
    segment: Text | None = None
    position: int | None = None
    element: int | None = None
    element_number: int | None = None
    value: Text | None = None
    new_value: Text | None = None
    notes: tuple[Remark, ...] = ()


class AdvisedDocument(Canonical):
    """The verdict on one document, found by its set and control numbers, or by its ``reference``."""

    verdict: AdviceVerdict
    reference: Reference
    document: Text | None = None
    control_number: Text | None = None
    group_control_number: Text | None = None
    group_sender: Text | None = None
    group_receiver: Text | None = None
    group_date: date | None = None
    group_time: time | None = None
    version: Text | None = None
    purpose: Text | None = None
    references: tuple[Reference, ...] = ()
    dates: tuple[DateEntry, ...] = ()
    contact: Contact | None = None
    amounts: tuple[AmountEntry, ...] = ()
    errors: tuple[AdviceError, ...] = ()


class ApplicationAdvice(Canonical):
    """Verdicts after the content was looked at, where an acknowledgment looks at syntax only."""

    id: Text
    issue_date: date
    issue_time: time | None = None
    purpose: Text
    reference_id: Text | None = None
    type_code: Text | None = None
    action_code: Text | None = None
    parties: tuple[PartyInRole, ...] = ()
    documents: tuple[AdvisedDocument, ...] = Field(min_length=1)
