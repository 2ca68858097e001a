"""A truck load, from tender to bill: LoadTender, LoadTenderResponse, FreightInvoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from hub.canonical.order import Purpose
from hub.canonical.values import At, Canonical, Currency, Decimal_, Money, Party, Quantity, Text

__all__ = [
    "FreightCharge",
    "FreightInvoice",
    "FreightLine",
    "LoadTender",
    "LoadTenderResponse",
    "Stop",
    "StopOrder",
    "StopReason",
    "TenderAnswer",
]


class StopReason(StrEnum):
    """What the truck does at a stop; a part stop has more of the load before or after it."""

    LOAD = "LOAD"
    PART_LOAD = "PART_LOAD"
    COMPLETE_LOAD = "COMPLETE_LOAD"
    UNLOAD = "UNLOAD"
    PART_UNLOAD = "PART_UNLOAD"
    COMPLETE_UNLOAD = "COMPLETE_UNLOAD"


class StopOrder(Canonical):
    """One order that is picked up or delivered at a stop."""

    id: Text | None = None
    order_id: Text | None = None
    weight: Quantity | None = None


class Stop(Canonical):
    """Where the truck stops, and between what times."""

    sequence: int
    reason: StopReason
    place: Party
    earliest_at: At | None = None
    latest_at: At | None = None
    weight: Quantity | None = None
    quantity: Quantity | None = None
    appointment_number: Text | None = None
    notes: tuple[Text, ...] = ()
    orders: tuple[StopOrder, ...] = ()


class LoadTender(Canonical):
    """A load is offered to a carrier. ``shipment_id`` names it in every later document."""

    shipment_id: Text
    purpose: Purpose
    carrier_scac: Text
    freight_payment: Text
    mode: Text | None = None
    bill_of_lading: Text | None = None
    order_id: Text | None = None
    respond_by: At | None = None
    equipment_type: Text | None = None
    trailer_number: Text | None = None
    bill_to: Party | None = None
    weight: Quantity | None = None
    charge: Money | None = None
    notes: tuple[Text, ...] = ()
    stops: tuple[Stop, ...] = Field(min_length=1)


class TenderAnswer(StrEnum):
    """What a carrier says to a tender; DECLINED is also what X12 4010 calls a cancelled reservation."""

    ACCEPTED = "ACCEPTED"
    CONDITIONAL = "CONDITIONAL"
    COUNTERED = "COUNTERED"
    DECLINED = "DECLINED"


class LoadTenderResponse(Canonical):
    """A carrier's answer to a load tender. ``reference``: its own number for the load, usually the PRO."""

    shipment_id: Text
    carrier_scac: Text
    answer: TenderAnswer
    answer_date: date | None = None
    reference: Text | None = None
    reason: Text | None = None


class FreightCharge(Canonical):
    """One charge. ``code``: X12 element 150, None for the freight itself; ``rate`` per ``rate_basis`` (element 122)."""

    amount: Money
    code: Text | None = None
    description: Text | None = None
    rate: Decimal_ | None = None
    rate_basis: Text | None = None


class FreightLine(Canonical):
    """What was carried and what it costs. ``weight_kind``: GROSS, BILLED, NET, ESTIMATED (X12 element 187)."""

    line_id: int
    description: Text | None = None
    freight_class: Text | None = None
    weight: Quantity | None = None
    weight_kind: Text | None = None
    pieces: int | None = None
    packaging: Text | None = None
    charges: tuple[FreightCharge, ...] = ()


class FreightInvoice(Canonical):
    """A carrier's bill; ``payable`` is the sum of all charges, ``shipment_id`` the shipper's number."""

    id: Text
    issue_date: date
    shipment_id: Text | None = None
    carrier_scac: Text
    freight_payment: Text
    currency: Currency
    bill_of_lading: Text | None = None
    pro_number: Text | None = None
    order_ids: tuple[Text, ...] = ()
    pickup_date: date | None = None
    delivery_date: date | None = None
    shipper: Party | None = None
    consignee: Party | None = None
    bill_to: Party | None = None
    gross_weight: Quantity | None = None
    lines: tuple[FreightLine, ...] = Field(min_length=1)
    payable: Money

    @model_validator(mode="after")
    def _charges_agree(self) -> Self:
        total = sum((charge.amount.amount for line in self.lines for charge in line.charges), Decimal(0))
        if total != self.payable.amount:
            msg = f"the charges add up to {total}, the bill says {self.payable.amount}"
            raise ValueError(msg)
        return self
