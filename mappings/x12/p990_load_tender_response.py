"""990 Response to a Load Tender ⇄ LoadTenderResponse. 004010 carries the carrier's reference in N9, 005010 in L11."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.canonical import LoadTenderResponse, TenderAnswer
from hub.canonical.values import Text
from hub.mapping.codecs import an, code, date8
from hub.mapping.notation import M, Via, row, spread
from hub.mapping.x12_mapping import document

__all__ = ["LOAD_TENDER_RESPONSE"]

ANSWER = code(
    {
        "A": TenderAnswer.ACCEPTED,
        "B": TenderAnswer.CONDITIONAL,
        "C": TenderAnswer.COUNTERED,
        "D": TenderAnswer.DECLINED,
    },
    also={"E": TenderAnswer.DECLINED},
)
"""558. E, declined, exists since 004040; before, and by most carriers still, D says it."""


class Answer(LoadTenderResponse):
    """The document: as the message, with remarks (K1), where many carriers say why they decline."""

    remarks: tuple[Text, ...] = ()


def _read(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for data in documents:
        remarks = data.pop("remarks", None)
        if remarks:
            data.setdefault("reason", " ".join(remarks))
    return documents


def _write(messages: Sequence[LoadTenderResponse]) -> list[Answer]:
    return [Answer.model_construct(**{**dict(message), "remarks": ()}) for message in messages]


LOAD_TENDER_RESPONSE = document(
    "990",
    group="GF",
    model=LoadTenderResponse,
    via=Via(model=Answer, read=_read, write=_write),
    rows=(
        row("B101", "carrier_scac", an, M),
        row("B102", "shipment_id", an, M),
        row("B103", "answer_date", date8),
        row("B104", "answer", ANSWER, M),
        row("N9[CN]02", "reference", an),
        row("N9[CN]03", "reason", an),
        row("L11[02=CN]01", "reference", an),
        row("L11[02=CN]03", "reason", an),
        spread("K101", "remarks[]", an, across=2),
    ),
)
