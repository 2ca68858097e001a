"""824 Application Advice ⇄ ApplicationAdvice."""

from __future__ import annotations

from hub.canonical import AdviceScope, AdviceStatus, AdviceVerdict, ApplicationAdvice
from hub.mapping.codecs import an, code, date8, n0
from hub.mapping.notation import M, loop, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.acknowledged import ELEMENT
from mappings.x12.related import AMOUNTS, CONTACT, DATES, PARTIES, REMARKS, references
from mappings.x12.words import REFERENCE, SENT_FOR, TIME

__all__ = ["APPLICATION_ADVICE"]

_SCOPES = {
    "T": AdviceScope.DOCUMENT,
    "I": AdviceScope.ITEM,
    "G": AdviceScope.GROUP,
    "B": AdviceScope.BATCH,
}
_STATUSES = {
    "A": AdviceStatus.ACCEPTED,
    "C": AdviceStatus.ACCEPTED_WITH_CHANGE,
    "E": AdviceStatus.ACCEPTED_WITH_ERRORS,
    "P": AdviceStatus.PARTIALLY_ACCEPTED,
    "R": AdviceStatus.REJECTED,
}

VERDICT = code(
    {
        scope + status: AdviceVerdict(scope=_SCOPES[scope], status=_STATUSES[status])
        for scope in _SCOPES
        for status in _STATUSES
    }
)
"""110: the first letter is what is judged, the second how."""

CONDITION = code(
    {
        "006": "DUPLICATE",
        "007": "MISSING_DATA",
        "008": "OUT_OF_RANGE",
        "009": "INVALID_DATE",
        "010": "TOTAL_OUT_OF_BALANCE",
        "011": "NOT_MATCHING",
        "012": "INVALID_COMBINATION",
        "024": "OTHER",
        "812": "MISSING_TRANSACTION_REFERENCE",
        "848": "INCORRECT_DATA",
        "DUP": "DUPLICATE_DOCUMENT",
        "INC": "INCOMPLETE_DOCUMENT",
        "INF": "INVALID_STATUS",
        "MID": "MISSING_IDENTIFICATION",
        "ZZZ": "MUTUALLY_DEFINED",
    },
    others=True,
)
"""647."""

APPLICATION_ADVICE = document(
    "824",
    group="AG",
    model=ApplicationAdvice,
    rows=(
        row("BGN01", "purpose", SENT_FOR, M),
        row("BGN02", "id", an, M),
        row("BGN03", "issue_date", date8, M),
        row("BGN04", "issue_time", TIME),
        skip("BGN05", why="the zone of BGN04, which is for people to read"),
        row("BGN06", "reference_id", an),
        row("BGN07", "type_code", an),
        row("BGN08", "action_code", an),
        PARTIES,
        loop(
            "OTI",
            "documents[]",
            row("OTI01", "verdict", VERDICT, M),
            row("OTI02", "reference.type", REFERENCE, M),
            row("OTI03", "reference.id", an, M),
            row("OTI04", "group_sender", an),
            row("OTI05", "group_receiver", an),
            row("OTI06", "group_date", date8),
            row("OTI07", "group_time", TIME),
            row("OTI08", "group_control_number", an),
            row("OTI09", "control_number", an),
            row("OTI10", "document", an),
            row("OTI11", "version", an),
            row("OTI12", "purpose", SENT_FOR),
            references("REF"),
            DATES,
            *CONTACT,
            AMOUNTS,
            loop(
                "TED",
                "errors[]",
                row("TED01", "condition", CONDITION, M),
                row("TED02", "message", an),
                row("TED03", "segment", an),
                row("TED04", "position", n0),
                row("TED05", "element", ELEMENT),
                row("TED06", "element_number", ELEMENT),
                row("TED07", "value", an),
                row("TED08", "new_value", an),
                REMARKS,
            ),
        ),
    ),
)
